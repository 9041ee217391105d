// A picture of the server's over the visitor's own: a heat map, a mask. {region: [x, y, width, height], dims, lasts}: where
// it lies, in pixels of the server's picture; whether what lies around it is darkened; for how many ms it is shown. The
// message is binary, and what is see-through in the picture stays so.
const readPictures = new WeakMap(); // message → ImageBitmap; null while it is being read; false: not to be read

function pictureOf(message) {
  if (!message || readPictures.has(message)) return readPictures.get(message);
  readPictures.set(message, null);
  createImageBitmap(message.picture).then((read) => readPictures.set(message, read), () => readPictures.set(message, false));
  return null;
}

painter("picture", {
  under: true,
  over({ draw, at, left: x0, top: y0, width, height, scale, mirrored }, newest, before) {
    const read = pictureOf(newest);
    const bitmap = read || (read === null && readPictures.get(before)); // no gap while the next one is being read
    if (bitmap) {
      const [x, y, w, h] = newest.region, [left, top] = at(mirrored ? x + w : x, y);
      draw.save();
      if (newest.dims) {
        draw.beginPath();
        draw.rect(x0, y0, width, height);
        draw.rect(left, top, w * scale, h * scale);
        draw.fillStyle = "rgb(0 0 0 / 30%)"; // as models/pictures/drawing.py has it
        draw.fill("evenodd");
      }
      draw.translate(left, top);
      if (mirrored) draw.transform(-1, 0, 0, 1, w * scale, 0);
      draw.drawImage(bitmap, 0, 0, w * scale, h * scale);
      draw.restore();
    }
    return read === null;
  },
});
