// People, hands and faces: {poses: [{kind, id, colour, points, box, about}, …], trails: [{colour, points}, …], blocks}.
// Points are in pixels of the server's picture, packed; `box` is left, top, right and bottom of them, `about` is written at
// it, `blocks` is what is said beside the picture. What is joined, and what is drawn at each point, comes once, on the
// channel "skeletons": {skeletons: {kind: {bones, mesh, points, colours, sizes, names, order}}}. See models/pose/painting.py; they
// look as models/pose/overlay.py draws them on stills.
const CATCH_UP_MS = 100; // a figure is where the newest result has it after so long, or sooner
const UNSEEN = -32768, SOMEBODY = "#3ce196", EDGE = "#101018", DOT = "#ffffff";
const UNKNOWN_SKELETON = { bones: [], points: true };
const unpackedPoints = new WeakMap();

// A list of points, `fields` numbers each, null where nothing is to be drawn: 16-bit integers, tenths, in base64.
function pointsOf(packed, fields = 2) {
  if (unpackedPoints.has(packed)) return unpackedPoints.get(packed);
  const tenths = new Int16Array(Uint8Array.from(atob(packed.points), (letter) => letter.charCodeAt(0)).buffer);
  const points = [];
  for (let i = 0; i < tenths.length; i += fields) {
    points.push(tenths[i] === UNSEEN ? null : Array.from(tenths.subarray(i, i + fields), (tenth) => tenth / 10));
  }
  unpackedPoints.set(packed, points);
  return points;
}

const partOfTheWay = (newest, before, now) => {
  const between = before ? newest.received - before.received : 0;
  return between > 0 && between < 1000 ? Math.min(1, (now - newest.received) / Math.min(between, CATCH_UP_MS)) : 1;
};
const towards = (from, to, part) => to.map((value, i) => from[i] + part * (value - from[i]));

// Somebody between two results: {points, box}; who has no id, or was not there, is where the newest result says.
function poseBetween(pose, before, part) {
  const points = pointsOf(pose), { box } = pose;
  const earlier = (pose.id ?? null) === null ? null : before?.poses?.find(({ id, kind }) => id === pose.id && kind === pose.kind);
  if (!earlier || part === 1) return { points, box };
  const from = pointsOf(earlier);
  return {
    points: points.map((point, i) => (point && from[i] ? towards(from[i], point, part) : point)),
    box: box && earlier.box ? towards(earlier.box, box, part) : box,
  };
}

// How somebody is seen on the screen: {points, box, thick}, in CSS pixels.
function figureOf(view, pose, before, part) {
  const { points, box } = poseBetween(pose, before, part);
  const figure = { points: points.map((point) => point && view.at(point[0], point[1])) };
  if (box) {
    const [[x0, y0], [x1, y1]] = [view.at(box[0], box[1]), view.at(box[2], box[3])];
    figure.box = [Math.min(x0, x1), y0, Math.max(x0, x1), y1];
  }
  const seen = figure.points.filter(Boolean), xs = seen.map(([x]) => x), ys = seen.map(([, y]) => y);
  const [left, top, right, bottom] = seen.length ?
    [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] : figure.box ?? [0, 0, 0, 0];
  figure.thick = Math.max(1, Math.min(unitOf(view), Math.max(right - left, bottom - top) / 40)); // small ones far away must not merge
  return figure;
}

const unitOf = ({ width, height }) => Math.max(1, Math.min(width, height) / 120);

// Each path twice: a dark edge, so that it is seen on any background, and its colour.
function strokeTwice(draw, colour, thick, edge, trace) {
  for (const [style, width] of [[EDGE, edge], [colour, thick]]) {
    draw.strokeStyle = style;
    draw.lineWidth = width;
    draw.beginPath();
    trace();
    draw.stroke();
  }
}

function drawTrail(view, trail, before, part) {
  const { draw } = view, points = pointsOf(trail, 3).map((point) => point && [...view.at(point[0], point[1]), point[2] / 100]);
  const [last, earlier] = [points.at(-1), points.at(-2)];
  if (last && earlier && part < 1) points[points.length - 1] = towards(earlier, last, part); // its head moves with the figure
  for (const isEdge of [true, false]) {
    for (let i = 1; i < points.length; i++) {
      if (!points[i] || !points[i - 1]) continue;
      const [x, y, fresh] = points[i], thick = Math.max(1, 1.5 * unitOf(view) * fresh);
      draw.strokeStyle = isEdge ? EDGE : `color-mix(in srgb, ${trail.colour} ${30 + 70 * fresh}%, black)`;
      draw.lineWidth = isEdge ? thick + 2 : thick;
      draw.beginPath();
      draw.moveTo(points[i - 1][0], points[i - 1][1]);
      draw.lineTo(x, y);
      draw.stroke();
    }
  }
}

