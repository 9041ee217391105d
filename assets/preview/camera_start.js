// What the camera goes through from the press of Start. A start that fails is tried again by itself, a few times, and
// the line says so; a camera that the visitor forbids or does not have is not. See streamer_frame.js.

const TRIES = 4; // from a press of Start, the first among them
// A full server answers late; ICE gives up later than a visitor does. Each try has more time: were the machine only slow,
// the same time again would fail again.
const ANSWER_MS = 20000, CONNECT_MS = 15000;
const RECOVER_MS = 5000; // an interrupted connection that has not come back so long after the network is made anew
const GIVE_UP_MS = 300000; // whoever has had no network for so long has to press
const STEADY_MS = 10000; // live for so long: what breaks now is not the start
const READY_MS = 10000; // the frame and the server forget the last start within this
const WAKES_MS = 3000; // a camera that ends so soon after the page was hidden or came back was not unplugged

const REFUSALS = {
  NotAllowedError: "denied", SecurityError: "denied", PermissionDeniedError: "denied",
  NotFoundError: "none", DevicesNotFoundError: "none", OverconstrainedError: "none",
  NotReadableError: "busy", TrackStartError: "busy", AbortError: "busy",
};
const PASSING = ["busy", "error"]; // refusals that may be over in a moment

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const isEnded = ({ track }) => track?.kind === "video" && track.readyState === "ended";

