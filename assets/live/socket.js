// The page's own websocket: see components/live/socket.py. One for all parts of the page that show something of it; they
// find it on the window, for Streamlit gives each component a module of its own. It reconnects by itself.

const AWAY_MS = 5000; // without a socket for so long: the page's fragments take over
const SILENT_MS = 5000; // the server answers every second; one that does not is gone
const TICK_MS = 1000, READ_EVERY = 4; // messages: the server has eight on their way at most
const WAITS_MS = [1000, 2000, 4000, 8000, 10000]; // before each next try, the last again and again
const OVER = 4000, REPLACED = 4001, UNKNOWN = 4404; // codes of closing after which another try makes no sense
const LEAVE_MS = 1500; // a page whose feed has ended takes its parts down within this
const RATE_MS = 3000, TRIPS = 20;

const liveHub = () => (window.limelightLive ??= createHub());

function createHub() {
  const hub = { token: null, state: "idle", toServerMs: null, channels: new Map() };
  const listeners = new Set(), users = new Set();
  let socket = null, retry = null, tries = 0, read = 0, heard = 0, awaySince = 0, trips = [], page = "";

  // `listener(message)` for each message, `listener(null)` when the state has changed. Returns how to end that.
  hub.listen = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const tell = (message) => listeners.forEach((listener) => listener(message));
  const set = (state) => {
    if (hub.state === state) return;
    hub.state = state;
    tell(null);
  };

  // `user` wants the feed of that token; `of`: the last part of the page's address.
  hub.use = (user, token, of) => {
    users.add(user);
    page = of;
    if (token === hub.token) return;
    end();
    Object.assign(hub, { token, channels: new Map() });
    awaySince = performance.now();
    tries = 0;
    set("connecting");
    connect();
  };
  hub.release = (user) => {
    users.delete(user);
    setTimeout(() => users.size || end(), 500); // a page that runs again takes its parts down and up
  };

  // To the server: bytes, at most 64,000. Dropped without a socket, and while what was sent before is still here.
  hub.send = (bytes) => {
    if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount === 0) socket.send(bytes);
  };

  // How old what a message is about is now, in ms, from the camera on where the way to the server was measured.
  hub.age = (message, now = performance.now()) =>
    trips.length ? now + best().offset - message.at + (hub.toServerMs ?? 0) : null;
  hub.rate = (channel) => {
    const { times = [] } = hub.channels.get(channel) ?? {};
    const recent = times.filter((time) => time > performance.now() - RATE_MS);
    return recent.length < 2 ? null : (1000 * (recent.length - 1)) / (recent.at(-1) - recent[0]);
  };
  const best = () => trips.reduce((a, b) => (b.trip < a.trip ? b : a)); // the quickest says most about the clocks

  function end() {
    clearTimeout(retry);
    const old = socket;
    socket = null;
    old?.close();
    Object.assign(hub, { token: null, channels: new Map() }); // nothing of it is drawn on what comes next
    set("idle");
  }

  function connect() {
    clearTimeout(retry);
    const mine = (socket = new WebSocket(address()));
    mine.binaryType = "arraybuffer";
    read = 0;
    heard = performance.now();
    mine.onopen = () => {
      if (socket !== mine) return;
      heard = performance.now();
      note();
    };
    mine.onmessage = ({ data }) => socket === mine && take(data);
    mine.onclose = ({ code }) => socket === mine && closed(code);
  }

  function closed(code) {
    socket = null;
    if (hub.state === "open") awaySince = performance.now();
    if (code === REPLACED) return set("idle");
    if (code === UNKNOWN) return set("lost"); // the page has to make a new one
    if (code === OVER) return void (retry = setTimeout(() => users.size && set("lost"), LEAVE_MS));
    if (hub.state !== "away") set("connecting");
    retry = setTimeout(connect, WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)] * (0.9 + 0.2 * Math.random()));
  }

  // A browser waits a minute for the goodbye of a server that it can't hear.
  function giveUp() {
    const silent = socket;
    closed(null);
    silent.close();
  }

  // Below whatever path a proxy has the server: the page's own address without its last part
  function address() {
    const url = new URL(window.location.href);
    const path = url.pathname.replace(/\/+$/, "");
    const base = page && path.endsWith(`/${page}`) ? path.slice(0, -page.length - 1) : path;
    return `${url.protocol === "https:" ? "wss" : "ws"}://${url.host}${base}/live/${hub.token}`;
  }

  function note() {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(["read", read, performance.now()]));
  }

  function take(data) {
    const now = (heard = performance.now());
    read += 1;
    const message = typeof data === "string" ? JSON.parse(data) : unpacked(data);
    if (message.channel === "clock") {
      const trip = now - message.asked;
      if (message.asked) trips = [...trips, { trip, offset: message.now - (message.asked + now) / 2 }].slice(-TRIPS);
      tries = 0;
      return set("open");
    }
    if (read % READ_EVERY === 0) note();
    const { newest = null, times = [] } = hub.channels.get(message.channel) ?? {};
    message.received = now;
    hub.channels.set(message.channel, { newest: message, before: newest, times: [...times.slice(-60), now] });
    tell(message);
  }

  setInterval(() => {
    if (!hub.token || hub.state === "idle" || hub.state === "lost") return;
    const now = performance.now();
    note();
    if (socket && now - heard > SILENT_MS) giveUp();
    if (hub.state !== "open" && now - awaySince > AWAY_MS) set("away");
  }, TICK_MS);
  // Whoever knows that the network is back: don't wait for the next try.
  hub.hurry = () => {
    if (hub.token && !socket && hub.state !== "idle" && hub.state !== "lost" && !document.hidden) connect();
  };
  for (const event of ["online", "visibilitychange"]) window.addEventListener(event, hub.hurry);
  return hub;
}

// Four bytes that say how long the JSON is, the JSON, a picture.
function unpacked(buffer) {
  const length = new DataView(buffer).getUint32(0);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { ...message, picture: new Blob([new Uint8Array(buffer, 4 + length)]) };
}
