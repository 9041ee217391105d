// Words on the visitor's picture, for painters: white on dark plates. `taken` are those on it so far, each as
// [left, top, width, height].

// What these words take up, in CSS pixels.
function plateOf({ draw, width, height }, words) {
  const em = Math.max(11, 0.03 * Math.min(width, height));
  draw.font = `600 ${em}px system-ui, sans-serif`;
  return { words, font: draw.font, width: draw.measureText(words).width + 0.8 * em, height: 1.5 * em };
}

function drawPlate({ draw }, { words, font, width, height }, x, y, taken) {
  draw.fillStyle = "rgb(0 0 0 / 65%)";
  draw.fillRect(x, y, width, height);
  Object.assign(draw, { font, fillStyle: "#ffffff", textAlign: "center", textBaseline: "middle" });
  draw.fillText(words, x + width / 2, y + height / 2);
  taken.push([x, y, width, height]);
}

// Whether a plate there lies inside the picture and over no other.
function isFree({ left, top, width, height }, plate, x, y, taken) {
  return x >= left && y >= top && x + plate.width <= left + width && y + plate.height <= top + height &&
    taken.every(([a, b, w, h]) => x + plate.width <= a || a + w <= x || y + plate.height <= b || b + h <= y);
}
