// A read picture and its text: choose in one, find in the other; correct, copy. See components/ocr/reader.py, and for the
// two sides picture.js and text.js. Called again with new data whenever the page runs; what the visitor
// chose is kept on parentElement.

const SAID_MS = 8000;
const CJK = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]`; // Chinese and Japanese know no spaces
const BREAK_OF_CJK = new RegExp(String.raw`(?<=${CJK})\s*\n\s*(?=${CJK})`, "gu");

const same = (a, b) => a.size === b.size && [...a].every((i) => b.has(i));

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const me = (parentElement.limelight ??= createReader(parentElement));
  me.setState = setStateValue;
  me.trigger = setTriggerValue;
  me.show(data);
  return () => {
    me.leave();
    delete parentElement.limelight;
  };
}

function createReader(root) {
  const find = (selector) => root.querySelector(selector);
  const wrapper = find(".reader"), pane = find(".pane"), about = find(".about"), said = find(".said");
  // `lit`: boxes that are marked on both sides. `chosen`: whether the picture chose them, not the caret
  const me = { data: null, lit: new Set(), chosen: false };
  const selection = createSelection(root, pane);
  const picture = createPicture(root, me);
  const text = createText(root, me, selection);
  let saying;

  // What the server sends
  me.show = (data) => {
    const old = me.data, drawn = ({ boxes, codes, weakBelow }) => JSON.stringify([boxes, codes, weakBelow]);
    const other = old?.of !== data.of, redrawn = other || drawn(old) !== drawn(data);
    if (redrawn) light(new Set());
    if (other) text.keep(); // under its own name, before the text goes
    me.data = data;
    wrapper.classList.toggle("crop", data.crop);
    if (old?.picture.id !== data.picture.id) picture.showImage();
    if (redrawn) picture.showBoxes();
    if (other) text.show();
    else if (redrawn) text.mark();
    if (data.crop !== (old?.crop ?? false)) picture.setDrawing(data.crop);
    describe();
  };

  // ---- choosing: boxes here, their text there ----------------------------------------------------------------------

  const light = (set, chosen = false) => {
    if (!same(set, me.lit)) {
      picture.light(set);
      text.light(set);
    }
    me.lit = set;
    me.chosen = chosen && set.size > 0;
    describe();
  };

  me.choose = (set, { touch = false } = {}) => {
    light(set, true);
    text.choose(set, { touch });
  };

  const onSelection = () => {
    const range = selection.range();
    if (!range) return describe();
    const boxes = text.boxesIn(range);
    const litBoxes = [...me.lit].filter((i) => i < me.data.boxes.length);
    if (me.chosen && !range.collapsed && same(boxes, new Set(litBoxes))) return; // our own
    light(boxes);
    if (boxes.size) picture.scrollToBox(Math.min(...boxes));
  };
  document.addEventListener("selectionchange", onSelection);

  const hint = () => {
    const { crop, boxes, codes } = me.data;
    if (crop) return "Drag a rectangle around the part to read.";
    if (!boxes.length && !codes.length) return "";
    if (matchMedia("(hover: none)").matches) return "Tap a box to find its text.";
    return "Click a box to find its text. Drag to choose several, or a part to read alone.";
  };

  // Says what is pointed at, or else what is marked, or else what can be done; and what would be copied
  const describe = (pointed) => {
    if (!me.data) return;
    const one = pointed ?? (me.lit.size === 1 ? [...me.lit][0] : undefined);
    if (one !== undefined) put(about, picture.words(one, " · "));
    else put(about, me.lit.size ? `${me.lit.size} boxes chosen` : hint());
    const range = selection.range();
    put(find(".copy span"), me.chosen || (range && !range.collapsed) ? "Copy selection" : "Copy");
  };
  me.describe = describe;
  const put = (element, words) => element.textContent === words || (element.textContent = words); // no needless layout

  // ---- the text's buttons ------------------------------------------------------------------------------------------

  me.say = (words) => {
    said.textContent = words;
    clearTimeout(saying);
    saying = setTimeout(() => (said.textContent = ""), SAID_MS);
  };
  const sayCopied = (copied) => me.say(`Copied ${count([...copied].length, "character")}`);

  const wanted = () => {
    const { boxes, codes } = me.data, saidBy = (some) => some.map(([, words]) => words);
    if (me.chosen) {
      const lit = codes.filter((_, n) => me.lit.has(boxes.length + n));
      return [text.ofBoxes(me.lit), ...saidBy(lit)].filter(Boolean).join("\n");
    }
    const range = selection.range();
    if (range && !range.collapsed) return textOf(range.cloneContents());
    return pane.hidden ? saidBy(codes).join("\n") : textOf(pane);
  };

  const copy = async (words) => {
    if (!words) return me.say("There is nothing to copy.");
    const range = selection.range(), focused = root.activeElement, { chosen } = me;
    const copied = await toClipboard(words);
    if (range && !selection.range()) { // the older way had to select something else
      selection.set(range);
      me.chosen = chosen;
    }
    focused?.focus({ preventScroll: true });
    if (copied) sayCopied(words);
    else me.say("The browser did not allow it. Mark the text and press Ctrl+C.");
  };

  // a press must not take the selection away that it is about
  for (const tools of wrapper.querySelectorAll(".tools")) {
    tools.addEventListener("mousedown", (event) => event.preventDefault());
  }
  find(".copy").addEventListener("click", () => copy(wanted()));
  find(".flat").addEventListener("click", () => copy(inOneLine(wanted())));

  // Ctrl+C: the text alone, not its marks; and of boxes chosen in the picture as well
  wrapper.addEventListener("copy", (event) => {
    if (!me.chosen && !pane.contains(event.target)) return;
    const words = wanted();
    if (!words) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", words);
    sayCopied(words);
  });

  find(".next").addEventListener("click", (event) => {
    const weak = text.nextWeak({ touch: event.pointerType === "touch" });
    if (!weak) return;
    light(new Set([weak.box]));
    picture.scrollToBox(weak.box);
    me.say(`Unsure word ${weak.number} of ${weak.of}: ${cut(weak.span.textContent, 40)}, ${weak.span.title}`);
  });

  find(".undo").addEventListener("click", () => {
    text.undo();
    light(new Set());
    me.say("Back to what was read.");
  });

  me.leave = () => {
    picture.leave();
    document.removeEventListener("selectionchange", onSelection);
    text.keep();
  };
  return me;
}

function cut(text, most) {
  const signs = [...text.slice(0, 2 * most)];
  return signs.length > most ? signs.slice(0, most - 1).join("") + "…" : text;
}

const inOneLine = (text) => text.replace(BREAK_OF_CJK, "").replace(/\s*\n\s*/g, " ").trim();