function drawBones({ draw }, { points, thick }, { bones, mesh }, colour) {
  const trace = () => {
    for (const [a, b] of bones) {
      if (!points[a] || !points[b]) continue;
      draw.moveTo(...points[a]);
      draw.lineTo(...points[b]);
    }
  };
  if (!mesh) return strokeTwice(draw, colour, thick, thick + 2, trace);
  draw.strokeStyle = colour;
  draw.lineWidth = thick;
  draw.beginPath();
  trace();
  draw.stroke();
}

function drawPoints({ draw }, { points, thick }, { mesh, colours, sizes }, colour) {
  const dot = (x, y, radius, style) => {
    draw.fillStyle = style;
    draw.beginPath();
    draw.arc(x, y, radius, 0, 2 * Math.PI);
    draw.fill();
  };
  draw.fillStyle = DOT;
  points.forEach((point, i) => {
    if (!point) return;
    const [x, y] = point;
    if (mesh) return draw.fillRect(x - 0.75, y - 0.75, 1.5, 1.5); // hundreds of them
    const radius = Math.max(1.5, 1.5 * thick * (sizes?.[i] ?? 1));
    dot(x, y, radius + 1, EDGE);
    dot(x, y, radius, colours?.[i] ?? colour);
  });
}

// Left, top, right and bottom of the box, inside the picture.
function boxInside({ left, top, width, height }, { box, thick }) {
  const inside = (value, from, length) => Math.min(Math.max(value, from), from + length);
  const pad = 3 * thick;
  return [inside(box[0] - pad, left, width), inside(box[1] - pad, top, height),
    inside(box[2] + pad, left, width), inside(box[3] + pad, top, height)];
}

function drawBox(view, figure, colour) {
  const [left, top, right, bottom] = boxInside(view, figure), thick = Math.max(2, figure.thick / 2);
  strokeTwice(view.draw, colour, thick, thick + 2, () => view.draw.rect(left, top, right - left, bottom - top));
}

// At the box's top left.
function writeAbout(view, [left, top], words, taken) {
  const plate = plateOf(view, words);
  const x = Math.max(view.left, Math.min(left, view.left + view.width - plate.width));
  drawPlate(view, plate, x, Math.max(view.top, top - plate.height), taken);
}

// Each point's name beside it, away from the middle if there is room, where it hides no other point and no other name.
function writeNames(view, { points, thick }, { names = [], order = names.keys() }, taken) {
  const seen = points.filter(Boolean), gap = 2 * thick + 2;
  const middle = seen.reduce((sum, [x]) => sum + x, 0) / seen.length;
  const within = (value, from, length, size) => Math.min(Math.max(value, from), from + length - size);
  for (const i of order) {
    if (!points[i]) continue;
    const [x, y] = points[i], plate = plateOf(view, names[i]), { width, height } = plate;
    if (x < view.left || x > view.left + view.width || y < view.top || y > view.top + view.height) continue;
    const beside = within(y - height / 2, view.top, view.height, height), over = within(x - width / 2, view.left, view.width, width);
    const right = [x + gap, beside], left = [x - gap - width, beside];
    const places = [...(x >= middle ? [right, left] : [left, right]), [over, y - gap - height], [over, y + gap]];
    const hidesNone = ([u, v]) => seen.every((one) => one === points[i] || one[0] <= u || one[0] >= u + width || one[1] <= v || one[1] >= v + height);
    const place = places.find(([u, v]) => isFree(view, plate, u, v, taken) && hidesNone([u, v]));
    if (place) drawPlate(view, plate, ...place, taken);
  }
}

painter("poses", {
  beside: (root, message) => PAINTERS.report.beside(root, { blocks: message.blocks ?? [] }),
  said: ({ blocks = [] }) => PAINTERS.report.said({ blocks }),
  over(view, newest, before, now) {
    const part = view.still ? 1 : partOfTheWay(newest, before, now);
    const { draw } = view, skeletons = view.channel("skeletons")?.skeletons ?? {};
    const skeletonOf = ({ kind }) => skeletons[kind] ?? UNKNOWN_SKELETON;
    const figures = newest.poses.map((pose) => figureOf(view, pose, before, part));
    draw.save();
    draw.beginPath();
    draw.rect(view.left, view.top, view.width, view.height); // not on the bars beside the picture
    draw.clip();
    draw.lineCap = draw.lineJoin = "round";
    for (const trail of newest.trails ?? []) drawTrail(view, trail, before, part);
    newest.poses.forEach((pose, i) => {
      const skeleton = skeletonOf(pose), colour = pose.colour ?? SOMEBODY;
      drawBones(view, figures[i], skeleton, colour);
      if (skeleton.points) drawPoints(view, figures[i], skeleton, colour);
      if (figures[i].box) drawBox(view, figures[i], colour);
    });
    const taken = [];
    newest.poses.forEach((pose, i) => {
      if (figures[i].box) writeAbout(view, boxInside(view, figures[i]), pose.about, taken);
      writeNames(view, figures[i], skeletonOf(pose), taken);
    });
    draw.restore();
    return part < 1;
  },
});
