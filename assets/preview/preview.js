// Shows the stream that streamlit-webrtc's frame sends, and says how the camera stands. See components/camera/preview.py.
// Beside it in one module: camera_start.js (what a start goes through), line.js (whether the server answers),
// streamer_frame.js (how the frame is reached), and what assets/live draws over the picture.

const TELL_MS = 10000;

const STATES = {
  idle: ["", "Press “Start camera”. Your picture goes to this server to be looked at; nothing is kept but what you record."],
  asking: ["busy", "Waiting for your permission: answer the browser's question about the camera."],
  connecting: ["busy", "Camera is on. Connecting to the server…"],
  live: ["good", "Live"],
  interrupted: ["busy", "The connection is interrupted. It comes back by itself if the network does."],
  taken: ["busy", "The camera did not start: another program or tab may be using it. Close that one; this page tries again by itself."],
  again: ["busy", "The camera's connection to the server failed. Starting it again by itself…"],
  away: ["busy", "The server can't be reached. Check your network: the camera starts again by itself once there is one."],
  gone: ["bad", "The camera is gone: it was unplugged, or its permission was taken back. Plug it in or allow it, then press " +
    "“Start camera”. Without a camera: choose Photo, Upload, Paste or Samples above."],
  denied: ["bad", "The camera is blocked for this page. Click the camera or lock sign in the address bar, allow the " +
    "camera, then press “Start camera” again. Without a camera: choose Photo, Upload, Paste or Samples above."],
  none: ["bad", "No camera was found. Plug one in and press “Start camera” again, or choose Upload, Paste or Samples above."],
  busy: ["bad", "The camera is in use by another program or tab. Close that one, then press “Start camera” again."],
  insecure: ["bad", "The browser gives the camera to secure pages only. Open this page by HTTPS, or on the server itself " +
    "as localhost. Upload, Paste and Samples work here as they are."],
  unanswered: ["bad", "The server did not answer: it may be busy or restarting. Wait a moment, then press “Start camera” again."],
  failed: ["bad", "The camera is on, but its pictures don't reach the server: the network between is blocking them. Try " +
    "another network; the host may have to set up a TURN server (docs/hosting.md, “TURN”). What is in the way " +
    "says “Test my connection” on the page Home."],
  lost: ["bad", "The connection to the server broke off. Press “Start camera” again."],
  error: ["bad", "The camera did not start. Reload the page and try again, or choose Photo or Upload above."],
};

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelight ??= create(parentElement));
  me.data = data;
  me.tell = (link) => setStateValue("link", link);
  me.draw();
  return () => {
    clearInterval(me.timer);
    me.endOverlay();
    me.endStart();
    me.show(null);
    if (window.limelightCamera === me.camera) delete window.limelightCamera;
    delete parentElement.limelight;
  };
}

function create(root) {
  const me = { state: "idle", stream: null, pc: null, since: 0, link: null, last: null, told: -TELL_MS, ticks: 0, tries: 1 };
  const video = root.querySelector("video");
  const line = root.querySelector("p");

  me.show = (stream) => {
    if (video.srcObject !== stream) video.srcObject = stream;
  };
  me.set = (state) => {
    if (me.state !== state) me.since = performance.now();
    me.state = state;
    me.draw();
  };
  me.draw = () => {
    const [mood, words] = STATES[me.state === "again" && me.line.upSince === null ? "away" : me.state];
    const live = me.state === "live" || me.state === "interrupted";
    const numbers = me.state === "live" && me.link ? ` · ${me.link.width}×${me.link.height} · ${me.link.fps.toFixed(0)} pictures/s` +
      (me.link.toServerMs === null ? "" : ` · ${me.link.toServerMs.toFixed(0)} ms to the server`) : "";
    const note = live && me.data?.note ? ` · ${me.data.note}` : "";
    const tries = mood === "busy" && me.tries > 1 ? ` · try ${me.tries} of ${TRIES}` : "";
    if (line.textContent !== words + numbers + note + tries) line.textContent = words + numbers + note + tries;
    line.dataset.mood = note && mood === "good" ? "busy" : mood;
    Object.assign(line.dataset, { state: me.state, tries: me.tries });
    const shown = me.stream?.active ? me.stream : me.spare();
    me.show(shown);
    video.classList.toggle("shown", Boolean(shown));
    video.classList.toggle("mirrored", Boolean(me.data?.mirrored));
    video.classList.toggle("veiled", Boolean(me.data?.veiled));
  };

  const isOn = () => video.classList.contains("shown");
  me.endOverlay = followOverlay(video, root.querySelector("canvas"), () => Boolean(me.data?.mirrored), isOn);
  followStart(me);
  me.line = followLine(() => {
    me.draw();
    if (me.line.upSince !== null) liveHub().hurry();
  });
  me.tick = async () => {
    const win = frameWindow();
    if (win) watch(win, me); // again and again, and often: the frame comes and goes, a visitor is quick
    me.check(win);
    if (++me.ticks % 5) return;
    await keepBounds(me);
    if (me.state === "idle" && !window.isSecureContext && !navigator.mediaDevices) me.set("insecure");
    if (me.state === "live" && me.ticks % 30 === 0) await measure(me);
  };
  me.camera = window.limelightCamera = () => me.stream; // for photos: see assets/still
  me.timer = setInterval(() => me.tick().catch(() => {}), 50);
  return me;
}

// What the server can take for the moment: so many pictures a second, so high, none while the presenter lets cameras
// rest (they turn black here, before they leave).
async function keepBounds(me) {
  const data = me.data ?? {};
  for (const track of me.stream?.getVideoTracks() ?? []) track.enabled = !data.paused;
  const sender = me.pc?.getSenders?.().find(({ track }) => track?.kind === "video");
  const wanted = `${data.fps} ${data.height}`;
  if (!sender || !data.fps || me.state !== "live" || sender.limelight === wanted) return;
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  const { height = data.height } = sender.track.getSettings();
  parameters.encodings[0].maxFramerate = data.fps;
  parameters.encodings[0].scaleResolutionDownBy = Math.max(1, height / data.height);
  sender.limelight = wanted; // before the answer: a browser that refuses is asked once
  await sender.setParameters(parameters);
}

// Way to the server in ms: encoding + waiting to be sent + half a round trip, over the last interval.
async function measure(me) {
  if (!me.pc) return;
  let out = null, trip = null;
  (await me.pc.getStats()).forEach((s) => {
    if (s.type === "outbound-rtp" && s.kind === "video") out = s;
    if (s.type === "candidate-pair" && s.nominated && s.currentRoundTripTime != null) trip = s.currentRoundTripTime;
  });
  if (!out?.frameWidth) return;
  const last = me.last;
  me.last = out;
  if (!last) return;
  const frames = out.framesEncoded - last.framesEncoded, packets = out.packetsSent - last.packetsSent;
  const per = (total, n) => (n > 0 && Number.isFinite(total) ? (1000 * total) / n : 0);
  const toServerMs = trip === null ? null :
    per(out.totalEncodeTime - last.totalEncodeTime, frames) +
    per(out.totalPacketSendDelay - last.totalPacketSendDelay, packets) + 500 * trip;
  me.link = { state: me.state, width: out.frameWidth, height: out.frameHeight,
    fps: (1000 * frames) / (out.timestamp - last.timestamp), toServerMs };
  liveHub().toServerMs = toServerMs;
  me.draw();
  if (performance.now() - me.told > TELL_MS) { // each telling is a small run on the server
    me.told = performance.now();
    me.tell(me.link);
  }
}
