// Tests what a camera needs between this browser and the server, and says in plain words what is missing. See
// components/hosting/connection.py, which hands over this session's STUN and TURN servers and the page's feed. In one
// module with assets/live/socket.js.

const WAIT_MS = 8000;
const within = (promise, ms = WAIT_MS) => Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error("late")), ms))]);

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelight ??= { running: false });
  me.data = data;
  me.tell = (report) => setStateValue("report", report);
  const again = parentElement.querySelector(".again"), copy = parentElement.querySelector(".copy");
  again.onclick = () => run(parentElement, me);
  copy.onclick = async () => {
    await navigator.clipboard?.writeText(me.lines.map(({ mood, what, words }) => `${mood}: ${what}. ${words}`).join("\n"));
    copy.textContent = navigator.clipboard ? "Copied" : "Only secure pages can copy";
  };
  if (!me.started) {
    me.started = true;
    run(parentElement, me);
  }
}

async function run(root, me) {
  if (me.running) return;
  me.running = true;
  me.lines = [];
  const list = root.querySelector("ul");
  list.replaceChildren();
  root.querySelector(".again").disabled = true;
  const say = (mood, what, words = "") => {
    me.lines.push({ mood, what, words });
    const item = document.createElement("li"), name = document.createElement("b"), more = document.createElement("span");
    item.className = mood;
    name.textContent = what;
    more.textContent = words;
    item.append(name, ...(words ? [more] : []));
    list.append(item);
  };
  for (const test of [secure, camera, server, feed, ways, relay]) {
    try {
      await test(say, me.data);
    } catch (error) {
      say("bad", "A test did not come to its end", `${error.name}: ${error.message}`);
    }
  }
  const bad = me.lines.filter(({ mood }) => mood === "bad").length;
  say(bad ? "bad" : "good", bad ? `${bad} of these keep the camera from working` : "The camera should work here",
    bad ? "What to do stands beside each." : "Open a demo and press “Start camera”.");
  root.querySelector(".again").disabled = false;
  me.running = false;
  me.tell({ bad, tests: me.lines.length });
}

function secure(say) {
  if (window.isSecureContext) return say("good", "This page is secure", "Browsers give it the camera.");
  say("bad", "This page is not secure", "Browsers give the camera to HTTPS pages and to localhost only. Ask for the address " +
    "that begins with https://. Host: make run-https, or a web server with a certificate (docs/hosting.md, “HTTPS”).");
}

async function camera(say) {
  const devices = navigator.mediaDevices;
  if (!devices?.getUserMedia) {
    return say("bad", "The browser has no camera for this page", window.isSecureContext ?
      "Use a current Chrome, Edge, Firefox or Safari, not one inside another app." : "It follows from the page not being secure.");
  }
  const found = (await within(devices.enumerateDevices())).some(({ kind }) => kind === "videoinput");
  if (!found) return say("bad", "No camera was found", "Plug one in, or use Upload, Paste and Samples on the demos.");
  const state = await navigator.permissions?.query({ name: "camera" }).then((answer) => answer.state).catch(() => "prompt");
  if (state === "denied") {
    return say("bad", "The camera is blocked for this page", "Click the camera or lock sign in the address bar, allow the camera, then reload.");
  }
  say("good", "There is a camera", state === "granted" ? "This page may use it." : "The browser will ask you when it starts.");
}

async function server(say) {
  const health = new URL(location.pathname.replace(/[^/]*\/*$/, "healthz"), location.origin);  // a proxy may put a path before
  const times = [];
  for (let n = 0; n < 4; n++) {
    const began = performance.now();
    const answer = await within(fetch(health, { cache: "no-store" }));
    if (!answer.ok) return say("bad", "The server is busy starting or stopping", "Wait a minute and test again.");
    times.push(performance.now() - began);
  }
  const ms = Math.min(...times);
  say(ms < 400 ? "good" : "note", `The server answers in ${ms.toFixed(0)} ms`, ms < 400 ? "" : "That is slow: answers will lag. Is the Wi-Fi crowded?");
}

// Whether answers come by the live pages' own web socket.
async function feed(say, { token, page }) {
  const hub = liveHub(), me = {};
  let end = () => {};
  const opened = new Promise((done) => {
    end = hub.listen(() => hub.state === "open" && done());
    hub.use(me, token, page);
    if (hub.state === "open") done();
  });
  try {
    await within(opened, 5000);
    say("good", "Answers come at once", "A live page has a direct line to the server.");
  } catch {
    say("note", "Answers come more slowly here", "Something on the way blocks the live pages' direct line, so they ask for " +
      "answers three times a second instead. Host: the proxy has to pass web sockets below /live/ (docs/hosting.md, “HTTPS”).");
  } finally {
    end();
    hub.release(me);
  }
}

// Which ways there are out of this browser: on this network, through the router (STUN), through a relay (TURN).
async function ways(say, { servers }) {
  const pc = new RTCPeerConnection({ iceServers: servers ?? [] });
  const kinds = new Set(), errors = [];
  pc.onicecandidate = ({ candidate }) => candidate?.type && kinds.add(candidate.type);
  pc.onicecandidateerror = ({ errorCode, errorText }) => errors.push(`${errorCode} ${errorText}`.trim());
  pc.createDataChannel("test");
  await pc.setLocalDescription(await pc.createOffer());
  await within(new Promise((done) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done();
  })).catch(() => {});
  pc.close();
  if (kinds.has("host")) say("good", "There is a direct way on this network", "Works where the network lets devices reach each other.");
  else say("bad", "The browser offers no way for video", "WebRTC is switched off, by an add-on or by the company. Try another browser.");
  const turn = (servers ?? []).some(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
  if (!turn) {
    return say("note", "There is no relay (TURN server)", "Not needed while server and visitors share one network that lets " +
      "devices talk. If cameras stay at “Connecting”, the host has to name one (docs/hosting.md, “TURN”).");
  }
  if (kinds.has("relay")) return;
  const refused = errors.some((error) => error.startsWith("401"));
  say("bad", "The relay (TURN server) gave no way", refused ?
    "It refused the credentials. Host: LIMELIGHT_TURN_SECRET and the server's static-auth-secret differ, or the clocks do." :
    "It does not answer from here: this network blocks it, or it is not running. Host: open its port, also for TCP (?transport=tcp).");
}

// Whether data gets through the relay: from this browser to the relay and back to it.
async function relay(say, { servers }) {
  const turn = (servers ?? []).some(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
  if (!turn) return;
  const options = { iceServers: servers, iceTransportPolicy: "relay" };
  const a = new RTCPeerConnection(options), b = new RTCPeerConnection(options);
  a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate);
  try {
    const arrived = new Promise((done) => (b.ondatachannel = ({ channel }) => (channel.onmessage = done)));
    const channel = a.createDataChannel("test");
    channel.onopen = () => channel.send("hello");
    await a.setLocalDescription(await a.createOffer());
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription(await b.createAnswer());
    await a.setRemoteDescription(b.localDescription);
    await within(arrived);
    say("good", "The relay (TURN server) carries data", "Cameras work also where the network keeps devices apart.");
  } catch {
    say("bad", "Nothing comes through the relay (TURN server)", "Host: its ports for relaying (min-port to max-port) may be closed.");
  } finally {
    a.close();
    b.close();
  }
}
