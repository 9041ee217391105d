// A kernel walks over a patch of grey levels; beside it the sums fill up. See components/vision/walking.py.

const EVERY_MS = 450;

export default function ({ parentElement, data }) {
  const me = (parentElement.limelightWalk ??= create(parentElement));
  me.show(data);
  return () => me.stop();
}

function create(root) {
  const [patch, sums] = root.querySelectorAll("table"), said = root.querySelector(".sum"), go = root.querySelector(".go");
  const me = {};
  let data = null, at = 0, timer = 0;

  const places = () => data.patch.length - data.kernel.length + 1; // a side
  const round = (number) => Math.round(number * 100) / 100;
  const level = (number) => Math.min(255, Math.max(0, Math.round(number)));

  function sumAt(place) {
    const size = data.kernel.length, row = Math.floor(place / places()), column = place % places();
    let sum = data.plus;
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) sum += data.kernel[y][x] * data.patch[row + y][column + x];
    return sum;
  }

  const cell = (number, shown, under, note = "") =>
    `<td class="${under ? "under" : ""}" style="background:rgb(${number} ${number} ${number});color:${number > 127 ? "#000" : "#fff"}">${shown}${note}</td>`;

  function paint() {
    const size = data.kernel.length, side = places(), row = Math.floor(at / side), column = at % side;
    patch.innerHTML = data.patch.map((numbers, y) => `<tr>${numbers.map((number, x) => {
      const under = y >= row && y < row + size && x >= column && x < column + size;
      return cell(number, number, under, under ? `<small>× ${round(data.kernel[y - row][x - column])}</small>` : "");
    }).join("")}</tr>`).join("");
    sums.innerHTML = Array.from({ length: side }, (_, y) => `<tr>${Array.from({ length: side }, (_, x) => {
      const place = y * side + x, number = level(sumAt(place));
      return place <= at ? cell(number, number, place === at) : "<td></td>";
    }).join("")}</tr>`).join("");
    const terms = [];
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
      if (data.kernel[y][x]) terms.push(`${data.patch[row + y][column + x]} × ${round(data.kernel[y][x])}`);
    }
    const sum = sumAt(at), kept = level(sum);
    const shown = terms.length > 9 ? `${terms.slice(0, 8).join(" + ")} + …` : terms.join(" + ");
    said.textContent = `${shown || "0"}${data.plus ? ` + ${data.plus}` : ""} = ${round(sum)}${Math.round(sum) === kept ? "" : `, kept within 0 to 255: ${kept}`}`;
  }

  const step = () => {
    at = (at + 1) % places() ** 2;
    paint();
  };
  me.stop = () => {
    clearInterval(timer);
    timer = 0;
    go.textContent = "Walk";
  };
  me.show = (given) => {
    if (!data || JSON.stringify(given.kernel) !== JSON.stringify(data.kernel)) at = 0;
    data = given;
    if (places() < 1) return;
    paint();
  };
  go.onclick = () => {
    if (timer) return me.stop();
    go.textContent = "Stop";
    timer = setInterval(step, EVERY_MS);
  };
  root.querySelector(".step").onclick = () => {
    me.stop();
    step();
  };
  return me;
}
