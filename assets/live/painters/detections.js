// Things in boxes: {things: [[left, top, right, bottom, name, score, number], …], colours: {name: "#rrggbb"}, colour,
// gate: {zone, corners}, blocks}. Boxes are in pixels of the server's picture, the surest first, the gate's corners in 0..1
// of its sides; number 0 means that nobody follows them. See models/detector/boxes.py and counting.py.
const GATE_COLOUR = "#ffd43b";

// Where the box is now, between the result before and the newest: who has no number jumps.
function boxBetween(thing, before, part) {
  const earlier = thing[6] ? before?.things?.find((one) => one[6] === thing[6]) : undefined;
  return earlier && part < 1 ? towards(earlier.slice(0, 4), thing.slice(0, 4), part) : thing.slice(0, 4);
}

function drawGate(view, { zone, corners: [x0, y0, x1, y1] }, [wide, high]) {
  const [a, b] = view.at(x0 * wide, y0 * high), [c, d] = view.at(x1 * wide, y1 * high);
  strokeTwice(view.draw, GATE_COLOUR, 3, 5, () => {
    if (zone) return view.draw.rect(Math.min(a, c), b, Math.abs(c - a), d - b);
    view.draw.moveTo(a, b);
    view.draw.lineTo(c, d);
  });
}

painter("detections", {
  beside: (root, { blocks = [] }) => PAINTERS.report.beside(root, { blocks }),
  said: ({ blocks = [] }) => PAINTERS.report.said({ blocks }),
  over(view, newest, before, now) {
    const part = view.still ? 1 : partOfTheWay(newest, before, now), { draw } = view, taken = [];
    draw.save();
    draw.beginPath();
    draw.rect(view.left, view.top, view.width, view.height); // not on the bars beside the picture
    draw.clip();
    if (newest.gate) drawGate(view, newest.gate, newest.size);
    const thick = Math.max(2, unitOf(view) / 2);
    const placed = [...newest.things].reverse().map((thing) => {
      const [x0, y0, x1, y1] = boxBetween(thing, before, part);
      const [a, b] = view.at(x0, y0), [c, d] = view.at(x1, y1), left = Math.min(a, c);
      const colour = newest.colour ?? newest.colours?.[thing[4]] ?? SOMEBODY;
      strokeTwice(draw, colour, thick, thick + 2, () => draw.rect(left, b, Math.abs(c - a), d - b));
      return [left, b, thing];
    });
    for (const [left, top, [, , , , name, score, number]] of placed) {
      writeAbout(view, [left, top], `${name}${number ? ` ${number}` : ""} ${percent(score)}`, taken);
    }
    draw.restore();
    return part < 1 && newest.things.some((thing) => thing[6]);
  },
});
