// The Mandelbrot or a Julia set on the visitor's graphics card: zoomed with wheel or fingers, moved by dragging. It tells
// the page which part it shows and how long a picture took. See components/vision/fractal.py; the same counts and colours
// as models/vision/fractal.py.

const STEPS = 100, JULIA = "vec2(-0.8, 0.156)", LEAST = 2e-5, MOST = 2, TELL_MS = 400, ROUNDS = 5;
const VERTEX = "attribute vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }";
const PIXEL = `precision highp float;
uniform vec2 centre, size; uniform float pixel; uniform bool julia;
void main() {
  vec2 z = centre + (gl_FragCoord.xy - size / 2.0) * pixel, c = julia ? ${JULIA} : z;
  float count = 0.0;
  for (int i = 0; i < ${STEPS}; i++) {
    if (dot(z, z) > 4.0) break;
    z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
    count += 1.0;
  }
  float share = sqrt(count / ${STEPS}.0);
  gl_FragColor = vec4(count < ${STEPS}.0 ? (vec3(24.0, 40.0, 16.0) + share * vec3(200.0, 215.0, 90.0)) / 255.0 : vec3(0.0), 1.0);
}`;

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelightFractal ??= create(parentElement));
  me.send = (view) => setStateValue("view", view);
  me.show(data);
}

function create(root) {
  const canvas = root.querySelector("canvas"), said = root.querySelector("span"), me = {};
  const gl = canvas.getContext("webgl", { preserveDrawingBuffer: true });
  let julia = null, view = whole(), later = 0;
  const fingers = new Map();

  function whole() {
    return { x: julia ? 0 : -0.5, y: 0, reach: 1.6 };
  }

  if (!gl) {
    said.textContent = "This browser gives no WebGL, so there is no picture from the graphics card. The server's is computed all the same.";
    return { show() {} };
  }
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, PIXEL]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, "at");
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  const uniform = (name) => gl.getUniformLocation(program, name);

  function paint() {
    const { width, height } = canvas;
    gl.viewport(0, 0, width, height);
    gl.uniform2f(uniform("centre"), view.x, view.y);
    gl.uniform2f(uniform("size"), width, height);
    gl.uniform1f(uniform("pixel"), (2 * view.reach) / width);
    gl.uniform1i(uniform("julia"), julia ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  const wait = () => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // until the card is through

  function tell() {
    wait();
    const began = performance.now();
    for (let round = 0; round < ROUNDS; round++) paint(), wait();
    const seconds = Math.max((performance.now() - began) / ROUNDS, 0.005) / 1000;
    said.textContent = `${canvas.width}×${canvas.height} pixels in ${(1000 * seconds).toFixed(1)} ms, ${(1.6 / view.reach).toFixed(0)}× enlarged`;
    me.send({ ...view, seconds, pixels: canvas.width * canvas.height });
  }

  const changed = () => {
    paint();
    clearTimeout(later);
    later = setTimeout(tell, TELL_MS);
  };
  const place = (clientX, clientY) => {
    const box = canvas.getBoundingClientRect(), pixel = (2 * view.reach) / box.width;
    return [view.x + (clientX - box.left - box.width / 2) * pixel, view.y - (clientY - box.top - box.height / 2) * pixel];
  };

  function zoom(factor, clientX, clientY) {
    const reach = Math.min(Math.max(view.reach * factor, LEAST), MOST), [x, y] = place(clientX, clientY), by = reach / view.reach;
    view = { x: x + (view.x - x) * by, y: y + (view.y - y) * by, reach };
    changed();
  }

  function move(dx, dy) {
    const pixel = (2 * view.reach) / canvas.getBoundingClientRect().width, keep = (n) => Math.min(Math.max(n, -3), 3);
    view = { ...view, x: keep(view.x - dx * pixel), y: keep(view.y + dy * pixel) };
    changed();
  }

  canvas.onwheel = (event) => {
    event.preventDefault();
    zoom(Math.exp(event.deltaY / 400), event.clientX, event.clientY);
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  };
  canvas.onpointermove = (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY], other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const far = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
      zoom(far(before) / Math.max(far(now), 1), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else move(now[0] - before[0], now[1] - before[1]);
    fingers.set(event.pointerId, now);
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => fingers.delete(event.pointerId);
  canvas.onkeydown = (event) => {
    const step = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    const factor = { "+": 0.7, "-": 1.4 }[event.key], box = canvas.getBoundingClientRect();
    if (step) move(...step);
    else if (factor) zoom(factor, box.left + box.width / 2, box.top + box.height / 2);
    else return;
    event.preventDefault();
  };
  root.querySelector("button").onclick = () => {
    view = whole();
    changed();
  };
  me.show = (data) => {
    if (data.julia === julia) return;
    julia = data.julia;
    view = whole();
    changed();
  };
  return me;
}
