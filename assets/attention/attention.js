// Tokens to point at: the marked one shades those it looks at. See components/textgen/attention.py.
// Called again with new data whenever the page runs; what the visitor chose is kept on parentElement.

const STRONGEST = 3;
const percent = (weight) => `${Math.round(100 * weight)} %`;

export default function ({ parentElement, data }) {
  const me = (parentElement.limelight ??= create(parentElement));
  me.show(data);
  return () => delete parentElement.limelight;
}

function create(root) {
  const list = root.querySelector(".tokens");
  const says = root.querySelector(".says");
  const later = root.querySelector(".later");
  const me = { text: null, chips: [], data: null, pinned: 0, marked: 0 };

  me.show = (data) => {
    me.data = data;
    const text = JSON.stringify(data.tokens);
    if (text !== me.text) { // another layer or head of the same text keeps the choice, the focus and the fade
      me.text = text;
      me.pinned = data.tokens.length - 1;
      me.marked = me.pinned;
      build();
    }
    later.hidden = data.weights[0].length === data.tokens.length;
    data.tokens.forEach((token, i) => {
      const looks = strongest(i).map((j) => `${data.tokens[j].spoken} ${percent(data.weights[i][j])}`).join(", ");
      me.chips[i].setAttribute("aria-label", `${token.spoken}, looks at ${looks}`);
    });
    draw();
  };

  const build = () => {
    me.chips = [];
    const parts = [];
    me.data.tokens.forEach((token, i) => {
      const chip = make("button", "", { type: "button", role: "option" });
      chip.append(make("span", token.text, { dir: "auto" }), make("small", ""));
      chip.dataset.token = i;
      me.chips.push(chip);
      parts.push(chip);
      if (token.ends) parts.push(make("div", "", { role: "presentation" }));
    });
    list.replaceChildren(...parts);
  };

  const strongest = (i) => {
    const row = me.data.weights[i];
    return [...row.keys()].filter((j) => row[j] >= 0.005).sort((a, b) => row[b] - row[a]).slice(0, STRONGEST);
  };

  const draw = () => {
    const { tokens, weights } = me.data, row = weights[me.marked], top = strongest(me.marked);
    const most = Math.max(...row, 1e-9);
    me.chips.forEach((chip, j) => {
      chip.style.setProperty("--share", ((row[j] ?? 0) / most).toFixed(3));
      chip.classList.toggle("unseen", j >= row.length);
      chip.setAttribute("aria-selected", j === me.marked);
      chip.tabIndex = j === me.pinned ? 0 : -1; // one stop for the Tab key; arrows go on from there
      chip.lastChild.textContent = top.includes(j) ? percent(row[j]) : "";
    });
    says.replaceChildren(make("b", tokens[me.marked].text), " looks at ",
      ...top.flatMap((j, n) => [n ? ", " : "", make("b", tokens[j].text), ` ${percent(row[j])}`]));
  };

  const mark = (i, pin) => {
    if (pin) me.pinned = i;
    if (i === me.marked && !pin) return;
    me.marked = i;
    draw();
  };

  const tokenOf = (event) => {
    const chip = event.target.closest?.("button");
    return chip ? Number(chip.dataset.token) : -1;
  };

  list.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && tokenOf(event) >= 0) mark(tokenOf(event), false);
  });
  list.addEventListener("pointerleave", () => mark(me.pinned, false));
  list.addEventListener("click", (event) => tokenOf(event) >= 0 && mark(tokenOf(event), true));
  list.addEventListener("focusin", (event) => tokenOf(event) >= 0 && mark(tokenOf(event), true));
  list.addEventListener("keydown", (event) => {
    const i = tokenOf(event), last = me.chips.length - 1;
    if (i < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: last, ArrowUp: beside(i, -1), ArrowDown: beside(i, 1) }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    me.chips[Math.min(Math.max(next, 0), last)].focus();
  });

  // The chip in the line above (-1) or below (1) that stands nearest; the same one where there is no such line.
  const beside = (i, way) => {
    const here = me.chips[i], lines = me.chips.map((chip) => chip.offsetTop).filter((top) => way * (top - here.offsetTop) > 0);
    if (!lines.length) return i;
    const line = way > 0 ? Math.min(...lines) : Math.max(...lines);
    const distance = (j) => Math.abs(me.chips[j].offsetLeft - here.offsetLeft);
    return [...me.chips.keys()].filter((j) => me.chips[j].offsetTop === line).sort((a, b) => distance(a) - distance(b))[0];
  };
  return me;
}

function make(name, text, attributes = {}) {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
