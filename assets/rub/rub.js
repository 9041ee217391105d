// A picture from which parts can be rubbed out, cell by cell; the page hears which when the finger is lifted. See
// components/rubbing.py.

const REACH = 1.3; // cells around the finger
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelightRub ??= create(parentElement));
  me.send = (rubbed) => setStateValue("rubbed", rubbed);
  me.show(data);
  return () => delete parentElement.limelightRub;
}

function create(root) {
  const canvas = root.querySelector("canvas"), back = root.querySelector("button"), draw = canvas.getContext("2d");
  const me = { data: {} }, image = new Image();
  let gone = new Set(), at = null, rubbing = false;

  me.show = (data) => {
    if (data.of !== me.data.of) gone = new Set();
    if (data.picture !== me.data.picture) image.src = data.picture;
    me.data = data;
    paint();
  };
  image.onload = paint;

  function paint() {
    if (!image.naturalWidth) return;
    const { cells, grey } = me.data, { naturalWidth: width, naturalHeight: height } = image;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    draw.drawImage(image, 0, 0);
    draw.fillStyle = `rgb(${grey} ${grey} ${grey})`;
    const edge = (n, side) => Math.floor((n * side) / cells);
    for (const cell of gone) {
      const [x, y] = [cell % cells, Math.floor(cell / cells)];
      const [left, top] = [edge(x, width), edge(y, height)];
      draw.fillRect(left, top, edge(x + 1, width) - left, edge(y + 1, height) - top);
    }
    if (at) {
      draw.strokeStyle = "#7ac70c";
      draw.lineWidth = 3;
      draw.strokeRect(edge(at[0], width), edge(at[1], height), width / cells, height / cells);
    }
    back.disabled = !gone.size;
  }

  // `x` and `y` in cells
  function rub(x, y) {
    const { cells } = me.data, before = gone.size;
    for (let row = Math.floor(y - REACH); row <= y + REACH; row++) {
      for (let column = Math.floor(x - REACH); column <= x + REACH; column++) {
        const inside = row >= 0 && column >= 0 && row < cells && column < cells;
        if (inside && Math.hypot(row + 0.5 - y, column + 0.5 - x) <= REACH) gone.add(row * cells + column);
      }
    }
    if (gone.size !== before) paint();
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect(), { cells } = me.data;
    return [((event.clientX - box.left) / box.width) * cells, ((event.clientY - box.top) / box.height) * cells];
  };
  const tell = () => me.send({ of: me.data.of, cells: [...gone] });

  canvas.onpointerdown = (event) => {
    rubbing = true;
    at = null;
    canvas.setPointerCapture(event.pointerId);
    rub(...place(event));
  };
  canvas.onpointermove = (event) => rubbing && rub(...place(event));
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (rubbing) tell();
    rubbing = false;
  };
  canvas.onkeydown = (event) => {
    const { cells } = me.data, step = ARROWS[event.key];
    if (step) at = at ? at.map((n, i) => Math.min(Math.max(n + step[i], 0), cells - 1)) : [cells / 2, cells / 2];
    else if (event.key === " " && at) rub(at[0] + 0.5, at[1] + 0.5), tell();
    else return;
    event.preventDefault();
    paint();
  };
  back.onclick = () => {
    gone = new Set();
    paint();
    tell();
  };
  return me;
}
