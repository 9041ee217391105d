// Tells the server one thing at a time: a second press while the page still runs for the first would take its place.
// What waits and goes the same way goes together.

const ANSWER_MS = 6000; // after which a press counts as unheard

function createOffice(tell, onSilence) {
  let sent = null, timer;
  const waiting = [];

  const next = () => {
    clearTimeout(timer);
    sent = waiting.shift() ?? null;
    if (!sent) return;
    sent.id = Math.random().toString(36).slice(2);
    timer = setTimeout(() => {
      next();
      onSilence();
    }, ANSWER_MS);
    tell(sent);
  };

  return {
    send: (message) => {
      const same = waiting.find(({ action, to }) => action === message.action && to === message.to);
      if (same) same.keys.push(...message.keys);
      else waiting.push(message);
      if (!sent) next();
    },
    answered: (id) => sent?.id === id && next(),
    has: (key) => [sent, ...waiting].some((message) => message?.keys.includes(key)),
    leave: () => clearTimeout(timer),
  };
}
