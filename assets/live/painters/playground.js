// A small network and what it makes of the plane: {points: {xy, labels, names, curve}, colours, taps, classes, sure, units,
// weights, curve, losses, history, …}; see models/playground/learner.py and components/playground/desk.py. All but the
// points is missing before it has begun to learn. Where `taps` is set, a press on the plane puts a point there.
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const PLANE_PX = 440, MAP_PX = 34, NET_PX = [520, 330], CURVE_PX = [520, 90], PALE = 0.85;

painter("playground", {
  beside(root, message, hub) {
    const [box] = once(root, `<div class="playground">
      <div class="playground-net"><canvas role="img" aria-label="The network"></canvas><canvas role="img" aria-label="The loss"></canvas></div>
      <div class="playground-plane"><canvas role="img" aria-label="The points, and what the network says of each place"></canvas>
        <div class="playground-classes"></div></div>
      <p class="playground-said"></p></div>`);
    const [net, loss, plane] = box.querySelectorAll("canvas"), me = (root.limelightPlayground ??= { chosen: 0 });
    paintPlane(plane, message);
    box.firstElementChild.hidden = !message.units;
    if (message.units) {
      paintNet(net, message);
      paintLoss(loss, message);
    }
    write(box.querySelector(".playground-said"), playgroundSaid(message));
    box.querySelector(".playground-said").classList.toggle("problem", Boolean(message.problem));
    classButtons(box.querySelector(".playground-classes"), message, me, hub);
    plane.style.cursor = message.taps ? "crosshair" : message.drags ? "grab" : "default";
    const send = (event) => {
      const { left, top, width, height } = plane.getBoundingClientRect(), reach = 6;
      const x = ((event.clientX - left) / width) * 2 * reach - reach, y = reach - ((event.clientY - top) / height) * 2 * reach;
      hub.send(new TextEncoder().encode(JSON.stringify({ x, y, label: message.drags ? 0 : me.chosen })));
    };
    plane.style.touchAction = message.drags ? "none" : "";
    plane.onpointerdown = (event) => (message.taps || message.drags) && send(event);
    plane.onpointermove = (event) => message.drags && event.buttons && send(event);
  },
  said: (message) => playgroundSaid(message),
});

function playgroundSaid(message) {
  const { problem, epoch, losses, accuracy, taps, points } = message;
  if (problem) return problem;
  const drags = message.drags ? " Drag on the plane: the outlier follows." : "";
  if (epoch === undefined && drags) return `Press Run.${drags}`;
  if (epoch === undefined) return taps && !points.labels ? "Press on the plane to put points there." : "Press Run.";
  const right = accuracy === null ? "" : ` · right on the points held out ${percent(accuracy)}`;
  return `Epoch ${epoch} · loss ${losses[0].toFixed(3)}, held out ${losses[1].toFixed(3)}${right}.${drags}`;
}

// A canvas of so many CSS pixels, sharp on every screen.
function sharp(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2), wide = Math.round(width * ratio), high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const draw = canvas.getContext("2d");
  draw.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw.clearRect(0, 0, width, height);
  return draw;
}

const rgbOf = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

// side × side cells, each coloured by `rgba(place)`, as a canvas of its own
function cells(side, rgba) {
  const made = document.createElement("canvas");
  Object.assign(made, { width: side, height: side });
  const draw = made.getContext("2d"), image = draw.createImageData(side, side);
  for (let at = 0; at < side * side; at++) image.data.set(rgba(at), 4 * at);
  draw.putImageData(image, 0, 0);
  return made;
}

function paintPlane(canvas, message) {
  const draw = sharp(canvas, PLANE_PX, PLANE_PX), { points, colours, side } = message, scale = PLANE_PX / 12;
  const at = (x, y) => [(x + 6) * scale, (6 - y) * scale];
  draw.fillStyle = "rgb(128 128 128 / 12%)";
  draw.fillRect(0, 0, PLANE_PX, PLANE_PX);
  if (message.classes && !message.curve) {
    const classes = bytesOf(message.classes), sure = bytesOf(message.sure), palette = colours.map(rgbOf);
    draw.imageSmoothingEnabled = true;
    draw.drawImage(cells(side, (place) => [...palette[classes[place]], 40 + sure[place] * 0.6]), 0, 0, PLANE_PX, PLANE_PX);
  }
  draw.strokeStyle = "rgb(128 128 128 / 50%)";
  draw.lineWidth = 1;
  draw.beginPath();
  for (const line of [[at(-6, 0), at(6, 0)], [at(0, -6), at(0, 6)]]) draw.moveTo(...line[0]), draw.lineTo(...line[1]);
  draw.stroke();
  if (message.curve) {
    draw.strokeStyle = colours[0];
    draw.lineWidth = 3;
    draw.beginPath();
    message.curve.forEach((y, place) => draw.lineTo(...at(((place + 0.5) / message.curve.length) * 12 - 6, y)));
    draw.stroke();
  }
  const xy = bytesOf(points.xy), labels = bytesOf(points.labels), held = points.train;
  labels.forEach((label, place) => {
    const [x, y] = at((xy[2 * place] / 255) * 12 - 6, (xy[2 * place + 1] / 255) * 12 - 6);
    draw.beginPath();
    draw.arc(x, y, points.labels.length > 1200 ? 2.2 : 4, 0, 7);
    draw.fillStyle = place < held ? colours[label] : "rgb(255 255 255 / 75%)";
    draw.fill();
    draw.strokeStyle = place < held ? "rgb(255 255 255 / 85%)" : colours[label];
    draw.lineWidth = place < held ? 1 : 2;
    draw.stroke();
  });
}