// Gives `me` what streamer_frame.js calls, and `check`, to be called often.
function followStart(me) {
  const waited = () => performance.now() - me.since;
  const waitedOnLine = () => performance.now() - Math.max(me.since, me.line.upSince ?? Infinity);
  const stopFrame = () => me.mayPress() && end(me.pc);
  const forget = () => (me.pc = me.stream = me.link = me.last = null);
  const isLive = (stream) => stream?.getVideoTracks().some(({ readyState }) => readyState === "live");
  let turnedAt = -Infinity; // when the page was hidden or came back last
  let spare = null, lastWanted = ""; // the camera's stream while a start is tried again: nobody is asked for it twice

  const noteTurn = () => (turnedAt = performance.now());
  document.addEventListener("visibilitychange", noteTurn);
  me.endStart = () => {
    document.removeEventListener("visibilitychange", noteTurn);
    me.letGo();
  };

  me.mayPress = () => Boolean(me.data?.start); // this version of the frame is known

  me.began = (pc) => {
    me.hasBegun = true;
    me.tries = me.pressed ? me.tries + 1 : 1;
    me.hadWay &&= me.pressed;
    me.pressed = me.answered = me.running = false;
    me.stream = me.link = me.last = null;
    me.pc = pc;
  };

  // The frame asks the browser for the camera: for a start, or while the visitor chooses among cameras.
  me.ask = async (getUserMedia, wanted) => {
    const pc = me.pc;
    if (!pc || !isEmpty(pc)) return getUserMedia();
    const kept = me.spare();
    if (kept && isWanted(kept, wanted)) {
      spare = null;
      return kept;
    }
    me.letGo();
    lastWanted = withoutDevice(wanted);
    for (;;) {
      me.set("asking");
      try {
        const stream = await getUserMedia();
        if (me.pc === pc) return stream;
        stream.getTracks().forEach((track) => track.stop()); // Stop was pressed meanwhile
        throw new DOMException("no longer wanted", "AbortError");
      } catch (error) {
        if (me.pc !== pc) throw error;
        const state = REFUSALS[error.name] ?? "error";
        if (!PASSING.includes(state) || me.tries >= TRIES) {
          if (error.name !== "OverconstrainedError") me.pc = null; // after that one the frame asks once more
          me.set(state);
          throw error;
        }
        me.tries += 1;
        me.set("taken");
        await pause(1000 * me.tries);
        if (me.pc !== pc) throw error;
      }
    }
  };

  me.sends = (stream, track) => {
    const pc = me.pc;
    me.stream = stream;
    track.addEventListener("ended", () => {
      if (me.pc === pc && pc.getSenders().some((sender) => sender.track === track)) me.loseCamera();
    });
    me.set("connecting");
  };

  me.connectionChanged = (pc) => {
    const now = pc.reallyIs;
    if (now === "connected") {
      me.hadWay = true;
      me.set("live");
    }
    if (now === "disconnected" && me.state === "live") {
      if (waited() > STEADY_MS) me.tries = 0;
      me.line.forget();
      me.set("interrupted");
    }
    if (now === "failed" || now === "closed") me.fail(pc.wasConnected ? "lost" : "failed");
  };

  // The frame names the device from the second time on.
  const withoutDevice = ({ video }) => JSON.stringify({ ...video, deviceId: null });
  const isWanted = (stream, wanted) => {
    const { deviceId } = stream.getVideoTracks()[0].getSettings();
    return lastWanted === withoutDevice(wanted) && (wanted.video.deviceId?.exact ?? deviceId) === deviceId;
  };

  // The camera's stream while there is no connection to send it by.
  me.spare = () => (isLive(spare) ? spare : null);
  me.letGo = () => {
    spare?.getTracks().forEach((track) => track.stop());
    spare = null;
  };

  // Unplugged, taken by another program, or forbidden while it was on: nothing that trying again would mend. A phone that
  // sleeps ends its camera, too, and gives it back when it wakes.
  me.loseCamera = () => {
    if (wasStopped(me.pc)) return;
    if (document.hidden || performance.now() - turnedAt < WAKES_MS) return me.fail("gone");
    stopFrame();
    forget();
    me.set("gone");
    navigator.permissions?.query({ name: "camera" }).then(
      ({ state }) => state === "denied" && me.state === "gone" && me.set("denied"),
      () => {}, // a browser that does not know this question
    );
  };

  me.fail = (why) => {
    if (me.state === "live" && waited() > STEADY_MS) me.tries = 0;
    if (me.mayPress() && isLive(me.stream)) {
      me.letGo();
      spare = me.stream.clone(); // the frame ends its own
    }
    stopFrame();
    forget();
    me.why = why;
    me.line.forget();
    if (me.mayPress() && me.tries < TRIES) return me.set("again");
    me.letGo();
    me.set(why);
  };

  me.check = (win) => {
    const { pc, state } = me;
    if (state === "again" || state === "interrupted") me.line.ask();
    if (state === "again") return pressAgain(win);
    if (state === "idle" && me.data?.begins && !me.hasBegun) begin(win);
    if (pc && wasStopped(pc)) {
      if (pc.refused) return me.fail("error");
      forget();
      return me.set("idle"); // stopped by the visitor
    }
    if (pc && pc.getSenders().some(isEnded)) return me.loseCamera();
    if (state === "asking" || state === "taken") {
      const offered = Boolean(win && startButton(win, me.data?.start));
      me.running ||= !offered; // the button changes a moment after the press
      if (me.running && offered) {
        forget();
        return me.set("idle"); // stopped before there was a picture
      }
    }
    if (state === "interrupted" && waitedOnLine() > RECOVER_MS && me.mayPress()) return me.fail("lost");
    if (state === "connecting") checkConnecting(pc);
  };

  // Without a press, for whoever has given the permission before: nobody is asked unawares.
  function begin(win) {
    if (document.hidden || !win || !isReady(win, me.data.start)) return;
    me.hasBegun = true;
    navigator.permissions?.query({ name: "camera" }).then(
      ({ state }) => state === "granted" && me.state === "idle" && startButton(win, me.data?.start)?.click(),
      () => {}, // a browser that does not know this question
    );
  }

  function checkConnecting(pc) {
    if (pc.remoteDescription && !me.answered) {
      me.answered = true;
      me.since = performance.now();
    }
    if (waited() < (me.answered ? CONNECT_MS : ANSWER_MS) * me.tries) return;
    const hasNoWay = pc.iceGatheringState === "complete" && !pc.localDescription?.sdp.includes("a=candidate");
    if (hasNoWay && !me.hadWay) me.tries = TRIES; // another try would find no other network
    me.fail(me.answered || hasNoWay ? "failed" : "unanswered");
  }

  function pressAgain(win) {
    if (document.hidden) return;
    const late = waitedOnLine() > READY_MS;
    if (me.pressed) return late && waitedOnLine() > 2 * READY_MS && giveUp();
    if (me.line.upSince === null) return waited() > GIVE_UP_MS && giveUp();
    if (waitedOnLine() < 1000 * (me.tries + Math.random())) return; // a room that failed together does not come together
    const button = win && startButton(win, me.data?.start);
    if (!button || !(isReady(win, me.data.start) || late)) return late && !button && giveUp();
    me.pressed = true;
    button.click();
  }

  function giveUp() {
    me.pressed = false;
    me.letGo();
    me.set(me.why);
  }
}
