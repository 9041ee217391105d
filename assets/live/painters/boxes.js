// Boxes with names: {boxes: [[left, top, right, bottom, name, score], …], colours: {name: "#rrggbb"}}, in pixels of the
// server's picture, the surest first. Beside it stands how many there are of each name.
const BOX_COLOUR = "#7ac70c"; // where a name has none

const countsOf = (boxes) => {
  const counts = new Map();
  for (const [, , , , name] of boxes) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, n]) => `${n} × ${name}`).join(", ");
};

painter("boxes", {
  beside(root, { boxes }) {
    const [written] = once(root, '<div class="verdict" dir="auto"></div>');
    written.classList.toggle("unsure", !boxes.length);
    write(written, countsOf(boxes) || "Nothing found");
  },
  over({ draw, at, width, left, mirrored }, { boxes, colours }) {
    draw.lineWidth = Math.max(2, width / 250);
    draw.font = "600 14px system-ui, sans-serif";
    draw.textBaseline = "middle";
    for (const [x0, y0, x1, y1, name, score] of [...boxes].reverse()) {
      const [near, top] = at(mirrored ? x1 : x0, y0), [far, bottom] = at(mirrored ? x0 : x1, y1);
      const words = `${name} ${Math.round(100 * score)} %`, high = 22;
      draw.strokeStyle = draw.fillStyle = colours[name] ?? BOX_COLOUR;
      draw.strokeRect(near, top, far - near, bottom - top);
      const wide = draw.measureText(words).width + 10, x = Math.max(left, Math.min(near, left + width - wide));
      const y = top >= high ? top - high : top;
      draw.fillRect(x, y, wide, high);
      draw.fillStyle = "#fff";
      draw.strokeStyle = "rgb(0 0 0 / 60%)";
      const line = draw.lineWidth;
      draw.lineWidth = 3;
      draw.strokeText(words, x + 5, y + high / 2);
      draw.fillText(words, x + 5, y + high / 2);
      draw.lineWidth = line;
    }
  },
  said: ({ boxes }) => countsOf(boxes) || "Nothing found",
});
