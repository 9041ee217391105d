// A map of digits to drag a finger over: one sheet of side × side pictures of 28 × 28 pixels; between four of them they are
// mixed. Everything happens in the browser. See components/digits/making.py.

const SIZE = 28, STEP = 0.02;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default function ({ parentElement, data }) {
  const me = (parentElement.limelightMap ??= create(parentElement));
  me.show(data);
  return () => delete parentElement.limelightMap;
}

function create(root) {
  const [whole, here] = root.querySelectorAll("canvas"), me = {}, sheet = new Image();
  const draw = whole.getContext("2d"), near = here.getContext("2d");
  let data = {}, at = [0.5, 0.5], dragging = false, drawn = 0;

  function paint() {
    if (!sheet.naturalWidth) return;
    draw.drawImage(sheet, 0, 0, whole.width, whole.height);
    const dot = ([x, y], colour) => {
      draw.beginPath();
      draw.arc(x * whole.width, y * whole.height, 7, 0, 7);
      draw.strokeStyle = colour;
      draw.lineWidth = 3;
      draw.stroke();
    };
    if (data.own) dot(data.own, "#d9820f");
    dot(at, "#7ac70c");
    // the four pictures around the place, each as strongly as it is near
    const place = at.map((share) => Math.min(Math.max(share * data.side - 0.5, 0), data.side - 1));
    const [left, top] = place.map((n) => Math.min(Math.floor(n), data.side - 2)), [fx, fy] = [place[0] - left, place[1] - top];
    near.globalCompositeOperation = "source-over";
    near.fillStyle = "#000";
    near.fillRect(0, 0, SIZE, SIZE);
    near.globalCompositeOperation = "lighter";
    for (const [dx, dy, share] of [[0, 0, (1 - fx) * (1 - fy)], [1, 0, fx * (1 - fy)], [0, 1, (1 - fx) * fy], [1, 1, fx * fy]]) {
      near.globalAlpha = share;
      near.drawImage(sheet, (left + dx) * SIZE, (top + dy) * SIZE, SIZE, SIZE, 0, 0, SIZE, SIZE);
    }
    near.globalAlpha = 1;
    whole.dataset.drawn = ++drawn;
  }

  const go = (x, y) => {
    at = [x, y].map((n) => Math.min(Math.max(n, 0), 1));
    whole.setAttribute("aria-valuetext", at.map((n) => `${Math.round(100 * n)} %`).join(" across, ") + " down");
    paint();
  };
  const follow = (event) => {
    const box = whole.getBoundingClientRect();
    go((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  whole.onpointerdown = (event) => {
    whole.setPointerCapture(event.pointerId);
    dragging = true;
    follow(event);
  };
  whole.onpointermove = (event) => dragging && follow(event);
  whole.onpointerup = whole.onpointercancel = () => (dragging = false);
  whole.onkeydown = (event) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    go(at[0] + STEP * step[0], at[1] + STEP * step[1]);
  };
  sheet.onload = paint;
  me.show = (given) => {
    if (given.sheet !== data.sheet) sheet.src = given.sheet;
    data = given;
    paint();
  };
  return me;
}
