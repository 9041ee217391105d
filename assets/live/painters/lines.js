// Lines of text: {text, note, lines: [[x, y, x, y, x, y, x, y, weak], …]}, corners in pixels of the server's picture. Weak
// ones, which may be misread, are dashed. `note` is said of the text, or in place of it. See Reading.to_browser.
const LINE_COLOURS = { sure: "#7ac70c", weak: "#e66100" }; // as models/ocr/drawing.py has them

painter("lines", {
  beside(root, { text, note }) {
    const [written, words] = once(root, '<div class="written" dir="auto"></div><p class="live-note"></p>');
    written.hidden = !text;
    write(written, text);
    write(words, note);
  },
  over({ draw, at, width }, { lines }) {
    draw.lineWidth = Math.max(2, width / 300);
    draw.lineJoin = "round";
    for (const [x0, y0, x1, y1, x2, y2, x3, y3, weak] of lines) {
      draw.strokeStyle = weak ? LINE_COLOURS.weak : LINE_COLOURS.sure;
      draw.setLineDash(weak ? [3 * draw.lineWidth, 2 * draw.lineWidth] : []);
      draw.beginPath();
      for (const corner of [[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) draw.lineTo(...at(...corner));
      draw.closePath();
      draw.stroke();
    }
    draw.setLineDash([]); // the canvas is the other painters', too
  },
  said: ({ lines }) => (lines.length ? `${lines.length} line${lines.length === 1 ? "" : "s"} of text` : "No text in view"),
});
