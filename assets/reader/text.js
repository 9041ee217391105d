// The text of a reader: spans that know their piece, and whatever the visitor wrote between. What they wrote is kept in
// `edits`, so that it is still there when they come back to this text. A stranger's text is never inserted as HTML.

const TELL_MS = 400;
const MOST_EDITS = 30;

const edits = new Map(); // what `data.of` names → { text, parts }; this module lives as long as the page's session

const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

// `reader` has the data, and takes what the server (setState) and the visitor (say) are to be told.
function createText(root, reader, selection) {
  const find = (selector) => root.querySelector(selector);
  const pane = find(".pane");
  let timer, weakAt;
  let told = "null"; // the edit that the server knows, as JSON

  // ---- from pieces to spans and back -------------------------------------------------------------------------------

  const show = () => {
    const kept = edits.get(reader.data.of);
    build(kept?.parts ?? unchanged());
    if (kept) tell(kept.text); // a component that was away is new to the server
  };

  const build = (parts) => {
    const { pieces, codes, tab } = reader.data;
    const made = parts.map(([text, i]) => {
      if (i === null || pieces[i][1] === null) return document.createTextNode(text);
      const span = document.createElement("span");
      span.textContent = text;
      span.piece = i;
      return span;
    });
    pane.replaceChildren(...made, document.createElement("br")); // so that a last empty line can be seen and reached
    pane.classList.toggle("aligned", tab > 0);
    pane.style.tabSize = tab || "";
    pane.scrollTo(0, 0);
    const empty = !pieces.some(([text]) => text.trim());
    pane.hidden = find(".undo").hidden = empty;
    find(".none").hidden = !empty;
    find(".copy").hidden = find(".flat").hidden = empty && !codes.length;
    mark();
    changed();
  };

  const unchanged = () => reader.data.pieces.map(([text], i) => [text, i]);
  const original = () => reader.data.pieces.map(([text]) => text).join("");

  const spans = () => [...pane.querySelectorAll("span")].filter((span) => span.piece !== undefined);
  const boxOf = (span) => reader.data.pieces[span.piece][1];

  const nodes = () => [...pane.childNodes].filter((node) => node !== pane.lastChild || node.nodeName !== "BR");

  // What is on the screen, in pieces that can be built again
  const partsOf = () => nodes().map((node) => [textOf(node), node.piece ?? null]).filter(([text]) => text);

  // What these boxes say, as one: what is between neighbours stays; of a gap, its strongest white space
  const ofBoxes = (set) => {
    let text = "", between = "", skipped = false;
    for (const node of nodes()) {
      const box = node.piece === undefined ? null : boxOf(node);
      if (box !== null && set.has(box)) {
        const gap = skipped ? ["\n", "\t"].find((sign) => between.includes(sign)) ?? " " : between;
        text += (text && gap) + textOf(node);
        between = "";
        skipped = false;
      } else {
        between += textOf(node);
        skipped ||= box !== null;
      }
    }
    return text;
  };

  // ---- marks -------------------------------------------------------------------------------------------------------

  // Unsure words, as long as they are what was read
  const mark = () => {
    let weak = 0;
    for (const span of spans()) {
      const [text, , score] = reader.data.pieces[span.piece];
      const unsure = score < reader.data.weakBelow && text.trim() !== "" && span.textContent === text;
      if (span.classList.contains("weak") !== unsure) span.classList.toggle("weak", unsure);
      if (unsure) span.title = `${percent(score)} sure`;
      else if (span.title) span.removeAttribute("title");
      weak += unsure;
    }
    const next = find(".next");
    next.textContent = `Next unsure word (${weak})`;
    next.hidden = !weak;
  };

  // Goes to the next of them, or round to the first: its span and box, and where it stands; nothing where there is none
  const nextWeak = ({ touch }) => {
    const weak = [...pane.querySelectorAll(".weak")];
    if (!weak.length) return;
    // after the last one, even if it has been corrected by now: then it is among the spans, not among the weak
    const FOLLOWS = Node.DOCUMENT_POSITION_FOLLOWING;
    const follows = (span) => !weakAt?.isConnected || weakAt.compareDocumentPosition(span) & FOLLOWS;
    weakAt = weak.find(follows) ?? weak[0];
    if (!touch) {
      pane.focus({ preventScroll: true });
      selection.setSpans(weakAt, weakAt);
    }
    pane.querySelector(".here")?.classList.remove("here");
    weakAt.classList.add("here");
    reveal(pane, weakAt);
    return { span: weakAt, box: boxOf(weakAt), number: weak.indexOf(weakAt) + 1, of: weak.length };
  };

  const light = (set) => {
    for (const span of spans()) {
      if (span.classList.contains("lit") !== set.has(boxOf(span))) span.classList.toggle("lit");
    }
  };

  // Selects what these boxes say, if it is in one run, and scrolls to it
  const choose = (set, { touch }) => {
    const all = spans(), lit = all.filter((span) => set.has(boxOf(span)));
    const inOneRun = lit.length && all.indexOf(lit.at(-1)) - all.indexOf(lit[0]) === lit.length - 1;
    // under a finger, a selection would open the keyboard; the marks are enough
    if (!touch) inOneRun ? selection.setSpans(lit[0], lit.at(-1)) : selection.clear();
    if (lit.length) reveal(pane, lit[0]);
  };

  const boxesIn = (range) => new Set(selection.spansIn(range).map(boxOf));

  // ---- edits -------------------------------------------------------------------------------------------------------

  const changed = () => {
    find(".undo").disabled = textOf(pane) === original();
  };

  // Notes the text as it is, under its own name; null where it is what was read
  const keep = () => {
    clearTimeout(timer);
    if (!reader.data || pane.hidden) return null;
    const text = textOf(pane), { of } = reader.data;
    edits.delete(of);
    if (text === original()) return null;
    edits.set(of, { text, parts: partsOf() });
    if (edits.size > MOST_EDITS) edits.delete(edits.keys().next().value);
    return text;
  };

  const tell = (text) => {
    const { of, most } = reader.data;
    if (text !== null && text.length > most) {
      const long = `This text is longer than ${count(most, "character")}.`;
      return reader.say(`${long} You can copy it, but the rest of the page keeps the shorter one.`);
    }
    const edit = text === null ? null : { of, text };
    const now = JSON.stringify(edit);
    if (now === told) return;
    told = now;
    reader.setState("edit", edit);
  };

  const undo = () => {
    build(unchanged());
    tell(keep());
  };

  pane.addEventListener("input", () => {
    if (pane.lastChild?.nodeName !== "BR") pane.append(document.createElement("br"));
    mark();
    clearTimeout(timer);
    timer = setTimeout(() => {
      changed();
      tell(keep());
    }, TELL_MS);
  });

  try {
    pane.contentEditable = "plaintext-only";
  } catch {
    pane.contentEditable = "true"; // an older Firefox: without its formatting
    pane.addEventListener("beforeinput", (event) => {
      const breaks = event.inputType === "insertParagraph";
      if (!breaks && !event.inputType.startsWith("format")) return;
      event.preventDefault();
      if (breaks) document.execCommand("insertLineBreak");
    });
    pane.addEventListener("drop", (event) => event.preventDefault());
  }

  pane.addEventListener("paste", (event) => {
    const { clipboardData } = event;
    if ([...(clipboardData?.files ?? [])].some((file) => file.type.startsWith("image/"))) return; // for the page
    event.stopPropagation(); // the page, which takes pictures, does not see that it went into a text
    if (pane.contentEditable === "true") {
      event.preventDefault();
      document.execCommand("insertText", false, clipboardData?.getData("text/plain"));
    }
  });

  pane.addEventListener("cut", (event) => {
    const range = selection.range();
    if (!range || range.collapsed) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", textOf(range.cloneContents()));
    document.execCommand("delete");
  });

  // Streamlit's shortcuts are single letters, and it does not see into this component
  for (const kind of ["keydown", "keyup", "keypress"]) pane.addEventListener(kind, (event) => event.stopPropagation());

  return { show, mark, light, choose, boxesIn, ofBoxes, nextWeak, keep, undo };
}

// The text of a node as it is seen. Lines end with "\n"; engines that know no plain text make <br> and <div> of them.
function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeName === "BR") return "\n";
  let text = "";
  for (const child of node.childNodes) {
    if (child.nodeName === "BR" && child === node.lastChild) continue; // holds the last line open, ends none
    if (child.nodeName === "DIV" && text && !text.endsWith("\n")) text += "\n";
    text += textOf(child);
  }
  return text;
}
