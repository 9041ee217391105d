// What is said of a result, block by block: {verdict, small, unsure}, {bars: [[name, share, figure, weak], …], words},
// {note}, {faces: [SVG, …]}. See components/report.py.
const BLOCKS = {
  verdict(element, { verdict, small, unsure }) {
    const [line] = once(element, '<div class="verdict"><span></span> <small></small></div>');
    line.classList.toggle("unsure", Boolean(unsure));
    write(line.children[0], verdict);
    write(line.children[1], small ?? "");
  },
  bars(element, { bars, words }) {
    const [list] = once(element, '<div class="bars fine"></div>');
    list.classList.toggle("words", Boolean(words));
    rows(list, "div", bars, (bar, [name, share, figure, isWeak]) => fillBar(bar, name, share, figure, isWeak));
  },
  note(element, { note }) {
    write(once(element, '<p class="live-line"></p>')[0], note);
  },
  faces(element, { faces }) {
    const [list] = once(element, '<div class="avatars"></div>');
    rows(list, "img", faces, (img, svg) => {
      img.alt = "A drawn face that does the same";
      const url = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      if (img.src !== url) img.src = url;
    });
  },
};
const wayOf = (block) => Object.keys(BLOCKS).find((name) => name in block);

painter("report", {
  beside: (root, { blocks }) => rows(root, "div", blocks, (element, block) => BLOCKS[wayOf(block)](element, block)),
  said: ({ blocks }) => blocks.filter(({ verdict }) => verdict).map(({ verdict, small }) => `${verdict} ${small ?? ""}`.trim()).join(". "),
});
