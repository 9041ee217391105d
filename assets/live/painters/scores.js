// A classifier's scores: {top: [[label, share], …], sure}. See Scores.to_browser.
const verdictOf = ({ top: [[label, share]], sure }) => (sure ? label : `Not sure. Perhaps ${label} (${percent(share)})`);

painter("scores", {
  beside(root, message) {
    const [verdict, bars] = once(root, '<div class="verdict"><span></span> <small></small></div><div class="bars"></div>');
    const { top, sure } = message;
    verdict.classList.toggle("unsure", !sure);
    write(verdict.children[0], verdictOf(message));
    write(verdict.children[1], sure ? percent(top[0][1]) : "");
    rows(bars, "div", top, (bar, [label, share]) => fillBar(bar, label, share, percent(share), share < message.threshold));
  },
  said: verdictOf,
});
