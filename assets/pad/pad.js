// A pad to draw a digit on. What is drawn goes up the page's own socket as 112 × 112 bytes of ink while one draws, and to
// the page when the finger is lifted. See components/digits/drawing.py. In one module with live/socket.js.

const SIDE = 112, WIDTH = 26, SEND_MS = 50, MOVE = 8;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelightPad ??= create(parentElement));
  me.tell = (drawing) => setStateValue("drawing", drawing);
  me.hub.use(me, data.token, data.page);
  me.show(data);
  return () => {
    me.hub.release(me);
    delete parentElement.limelightPad;
  };
}

function create(root) {
  const canvas = root.querySelector("canvas"), draw = canvas.getContext("2d"), me = { hub: liveHub() };
  const small = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const reduce = small.getContext("2d", { willReadFrequently: true });
  // what was drawn outlives the pad: each change of view makes a new one
  const kept = (window.limelightPadKept ??= { cleared: null, strokes: [] });
  let strokes = kept.strokes, stroke = null, later = 0, sent = 0, cleared = kept.cleared, pen = [168, 168], down = false;

  function paint(on = draw, side = canvas.width) {
    const scale = side / canvas.width;
    on.fillStyle = "#000";
    on.fillRect(0, 0, side, side);
    on.strokeStyle = on.fillStyle = "#fff";
    on.lineWidth = WIDTH * scale;
    on.lineCap = on.lineJoin = "round";
    for (const points of strokes) {
      on.beginPath();
      points.forEach(([x, y]) => on.lineTo(x * scale, y * scale));
      if (points.length === 1) on.lineTo(points[0][0] * scale + 0.1, points[0][1] * scale);
      on.stroke();
    }
  }

  function ink() {
    paint(reduce, SIDE);
    const { data } = reduce.getImageData(0, 0, SIDE, SIDE), bytes = new Uint8Array(SIDE * SIDE);
    for (let at = 0; at < bytes.length; at++) bytes[at] = data[4 * at];
    return bytes;
  }

  function send() {
    clearTimeout(later);
    const wait = sent + SEND_MS - performance.now();
    if (wait > 0) return void (later = setTimeout(send, wait));
    sent = performance.now();
    me.hub.send(ink());
  }

  // The page gets it as text, once a stroke is done
  function tell() {
    Object.assign(kept, { cleared, strokes });
    paint();
    send();
    const bytes = ink();
    let text = "";
    for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    me.tell({ ink: btoa(text), strokes: strokes.length, cleared });
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
  };
  const begin = (at) => strokes.push((stroke = [at]));

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    begin(place(event));
    paint();
    send();
  };
  canvas.onpointermove = (event) => {
    if (!stroke || down) return;
    stroke.push(place(event));
    paint();
    send();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!stroke || down) return;
    stroke = null;
    tell();
  };
  canvas.onkeydown = (event) => {
    const step = ARROWS[event.key];
    if (event.key === " ") {
      down = !down;
      if (down) begin([...pen]);
      else stroke = null;
    } else if (step) {
      pen = pen.map((n, at) => Math.min(Math.max(n + MOVE * step[at], 0), canvas.width));
      if (down) stroke.push([...pen]);
    } else return;
    event.preventDefault();
    tell();
    draw.strokeStyle = "#7ac70c";
    draw.lineWidth = 2;
    draw.strokeRect(pen[0] - 8, pen[1] - 8, 16, 16);
  };
  root.querySelector(".undo").onclick = () => {
    strokes.pop();
    tell();
  };
  root.querySelector(".clear").onclick = () => {
    strokes = [];
    tell();
  };
  me.show = (data) => {
    if (cleared !== null && data.cleared !== cleared) strokes = [];
    cleared = data.cleared;
    Object.assign(kept, { cleared, strokes });
    paint();
  };
  return me;
}
