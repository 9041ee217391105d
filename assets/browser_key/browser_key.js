// Draws this browser's key once, keeps it, and tells it to a page that does not know it. See components/browser_key.py.

const NAME = "limelight-key";
const KEY = /^[0-9a-f]{64}$/;

export default function ({ parentElement, data, setStateValue }) {
  takeNoRoom(parentElement);
  const key = kept() ?? keep(draw());
  if (data.known !== key) setStateValue("browser", key); // only then, for telling it makes the page run again
}

// Storage that the browser blocks, or has no room in, throws at the first touch; the tab itself remembers then.
const places = [() => localStorage, () => sessionStorage, () => (globalThis.limelightMemory ??= memory())];

function kept() {
  for (const place of places) {
    try {
      const key = place().getItem(NAME);
      if (KEY.test(key)) return key;
    } catch {}
  }
  return null;
}

function keep(key) {
  for (const place of places) {
    try {
      place().setItem(NAME, key);
      return place().getItem(NAME); // another tab may have drawn one in the same moment
    } catch {}
  }
}

function memory() {
  const values = {};
  return { getItem: (name) => values[name] ?? null, setItem: (name, value) => (values[name] = value) };
}

function draw() {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Streamlit's own box around the component would leave a gap between its neighbours
function takeNoRoom(element) {
  const inside = element.getRootNode().host ?? element;
  const box = inside.closest('[data-testid="stElementContainer"]');
  if (box) box.style.display = "none";
}
