// streamlit-webrtc's frame (same origin): what it does with the camera is seen here, and here alone it is made to stop
// and to start again. It listens to its connection's state and has a start button; nothing else of it is touched.
// Tested with 0.79; with another version components/camera/patches.py gives no button's name, and we only look.

const FRAME = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]';

function frameWindow() {
  const win = document.querySelector(FRAME)?.contentWindow;
  return win?.navigator ? win : null;
}

// Wraps the two browser calls that streamlit-webrtc makes. Calls `me.ask(getUserMedia, wanted)`, `me.began(connection)`,
// `me.sends(stream)` and `me.connectionChanged(connection)`. To be called again and again: the frame comes and goes.
function watch(win, me) {
  hideAlerts(win.document);
  if (win.limelight) {
    win.limelight.me = me;
    return;
  }
  const owner = (win.limelight = { me, answer: null });
  win.addEventListener("message", ({ data }) => {
    if (data?.type === "streamlit:render") owner.answer = data.args?.sdp_answer_json ?? null;
  });
  const devices = win.navigator.mediaDevices;
  if (devices?.getUserMedia) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wanted) => owner.me.ask(() => ask(wanted), wanted);
  }
  const Connection = win.RTCPeerConnection;
  if (Connection) win.RTCPeerConnection = watched(Connection, owner);
}

function watched(Connection, owner) {
  return class extends Connection {
    constructor(...args) {
      super(...args);
      this.ending = this.wasConnected = this.refused = false;
      owner.me.began(this);
      this.addEventListener("connectionstatechange", () => {
        this.wasConnected ||= this.reallyIs === "connected";
        if (!this.ending && owner.me.pc === this) owner.me.connectionChanged(this);
      });
    }

    get reallyIs() {
      return super.connectionState;
    }

    // as streamlit-webrtc sees it: it ends the camera at "disconnected", from which a connection recovers by itself
    get connectionState() {
      if (this.ending) return "failed";
      if (super.connectionState !== "disconnected" || !owner.me.mayPress()) return super.connectionState;
      return this.wasConnected ? "connected" : "connecting";
    }

    addTrack(track, ...streams) {
      if (owner.me.pc === this) owner.me.sends(streams[0], track);
      return super.addTrack(track, ...streams);
    }

    async setRemoteDescription(answer) {
      try {
        return await super.setRemoteDescription(answer);
      } catch (error) {
        this.refused = true; // it stops then, as if the visitor had pressed
        throw error;
      }
    }
  };
}

// Whether somebody pressed Stop, or streamlit-webrtc gave up, on this connection: then nothing is to be sent by it.
function wasStopped(pc) {
  if (pc.signalingState === "closed") return true;
  const ways = pc.getTransceivers().map(({ direction }) => direction);
  return ways.length > 0 && !ways.some((direction) => direction.startsWith("send"));
}

// Whether the camera is only being asked for: nothing was given to the connection yet.
function isEmpty(pc) {
  return pc.signalingState !== "closed" && pc.getTransceivers().length === 0;
}

// The frame stops its camera and connection, and tells the server, as when the network fails for good.
function end(pc) {
  if (!pc || pc.ending || wasStopped(pc)) return;
  pc.ending = true;
  pc.dispatchEvent(new Event("connectionstatechange"));
}

function startButton(win, name) {
  if (!name) return null;
  return [...win.document.querySelectorAll("button")].find((button) => button.textContent.trim() === name) ?? null;
}

// Whether a start would find everything as before the first one: the button there, the last answer forgotten.
function isReady(win, name) {
  const button = startButton(win, name);
  return Boolean(button && !button.disabled && win.limelight && win.limelight.answer === null);
}

// Our line says what is wrong and what to do; the frame's own box would say it again, as an exception. The frame keeps
// its window but not its document while it loads, so this is asked anew each time.
function hideAlerts(doc) {
  if (!doc?.head || doc.getElementById("limelight-style")) return;
  const style = doc.createElement("style");
  style.id = "limelight-style";
  style.textContent = `${fontFaces()} .MuiAlert-root { display: none !important; }
    .MuiButton-root { font: 400 17px/1.4 ${getComputedStyle(document.body).fontFamily} !important; letter-spacing: 0 !important;
      text-transform: none !important; border-radius: 2rem !important; box-shadow: none !important; padding: .4rem 1rem !important; }
    .MuiButton-root:focus-visible { outline: 3px solid currentColor; outline-offset: -5px; }`;
  doc.head.append(style);
}

// The page's own font for the frame's buttons: a frame does not share it.
function fontFaces() {
  const { fontFamily } = getComputedStyle(document.body);
  const absolute = (sheet) => (whole, path) => `url("${new URL(path, sheet.href ?? document.baseURI)}")`;
  return [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]
    .filter((rule) => rule instanceof CSSFontFaceRule && fontFamily.includes(rule.style.fontFamily))
    .map((rule) => rule.cssText.replace(/url\("([^"]+)"\)/g, absolute(sheet)))).join(" ");
}
