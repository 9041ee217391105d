// A picture on which one box is drawn with a finger or the mouse, or moved with the arrow keys and taken with Enter; the
// page hears of it when it is done. See components/vision/boxing.py.

const LEAST = 0.02; // of the picture's sides: a press is no box
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelightBox ??= create(parentElement));
  me.send = (box) => setStateValue("box", box);
  me.show(data);
  return () => delete parentElement.limelightBox;
}

function create(root) {
  const canvas = root.querySelector("canvas"), draw = canvas.getContext("2d"), image = new Image();
  const me = { data: {} };
  let box = null, start = null; // box: left, top, right, bottom in 0..1

  me.show = (data) => {
    if (data.of !== me.data.of) box = null;
    if (data.picture !== me.data.picture) image.src = data.picture;
    root.querySelector("p").textContent = data.words;
    canvas.setAttribute("aria-label", `${data.words} With the keyboard: arrow keys move the box, + and − change it, Enter takes it.`);
    me.data = data;
    paint();
  };
  image.onload = paint;

  function paint() {
    const { naturalWidth: width, naturalHeight: height } = image;
    if (!width) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    draw.drawImage(image, 0, 0);
    if (!box) return;
    const [left, top, right, bottom] = box;
    draw.fillStyle = "rgb(0 0 0 / 45%)";
    draw.beginPath();
    draw.rect(0, 0, width, height);
    draw.rect(left * width, top * height, (right - left) * width, (bottom - top) * height);
    draw.fill("evenodd");
    draw.strokeStyle = "#7ac70c";
    draw.lineWidth = Math.max(2, width / 250);
    draw.strokeRect(left * width, top * height, (right - left) * width, (bottom - top) * height);
  }

  const clip = (share) => Math.min(Math.max(share, 0), 1);
  const place = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [clip((event.clientX - left) / width), clip((event.clientY - top) / height)];
  };
  const tell = () => {
    const isOne = box && box[2] - box[0] >= LEAST && box[3] - box[1] >= LEAST;
    if (isOne) me.send({ of: me.data.of, sides: box });
    else box = null;
    paint();
  };

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    start = place(event);
  };
  canvas.onpointermove = (event) => {
    if (!start) return;
    const [x, y] = place(event);
    box = [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(x, start[0]), Math.max(y, start[1])];
    paint();
  };
  canvas.onpointerup = () => {
    if (start) tell();
    start = null;
  };
  canvas.onpointercancel = () => {
    start = null;
    box = null;
    paint();
  };
  canvas.onkeydown = (event) => {
    const step = ARROWS[event.key], grows = { "+": 1, "-": -1 }[event.key];
    box ??= [0.35, 0.35, 0.65, 0.65];
    if (step) {
      const [dx, dy] = step.map((n) => 0.03 * n);
      if (box[0] + dx >= 0 && box[2] + dx <= 1 && box[1] + dy >= 0 && box[3] + dy <= 1) box = [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
    } else if (grows) {
      const by = 0.02 * grows;
      if (grows > 0 || Math.min(box[2] - box[0], box[3] - box[1]) > 0.1) box = [clip(box[0] - by), clip(box[1] - by), clip(box[2] + by), clip(box[3] + by)];
    } else if (event.key === "Enter") tell();
    else return;
    event.preventDefault();
    paint();
  };
  return me;
}
