// Possible next tokens as bars to press. See components/textgen/next_token.py.
// Called again with new data whenever the page runs; rows stay the elements they are, so that bars move and focus stays.

const PATIENCE_MS = 3000;

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector(".rows");
  list.setAttribute("aria-label", data.label);
  while (list.children.length > data.rows.length) list.lastChild.remove();
  while (list.children.length < data.rows.length) list.append(makeRow());
  data.rows.forEach((row, n) => {
    const button = list.children[n];
    const [name, track, percent] = button.children;
    name.textContent = row.text;
    track.children[0].style.width = `${(100 * row.chosen) / data.full}%`;
    track.children[1].style.width = `${(100 * row.own) / data.full}%`;
    track.children[1].hidden = row.own < data.full / 200; // a line's own width would be more
    percent.textContent = row.percent;
    button.classList.toggle("cut", row.cut);
    button.disabled = !row.writable;
    button.title = `${row.text} ${row.hint}`;
    button.setAttribute("aria-label", `${row.spoken}: ${row.hint}`);
    button.onclick = () => {
      // one press writes once, however impatient: the next counts when the page has answered
      if (Date.now() - (list.pressed ?? 0) < PATIENCE_MS && list.step === data.step) return;
      list.pressed = Date.now();
      list.step = data.step;
      setTriggerValue("piece", row.piece);
    };
  });
  parentElement.querySelectorAll(".scale .track span").forEach((span, n) => (span.textContent = `${+(50 * n * data.full).toFixed(1)} %`));
}

function makeRow() {
  const button = make("button", make("b"), make("span", make("i"), make("i")), make("span"));
  const [, track, percent] = button.children;
  button.type = "button";
  track.className = "track";
  track.children[0].className = "chosen";
  track.children[1].className = "own";
  percent.className = "percent";
  return button;
}

function make(name, ...children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}