// −1 blue … 1 orange, as the maps and lines of the network have it
const signed = (share) => (share > 0 ? [217, 130, 15] : [47, 127, 193]);

function paintNet(canvas, { units, weights, unitSide, inputs }) {
  const [width, height] = NET_PX, draw = sharp(canvas, width, height), columns = units.length;
  const place = (column, row, count) => [
    30 + (columns > 1 ? (column * (width - 150)) / columns : 0),
    (height / (count + 1)) * (row + 1),
  ];
  const size = Math.min(MAP_PX, height / 9);
  draw.font = "12px sans-serif";
  const right = [width - 90, height / 2];
  weights.forEach((layer, column) => {
    layer.forEach((from, to) => from.forEach((weight, row) => {
      const [x0, y0] = place(column, row, from.length);
      const [x1, y1] = column + 1 < columns ? place(column + 1, to, layer.length) : [right[0], (height / (layer.length + 1)) * (to + 1)];
      draw.strokeStyle = `rgb(${signed(weight).join(" ")} / ${PALE})`;
      draw.lineWidth = Math.min(8, 0.4 + 2.2 * Math.abs(weight));
      draw.beginPath();
      draw.moveTo(x0 + size, y0);
      draw.bezierCurveTo(x0 + size + 30, y0, x1 - 30, y1, x1, y1);
      draw.stroke();
    }));
  });
  units.forEach((layer, column) => layer.forEach((map, row) => {
    const values = bytesOf(map), [x, y] = place(column, row, layer.length);
    const picture = cells(unitSide, (at) => [...signed(values[at] - 128), 30 + 1.7 * Math.abs(values[at] - 128)]);
    draw.clearRect(x, y - size / 2, size, size);
    draw.drawImage(picture, x, y - size / 2, size, size);
    draw.strokeStyle = "rgb(128 128 128 / 70%)";
    draw.lineWidth = 1;
    draw.strokeRect(x, y - size / 2, size, size);
    if (column === 0) {
      draw.fillStyle = getComputedStyle(canvas).color;
      draw.textAlign = "right";
      draw.fillText(inputs[row], x - 4, y + 4);
    }
  }));
  const outputs = weights.at(-1).length;
  draw.fillStyle = getComputedStyle(canvas).color;
  draw.textAlign = "left";
  for (let to = 0; to < outputs; to++) draw.fillText(outputs > 1 ? `class ${"ABCDEF"[to]}` : "y", right[0] + 6, (height / (outputs + 1)) * (to + 1) + 4);
}

function paintLoss(canvas, { history, colours }) {
  const [width, height] = CURVE_PX, draw = sharp(canvas, width, height);
  draw.font = "12px sans-serif";
  draw.fillStyle = getComputedStyle(canvas).color;
  draw.fillText("loss: trained on (thin), held out (thick)", 4, 12);
  if (history.length < 2) return;
  const most = Math.max(...history.slice(0, 400).map((row) => Math.max(row[1], row[2])), 1e-6), last = history.at(-1)[0];
  for (const [column, thick] of [[1, 1.2], [2, 2.5]]) {
    draw.strokeStyle = column === 1 ? "rgb(128 128 128)" : "#6ea514";
    draw.lineWidth = thick;
    draw.beginPath();
    for (const row of history) draw.lineTo((row[0] / last) * (width - 6) + 3, height - 3 - (row[column] / most) * (height - 22));
    draw.stroke();
  }
}

function classButtons(root, { taps, colours, points, most }, me, hub) {
  root.hidden = !taps;
  if (!taps) return;
  rows(root, "button", [...colours.slice(0, most).map((colour, at) => ({ colour, at })), { undo: true }], (button, item) => {
    button.type = "button";
    write(button, item.undo ? "Undo" : "ABCDEF"[item.at]);
    button.style.setProperty("--own", item.colour ?? "transparent");
    button.setAttribute("aria-pressed", String(!item.undo && item.at === me.chosen));
    button.onclick = () => {
      if (item.undo) hub.send(new TextEncoder().encode(JSON.stringify({ undo: true })));
      else {
        me.chosen = item.at;
        [...root.children].forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      }
    };
  });
}
