// What becomes of the visitor's own picture under what is drawn on it: {fill, backdrop, blur, tint, colours}. `fill`: the
// colour in place of all that is not people, `backdrop`: the picture of the channel "backdrop" instead of it; `blur`: how far that is blurred instead, in parts of the shorter side; `tint`: how much
// of their colour people get. The picture, of a binary message, has people's masks one below the other in grey, white
// where somebody is, as many as `colours`. What is old says nothing of where people are: then all is background. See
// models/pose/painting.py.
const SHRINK = 8; // the background is blurred at an eighth of its size: it has nothing finer left to show
const NOISE = 12; // of 255: what JPEG leaves where nobody is
const DOUBLINGS = 4; // until a blurred background is dense where people were taken out of it
const tilesOfMessages = new WeakMap();
const sheets = {};

// Each person's mask as a canvas in their colour, as see-through as they are not there. null while it is being read.
function tilesOf(message) {
  if (!message?.picture) return [];
  const bitmap = pictureOf(message);
  if (!bitmap) return bitmap === false ? [] : null;
  if (!tilesOfMessages.has(message)) tilesOfMessages.set(message, message.colours.map((colour, i) => tile(bitmap, message, colour, i)));
  return tilesOfMessages.get(message);
}

function tile(bitmap, { colours }, colour, i) {
  const width = bitmap.width, height = bitmap.height / colours.length;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const draw = canvas.getContext("2d", { willReadFrequently: true });
  draw.drawImage(bitmap, 0, -i * height);
  const image = draw.getImageData(0, 0, width, height), { data } = image;
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  for (let at = 0; at < data.length; at += 4) {
    const share = data[at];
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
    data[at + 3] = share < NOISE ? 0 : share;
  }
  draw.putImageData(image, 0, 0);
  return canvas;
}

// An empty canvas of that size to work on, the same one each time.
function sheet(name, width, height) {
  const canvas = (sheets[name] ??= document.createElement("canvas"));
  const size = { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const draw = canvas.getContext("2d");
  draw.globalCompositeOperation = "source-over";
  draw.filter = "none";
  draw.clearRect(0, 0, canvas.width, canvas.height);
  return draw;
}

const spread = (draw, image) => draw.drawImage(image, 0, 0, draw.canvas.width, draw.canvas.height);

function takeOut(draw, tiles) {
  draw.globalCompositeOperation = "destination-out";
  tiles.forEach((one) => spread(draw, one));
  draw.globalCompositeOperation = "source-over";
}

// The video blurred without its people, else they would have a halo of their own colours: colours are weighted by how
// surely nobody is there, for a canvas keeps them multiplied by their density.
function blurred(video, tiles, share) {
  const width = video.videoWidth / SHRINK, height = video.videoHeight / SHRINK;
  const clear = sheet("clear", width, height), soft = sheet("soft", width, height);
  spread(clear, video);
  takeOut(clear, tiles);
  const pixels = Math.max(1, share * Math.min(width, height));
  if ("filter" in CanvasRenderingContext2D.prototype) {
    soft.filter = `blur(${pixels}px)`;
    spread(soft, clear.canvas);
    soft.filter = "none";
  } else { // Safari: smaller and larger again
    const small = sheet("small", width / pixels / 2, height / pixels / 2);
    spread(small, clear.canvas);
    spread(soft, small.canvas);
  }
  for (let i = 0; i < DOUBLINGS; i++) spread(soft, soft.canvas);
  return soft.canvas;
}

// The picture, as large as fits, its middle; the right way round also where the rest is mirrored.
function cover(draw, bitmap, mirrored) {
  const { width, height } = draw.canvas, scale = Math.max(width / bitmap.width, height / bitmap.height);
  const w = scale * bitmap.width, h = scale * bitmap.height;
  draw.save();
  if (mirrored) draw.transform(-1, 0, 0, 1, width, 0);
  draw.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
  draw.restore();
}

painter("ground", {
  under: true,
  over(view, newest, before, now) {
    const { draw, left, top, width, height, mirrored, video } = view;
    const backdrop = newest.backdrop && pictureOf(view.channel("backdrop"));
    const { fill, blur, tint } = newest;
    const read = now - newest.received > STALE_MS ? [] : tilesOf(newest);
    const tiles = read ?? tilesOf(before) ?? []; // no gap while the next one is being read
    draw.save();
    draw.translate(left + (mirrored ? width : 0), top);
    draw.scale(mirrored ? -1 : 1, 1);
    if (fill || blur) {
      const behind = sheet("behind", width, height);
      if (blur) spread(behind, blurred(video, tiles, blur));
      else {
        behind.fillStyle = fill;
        behind.fillRect(0, 0, behind.canvas.width, behind.canvas.height);
        if (backdrop) cover(behind, backdrop, mirrored);
      }
      takeOut(behind, tiles);
      draw.drawImage(behind.canvas, 0, 0, width, height);
    }
    draw.globalAlpha = tint;
    if (tint) tiles.forEach((one) => draw.drawImage(one, 0, 0, width, height));
    draw.restore();
    return read === null || backdrop === null || Boolean(blur); // the picture behind moves
  },
});
