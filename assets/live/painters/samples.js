// Samples that are being recorded: {count, wait, left}: how many there are, ms until it begins, ms from then on until it
// ends, null for never. See components/teachable/collecting.py, which has the same without a socket.
painter("samples", {
  beside(root, message, hub) {
    const { count, wait, left } = message, age = ageBeside(message, hub);
    const [box] = once(root, '<div class="count on" title="samples"><b></b> <small></small></div>');
    const waits = wait > age;
    write(box.children[0], waits ? `${Math.ceil((wait - age) / 1000)}` : count.toLocaleString("en"));
    write(box.children[1], waits ? "get ready" : left === null ? "" : `${Math.max(0, Math.round((wait + left - age) / 1000))} s`);
    return waits ? ((wait - age) % 1000) + 1 : 0;
  },
  said: ({ count, wait }) => (wait > 0 ? "get ready" : `${count} samples`),
});
