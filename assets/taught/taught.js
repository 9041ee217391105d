// A picture on which boxes or strokes are drawn, each of a class; the page hears of all of them when the finger is
// lifted. Points are in parts of the picture. See components/taught/drawing.py.

const MIN_STEP = 0.004; // between two points of a stroke, in parts of the picture

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelightTaught ??= create(parentElement));
  me.send = (drawn) => setStateValue("drawn", drawn);
  me.show(data);
  return () => delete parentElement.limelightTaught;
}

function create(root) {
  const canvas = root.querySelector("canvas"), draw = canvas.getContext("2d"), kinds = root.querySelector(".kinds");
  const undo = root.querySelector(".undo"), clear = root.querySelector(".clear"), words = root.querySelector("span");
  const me = { data: {} }, image = new Image();
  let marks = [], kind = 0, active = null, pointer = null;

  me.show = (data) => {
    if (data.of !== me.data.of) [marks, active] = [data.marks.map((mark) => ({ ...mark })), null];
    if (data.picture !== me.data.picture) image.src = data.picture;
    me.data = data;
    kind = Math.min(kind, data.kinds.length - 1);
    words.textContent = data.tool === "box" ? "Draw a box around each thing." : "Paint a stroke of each class.";
    showKinds();
    paint();
  };
  image.onload = paint;

  function showKinds() {
    kinds.replaceChildren(...me.data.kinds.map(([name, colour], i) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", i === kind);
      button.style.setProperty("--kind", colour);
      button.onclick = () => {
        kind = i;
        showKinds();
      };
      return button;
    }));
  }

  function paint() {
    if (!image.naturalWidth) return;
    const { naturalWidth: width, naturalHeight: height } = image;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    draw.drawImage(image, 0, 0);
    for (const mark of active ? [...marks, active] : marks) {
      const colour = me.data.kinds[mark.kind]?.[1] ?? "#868d7c", points = mark.points.map(([x, y]) => [x * width, y * height]);
      draw.strokeStyle = draw.fillStyle = colour;
      draw.lineJoin = draw.lineCap = "round";
      if (me.data.tool === "box") {
        const [[x0, y0], [x1, y1]] = [points[0], points.at(-1)];
        draw.lineWidth = Math.max(2, width / 200);
        draw.strokeRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
      } else {
        draw.globalAlpha = 0.7;
        draw.lineWidth = 2 * me.data.radius * width;
        draw.beginPath();
        draw.moveTo(...points[0]);
        for (const point of points) draw.lineTo(...point);
        draw.stroke();
        draw.globalAlpha = 1;
      }
    }
    undo.disabled = clear.disabled = !marks.length;
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect(), part = (n, side) => Math.min(Math.max(n / side, 0), 1);
    return [part(event.clientX - box.left, box.width), part(event.clientY - box.top, box.height)];
  };
  const tell = () => {
    paint();
    me.send({ of: me.data.of, marks });
  };

  canvas.onpointerdown = (event) => {
    if (pointer !== null) return; // a second finger
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    active = { kind, points: [place(event)] };
    paint();
  };
  canvas.onpointermove = (event) => {
    if (event.pointerId !== pointer || !active) return;
    const at = place(event), last = active.points.at(-1);
    if (me.data.tool === "box") active.points[1] = at;
    else if (Math.hypot(at[0] - last[0], at[1] - last[1]) >= MIN_STEP) active.points.push(at);
    paint();
  };
  canvas.onpointerup = (event) => {
    if (event.pointerId !== pointer) return;
    if (active) marks.push(active);
    active = pointer = null;
    tell();
    const { tool, minSide } = me.data, mark = marks.at(-1);
    const tiny = (i) => Math.abs(mark.points.at(-1)[i] - mark.points[0][i]) < minSide;
    if (tool === "box" && mark && (tiny(0) || tiny(1))) { // the page says why
      marks.pop();
      paint();
    }
  };
  canvas.onpointercancel = () => {
    active = pointer = null;
    paint();
  };
  undo.onclick = () => {
    marks.pop();
    tell();
  };
  clear.onclick = () => {
    marks = [];
    tell();
  };
  return me;
}
