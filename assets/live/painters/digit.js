// What the digit network says: {seen, probabilities, maps}: grey pictures as base64 of bytes, 28 × 28 and maps of smaller
// sides; ten shares. See models/digits/reading.py.
function greyCanvas(canvas, text, colour = (level) => [level, level, level]) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), side = Math.round(Math.sqrt(bytes.length));
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  const draw = canvas.getContext("2d"), image = draw.createImageData(side, side);
  bytes.forEach((level, at) => image.data.set([...colour(level), 255], 4 * at));
  draw.putImageData(image, 0, 0);
}

painter("digit", {
  beside(root, { probabilities, seen, maps }) {
    const [box] = once(root, `<div class="digit"><div class="bars digits"></div>
      <div class="digit-seen"><canvas role="img" aria-label="The drawing as the network gets it, 28 by 28 pixels"></canvas><span></span></div>
      <div class="digit-maps"></div></div>`);
    const [bars, shown, layers] = box.children, best = probabilities ? Math.max(...probabilities) : 0;
    rows(bars, "div", [..."0123456789"], (bar, digit) => {
      const share = probabilities?.[digit] ?? 0;
      fillBar(bar, digit, share, probabilities ? percent(share) : "–", share < best);
    });
    shown.hidden = !seen;
    if (seen) greyCanvas(shown.firstElementChild, seen);
    write(shown.lastElementChild, seen ? "so the network gets it: 28 × 28 pixels, in the middle" : "");
    rows(layers, "div", maps ?? [], (row, layer) => rows(row, "canvas", layer, (canvas, map) => greyCanvas(canvas, map)));
    layers.title = "What the first units of each layer see";
  },
  said: ({ probabilities }) => {
    if (!probabilities) return "Draw a digit.";
    const best = probabilities.indexOf(Math.max(...probabilities));
    return `${best}, ${percent(probabilities[best])}`;
  },
});
