// Words, one after the other, each for `every` ms; the last one stays: {words, every, passed}, `passed` ms having been
// counted when the message was made.
function wordNow({ words, every, passed }, since) {
  const age = passed + since;
  const number = Math.min(words.length - 1, Math.floor(age / every));
  return { word: words[number], left: number < words.length - 1 ? (number + 1) * every - age : 0 };
}

painter("countdown", {
  beside(root, message, hub) {
    const { word, left } = wordNow(message, ageBeside(message, hub));
    write(once(root, '<div class="board"><b class="count-in"></b></div>')[0].firstChild, word);
    return left;
  },
  said: ({ words }) => words.join(", "),
});
