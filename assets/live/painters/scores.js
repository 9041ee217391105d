// Scores: {top: [[label, share], …], sure, threshold}; bars below `threshold` are weak. Where the first label is not what
// is to be said: `verdict` and its `share`, null for none. `colours` has a #rrggbb for each bar, `note` a line below them.
// See Scores.to_browser and Answer.to_browser.
const verdictOf = ({ verdict, top, sure }) => {
  if (verdict) return verdict;
  const [label, share] = top[0];
  return sure ? label : `Not sure. Perhaps ${label} (${percent(share)})`;
};

painter("scores", {
  beside(root, message) {
    const { top, sure, colours = [] } = message;
    const [verdict, bars, note] = once(root,
      '<div class="verdict"><span></span> <small></small></div><div class="bars"></div><div class="latency"><span></span></div>');
    verdict.classList.toggle("unsure", !sure);
    write(verdict.children[0], verdictOf(message));
    write(verdict.children[1], sure ? percent(message.share ?? top[0][1]) : "");
    rows(bars, "div", top.map((one, i) => [...one, colours[i]]), (bar, [label, share, colour]) =>
      fillBar(bar, label, share, percent(share), share < message.threshold, colour));
    write(note.firstChild, message.note ?? "");
  },
  said: verdictOf,
});
