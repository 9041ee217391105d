// What a page's feed has on one channel, beside the picture: painted at once with each answer. See components/live. Where
// the page has said what stands there at `first`, there are no numbers and no line below.
// In one module with socket.js, painter.js and the painters.

const SAID_EVERY_MS = 2000; // a screen reader hears no more
const STALE_AFTER_MS = 3000;
const ASK_AGAIN_MS = 5000; // for a new feed: what the page is told while its own line is interrupted gets lost
const LINES = {
  waiting: "Waiting for the first picture…",
  connecting: "The direct line to the server is interrupted. Trying again…",
  away: "No direct line to the server: answers come more slowly. Trying again…",
};

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelight ??= create(parentElement));
  me.data = data;
  me.first = data.first && { ...data.first, received: performance.now() };
  me.tell = (state) => setStateValue("socket", state);
  me.hub.use(me, data.token, data.page);
  me.draw();
  return () => {
    me.end();
    delete parentElement.limelight;
  };
}

function create(root) {
  const hub = liveHub(), me = { hub, data: {}, told: null, said: 0, words: "" };
  const [answer, numbers, line, said] = root.querySelector(".live-panel").children;
  const began = performance.now();

  me.draw = () => {
    const pushed = hub.channels.get(me.data.channel)?.newest, bare = Boolean(me.first);
    const newest = bare && !(pushed?.at > me.first.at) ? me.first : pushed;
    const isInterrupted = hub.state === "away" || (hub.state === "connecting" && performance.now() - began > 2000);
    write(line, bare ? "" : isInterrupted ? LINES[hub.state] : newest ? "" : LINES.waiting);
    clearTimeout(me.later);
    if (!newest || hub.state === "away") return void (answer.hidden = numbers.hidden = true);
    answer.hidden = false;
    numbers.hidden = bare;
    const again = painterOf(newest).beside?.(answer, newest, hub);
    if (again) me.later = setTimeout(me.draw, again);
    answer.classList.toggle("stale", !bare && performance.now() - newest.received > STALE_AFTER_MS);
    say(painterOf(newest).said?.(newest) ?? "");
  };

  function say(words) {
    if (words === me.words || performance.now() - me.said < SAID_EVERY_MS) return;
    me.words = words;
    me.said = performance.now();
    write(said, words);
  }

  function count() {
    const { newest } = hub.channels.get(me.data.channel) ?? {}, rate = hub.rate(me.data.channel);
    const age = newest && me.age;
    PAINTERS.numbers.beside(numbers, { values: {
      "answers/s": rate?.toFixed(rate < 10 ? 1 : 0), "age when shown": age == null ? null : `${age.toFixed(0)} ms` } });
    tell();
    me.draw();
  }

  // The page hears of it once it is so for good, not of each moment: each telling is a run on the server
  function tell() {
    const now = { open: "open", away: "away", lost: `lost ${Math.floor(performance.now() / ASK_AGAIN_MS)}` }[hub.state];
    if (!now || now === (me.told ?? "open")) return;
    me.told = now;
    me.tell(now);
  }

  const end = hub.listen((message) => {
    if (message === null) tell();
    else if (message.channel !== me.data.channel) return;
    else me.age = hub.age(message);
    me.draw();
  });
  const timer = setInterval(count, 500);
  me.end = () => {
    end();
    clearInterval(timer);
    clearTimeout(me.later);
    hub.release(me);
  };
  return me;
}
