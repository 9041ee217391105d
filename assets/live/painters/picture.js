// A picture of the server's over the visitor's own: a heat map, a mask. {region: [x, y, width, height], lasts}, in pixels
// of the server's picture; the message is binary, and what is see-through in it stays so.
const readPictures = new WeakMap(); // message → ImageBitmap; null while it is being read; false: not to be read

function pictureOf(message) {
  if (!message || readPictures.has(message)) return readPictures.get(message);
  readPictures.set(message, null);
  createImageBitmap(message.picture).then((read) => readPictures.set(message, read), () => readPictures.set(message, false));
  return null;
}

painter("picture", {
  over({ draw, at, scale, mirrored }, newest, before) {
    const read = pictureOf(newest);
    const bitmap = read || (read === null && readPictures.get(before)); // no gap while the next one is being read
    if (bitmap) {
      const [x, y, w, h] = newest.region, [left, top] = at(mirrored ? x + w : x, y);
      draw.save();
      draw.translate(left, top);
      if (mirrored) draw.transform(-1, 0, 0, 1, w * scale, 0);
      draw.drawImage(bitmap, 0, 0, w * scale, h * scale);
      draw.restore();
    }
    return read === null;
  },
});
