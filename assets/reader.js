// A read picture and its text: choose in one, find in the other; correct, copy. See components/reader.py.
// Called again with new data whenever the page runs; what the visitor chose is kept on parentElement, what they wrote in
// `edits`, so that it is still there when they come back to this text. A stranger's text is never inserted as HTML.

const TELL_MS = 400, SAID_MS = 8000, ANSWER_MS = 8000;
const DRAG_PX = 6;
const MOST_EDITS = 30;
const SURE = 0.95, GUESS = 0.5;
const SVG = "http://www.w3.org/2000/svg";

const edits = new Map(); // what `data.of` names → { text, parts }; this module lives as long as the page's session

const percent = (score) => `${Math.round(100 * score)} %`;
const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const cut = (text, most) => ([...text.slice(0, 2 * most)].length > most ? [...text.slice(0, 2 * most)].slice(0, most - 1).join("") + "…" : text);
const same = (a, b) => a.size === b.size && [...a].every((i) => b.has(i));

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const me = (parentElement.limelight ??= create(parentElement));
  me.setState = setStateValue;
  me.trigger = setTriggerValue;
  me.show(data);
  return () => {
    me.leave();
    delete parentElement.limelight;
  };
}

function create(root) {
  const find = (selector) => root.querySelector(selector);
  const wrapper = find(".reader"), pane = find(".pane"), stage = find(".stage"), sheet = find(".sheet"), svg = find(".sheet svg");
  const about = find(".about"), said = find(".said"), region = find(".region"), only = find(".only");
  // `lit`: boxes that are marked on both sides. `chosen`: whether the picture chose them, not the caret
  const me = { data: null, told: undefined, polygons: [], lit: new Set(), chosen: false, at: 0, drag: null, sides: null, weakAt: null };

  // ---- what the server sends -------------------------------------------------------------------------------------

  me.show = (data) => {
    const old = me.data;
    const other = old?.of !== data.of;
    if (old && other) keep(); // under its own name, before the text goes
    me.data = data;
    wrapper.classList.toggle("crop", data.crop);
    if (old?.picture.id !== data.picture.id) showPicture();
    const redrawn = other || JSON.stringify([old.boxes, old.codes, old.weakBelow]) !== JSON.stringify([data.boxes, data.codes, data.weakBelow]);
    if (redrawn) {
      if (!other) light(new Set());
      showBoxes();
    }
    if (other) {
      const kept = edits.get(data.of);
      build(kept?.parts ?? unchanged());
      if (kept) tell(kept.text); // a component that was away is new to the server
    } else if (redrawn) mark();
    if (old && old.crop !== data.crop) setDrawing(data.crop);
    else if (!old && data.crop) setDrawing(true);
    describe();
  };

  const showPicture = () => {
    const { url, width, height } = me.data.picture;
    find("img").src = url;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sheet.style.setProperty("--width", `${width}px`);
    sheet.style.aspectRatio = `${width} / ${height}`;
    stage.scrollTo(0, 0);
    offer(null);
  };

  const showBoxes = () => {
    const { boxes, codes, weakBelow } = me.data;
    const level = (score) => (score < Math.min(GUESS, weakBelow) ? "poor" : score < weakBelow ? "weak" : score < SURE ? "fair" : "sure");
    me.polygons = [...boxes, ...codes].map(([points, text, score], i) => {
      const polygon = document.createElementNS(SVG, "polygon"), title = document.createElementNS(SVG, "title");
      polygon.setAttribute("points", points.join(" "));
      polygon.setAttribute("class", i < boxes.length ? level(score) : "code");
      polygon.setAttribute("role", "option");
      polygon.setAttribute("aria-selected", "false");
      polygon.setAttribute("tabindex", i ? "-1" : "0"); // one stop for the Tab key; arrows go on from there
      polygon.setAttribute("aria-label", words(i));
      title.textContent = words(i);
      polygon.append(title);
      polygon.index = i;
      return polygon;
    });
    svg.replaceChildren(...me.polygons);
    me.at = 0;
    find(".coded").hidden = !codes.length;
    find(".legend").hidden = find(".boxes").hidden = !me.polygons.length;
    fit();
  };

  const words = (i, comma = ", ") => {
    const { boxes, codes } = me.data;
    const [, text, score] = boxes[i] ?? codes[i - boxes.length];
    return i < boxes.length ? `${text}${comma}${percent(score)} sure` : `${score}: ${text}`;
  };

  // ---- the text: spans that know their piece, and whatever the visitor wrote between -----------------------------------

  const build = (parts) => {
    const { pieces, tab } = me.data;
    const nodes = parts.map(([text, i]) => {
      if (i === null || pieces[i][1] === null) return document.createTextNode(text);
      const span = document.createElement("span");
      span.textContent = text;
      span.piece = i;
      return span;
    });
    pane.replaceChildren(...nodes, document.createElement("br")); // so that a last empty line can be seen and reached
    pane.classList.toggle("aligned", tab > 0);
    pane.style.tabSize = tab || "";
    pane.scrollTo(0, 0);
    me.weakAt = null;
    light(new Set());
    const empty = !pieces.some(([text]) => text.trim());
    pane.hidden = empty;
    find(".none").hidden = !empty;
    for (const button of [".copy", ".flat"]) find(button).hidden = empty && !me.data.codes.length;
    find(".undo").hidden = empty;
    mark();
    changed();
  };

  const spans = () => [...pane.querySelectorAll("span")].filter((span) => span.piece !== undefined);
  const boxOf = (span) => me.data.pieces[span.piece][1];

  // Unsure words, as long as they are what was read
  const mark = () => {
    let weak = 0;
    for (const span of spans()) {
      const [text, , score] = me.data.pieces[span.piece];
      const unsure = score < me.data.weakBelow && text.trim() !== "" && span.textContent === text;
      if (span.classList.contains("weak") !== unsure) span.classList.toggle("weak", unsure);
      if (unsure) span.title = `${percent(score)} sure`;
      else if (span.title) span.removeAttribute("title");
      weak += unsure;
    }
    const next = find(".next");
    next.textContent = `Next unsure word (${weak})`;
    next.hidden = !weak;
  };

  const changed = () => {
    find(".undo").disabled = textOf(pane) === original();
  };

  const unchanged = () => me.data.pieces.map(([text], i) => [text, i]);
  const original = () => me.data.pieces.map(([text]) => text).join("");

  // What is on the screen, in pieces that can be built again
  const partsOf = () => {
    const parts = [];
    for (const node of pane.childNodes) {
      const text = node === pane.lastChild && node.nodeName === "BR" ? "" : textOf(node);
      if (text) parts.push([text, node.piece ?? null]);
    }
    return parts;
  };

  // Notes the text as it is, under its own name; null where it is what was read
  const keep = () => {
    clearTimeout(me.timer);
    if (!me.data || pane.hidden) return null;
    const text = textOf(pane), { of } = me.data;
    edits.delete(of);
    if (text === original()) return null;
    edits.set(of, { text, parts: partsOf() });
    if (edits.size > MOST_EDITS) edits.delete(edits.keys().next().value);
    return text;
  };

  const tell = (text) => {
    if (text !== null && text.length > me.data.most) {
      return say(`This text is longer than ${count(me.data.most, "character")}. You can copy it, but the rest of the page keeps the shorter one.`);
    }
    const edit = text === null ? null : { of: me.data.of, text };
    const now = JSON.stringify(edit);
    if (now === me.told || (text === null && me.told === undefined)) return;
    me.told = now;
    me.setState("edit", edit);
  };

  pane.addEventListener("input", () => {
    if (pane.lastChild?.nodeName !== "BR") pane.append(document.createElement("br"));
    mark();
    clearTimeout(me.timer);
    me.timer = setTimeout(() => {
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
    const text = event.clipboardData?.getData("text/plain");
    if ([...(event.clipboardData?.files ?? [])].some((file) => file.type.startsWith("image/"))) return; // for the page
    event.stopPropagation(); // the page, which takes pictures, does not see that it went into a text
    if (pane.contentEditable === "true") {
      event.preventDefault();
      document.execCommand("insertText", false, text);
    }
  });

  // Streamlit's shortcuts are single letters, and it does not see into this component
  for (const kind of ["keydown", "keyup", "keypress"]) pane.addEventListener(kind, (event) => event.stopPropagation());

  // ---- choosing: boxes here, their text there -----------------------------------------------------------------------

  const light = (set, chosen = false) => {
    if (!same(set, me.lit)) {
      me.polygons.forEach((polygon, i) => {
        if (me.lit.has(i) === set.has(i) && polygon.classList.contains("lit") === set.has(i)) return;
        polygon.classList.toggle("lit", set.has(i));
        polygon.setAttribute("aria-selected", set.has(i));
      });
      me.lit = set;
      for (const span of spans()) {
        if (span.classList.contains("lit") !== set.has(boxOf(span))) span.classList.toggle("lit");
      }
    }
    me.chosen = chosen && set.size > 0;
    describe();
  };

  const choose = (set, { touch = false } = {}) => {
    light(set, true);
    const lit = spans().filter((span) => set.has(boxOf(span)));
    const all = lit.length ? spans() : [];
    const inOneRun = lit.length && all.indexOf(lit.at(-1)) - all.indexOf(lit[0]) === lit.length - 1;
    // under a finger, a selection would open the keyboard; the marks are enough
    if (!touch) inOneRun ? select(lit[0], lit.at(-1)) : selected() && selection().removeAllRanges();
    if (lit.length) reveal(pane, lit[0]);
  };

  const selection = () => root.getSelection?.() ?? document.getSelection();

  const select = (first, last) => {
    const focused = root.activeElement;
    selection().setBaseAndExtent(first, 0, last, last.childNodes.length);
    if (focused && focused !== pane) focused.focus({ preventScroll: true }); // Chromium moves it into the text
  };

  // The visitor's selection where it lies in the text, as a Range; else null
  const selected = () => {
    const found = selection();
    if (!found?.rangeCount) return null;
    let range = found.getRangeAt(0);
    if (!pane.contains(range.startContainer) && found.getComposedRanges) { // Safari hides what is in a component
      const [inside] = found.getComposedRanges({ shadowRoots: [root] });
      range = document.createRange();
      range.setStart(inside.startContainer, inside.startOffset);
      range.setEnd(inside.endContainer, inside.endOffset);
    }
    return pane.contains(range.startContainer) && pane.contains(range.endContainer) ? range : null;
  };

  const boxesIn = (range) => {
    if (range.collapsed) {
      const span = (range.startContainer.nodeType === Node.TEXT_NODE ? range.startContainer.parentNode : range.startContainer);
      return new Set(span.piece === undefined ? [] : [boxOf(span)]);
    }
    // step by step: Range.intersectsNode counts its way to each node, and there may be ten thousand
    const child = (container, offset) => {
      if (container === pane) return pane.childNodes[offset] ?? null;
      while (container.parentNode !== pane) container = container.parentNode;
      return container;
    };
    const end = child(range.endContainer, range.endOffset), found = new Set(), probe = document.createRange();
    for (let node = child(range.startContainer, range.startOffset); node; node = node.nextSibling) {
      if (node === end && range.endContainer === pane) break;
      if (node.piece !== undefined) {
        probe.selectNodeContents(node);
        if (node.contains(range.startContainer)) probe.setStart(range.startContainer, range.startOffset);
        if (node.contains(range.endContainer)) probe.setEnd(range.endContainer, range.endOffset);
        if (!probe.collapsed && probe.toString()) found.add(boxOf(node)); // one that ends where a word begins has none of it
      }
      if (node === end) break;
    }
    return found;
  };

  const onSelection = () => {
    const range = selected();
    if (!range) return describe();
    const boxes = boxesIn(range);
    if (me.chosen && !range.collapsed && same(boxes, new Set([...me.lit].filter((i) => i < me.data.boxes.length)))) return; // our own
    light(boxes);
    const first = Math.min(...boxes);
    if (boxes.size) reveal(stage, me.polygons[first]);
  };
  document.addEventListener("selectionchange", onSelection);

  // ---- the picture ------------------------------------------------------------------------------------------------

  const focusBox = (i, { scroll = true } = {}) => {
    me.polygons[me.at]?.setAttribute("tabindex", "-1");
    me.at = i;
    me.polygons[i].setAttribute("tabindex", "0");
    me.polygons[i].focus({ preventScroll: true });
    if (scroll) reveal(stage, me.polygons[i]);
  };

  const toggled = (i) => {
    const set = new Set(me.chosen ? me.lit : []);
    if (!set.delete(i)) set.add(i);
    return set;
  };

  sheet.addEventListener("mousedown", (event) => event.target.closest(".only") || event.preventDefault()); // keeps the selection
  sheet.addEventListener("pointerdown", (event) => {
    svg.classList.remove("keys");
    if (event.button || event.target.closest(".only")) return;
    me.dragged = false;
    const free = event.pointerType !== "touch" || me.drawing; // else a finger scrolls
    me.drag = free ? { ...shares(event), px: event.clientX, py: event.clientY } : null;
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!me.drag) return;
    if (!me.dragged && Math.hypot(event.clientX - me.drag.px, event.clientY - me.drag.py) < DRAG_PX) return;
    if (!me.dragged) sheet.setPointerCapture(event.pointerId);
    me.dragged = true;
    const { x, y } = shares(event);
    const sides = [Math.min(x, me.drag.x), Math.min(y, me.drag.y), Math.max(x, me.drag.x), Math.max(y, me.drag.y)];
    me.sides = sides;
    drawRegion();
  });
  sheet.addEventListener("pointerup", (event) => {
    if (!me.drag) return;
    me.drag = null;
    if (!me.dragged) return;
    const [left, top, right, bottom] = me.sides;
    if (!me.data.crop) {
      const inside = boxesInside(me.sides);
      if (inside.size) focusBox(Math.min(...inside), { scroll: false });
      choose(inside, { touch: event.pointerType === "touch" });
    }
    offer(left < right && top < bottom ? me.sides : null);
  });
  sheet.addEventListener("pointercancel", () => {
    if (me.drag) offer(null);
    me.drag = null;
  });

  sheet.addEventListener("click", (event) => {
    if (event.target.closest(".only")) return;
    if (me.dragged) return void (me.dragged = false); // the end of a drag is no click
    offer(null);
    if (me.data.crop) return;
    const i = event.target.closest("polygon")?.index;
    const touch = event.pointerType === "touch";
    if (i === undefined) return choose(new Set(), { touch });
    focusBox(i, { scroll: false });
    if (event.shiftKey || event.ctrlKey || event.metaKey) choose(toggled(i), { touch });
    else choose(touch && me.chosen && me.lit.size === 1 && me.lit.has(i) ? new Set() : new Set([i]), { touch });
  });

  sheet.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") describe(event.target.closest("polygon")?.index);
  });
  sheet.addEventListener("pointerleave", () => describe());
  svg.addEventListener("focusin", (event) => event.target.index !== undefined && describe(event.target.index));
  wrapper.addEventListener("keyup", (event) => event.key === "Tab" && svg.classList.add("keys"));
  svg.addEventListener("focusout", () => describe());

  svg.addEventListener("keydown", (event) => {
    const i = event.target.index, last = me.polygons.length - 1, { key } = event;
    svg.classList.add("keys"); // where the focus is shows then; under a mouse it would hide what was chosen
    if (i === undefined || me.data.crop || event.altKey) return;
    const step = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: last }[key];
    if (step !== undefined) {
      const to = clamp(step, 0, last);
      if (event.shiftKey) chooseByKey(new Set([...(me.chosen ? me.lit : []), i, to]));
      focusBox(to);
    } else if (key === "Enter" || key === " ") chooseByKey(event.shiftKey || event.ctrlKey || event.metaKey ? toggled(i) : new Set([i]));
    else if (key === "a" && (event.ctrlKey || event.metaKey)) chooseByKey(new Set(me.polygons.keys()));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  wrapper.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || pane.contains(event.target)) return;
    offer(null);
    choose(new Set());
  });

  // Without a mouse there is no dragging: what is around several chosen boxes is the part
  const chooseByKey = (set) => {
    choose(set);
    const { width, height } = me.data.picture;
    const around = [...set].map(bounds);
    const most = (side, of) => clamp(of(...around.map((b) => b[side])) / (side % 2 ? height : width), 0, 1);
    offer(set.size > 1 ? [most(0, Math.min), most(1, Math.min), most(2, Math.max), most(3, Math.max)] : null);
  };

  const shares = (event) => {
    const { left, top, width, height } = svg.getBoundingClientRect();
    return { x: clamp((event.clientX - left) / width, 0, 1), y: clamp((event.clientY - top) / height, 0, 1) };
  };

  const bounds = (i) => {
    const { boxes, codes } = me.data, points = (boxes[i] ?? codes[i - boxes.length])[0];
    const xs = points.filter((_, n) => n % 2 === 0), ys = points.filter((_, n) => n % 2);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  };

  // Boxes of which at least half lies within
  const boxesInside = ([left, top, right, bottom]) => {
    const { width, height } = me.data.picture, found = new Set();
    me.polygons.forEach((_, i) => {
      const [l, t, r, b] = bounds(i);
      const w = Math.min(r, right * width) - Math.max(l, left * width), h = Math.min(b, bottom * height) - Math.max(t, top * height);
      if (w > 0 && h > 0 && w * h >= 0.5 * (r - l) * (b - t)) found.add(i);
    });
    return found;
  };

  const drawRegion = () => {
    region.hidden = !me.sides;
    only.hidden = true;
    if (!me.sides) return;
    const [left, top, right, bottom] = me.sides.map((side) => `${100 * side}%`);
    Object.assign(region.style, { left, top, width: `calc(${right} - ${left})`, height: `calc(${bottom} - ${top})` });
  };

  // The rectangle stays, with its button below it, or above, where below is out of sight
  const offer = (sides) => {
    me.sides = sides;
    drawRegion();
    if (!sides) return;
    only.hidden = only.disabled = false;
    only.textContent = "Read only this part";
    const { offsetWidth: width, offsetHeight: height } = sheet, end = Math.min(height, stage.scrollTop + stage.clientHeight);
    const from = stage.scrollLeft, to = Math.min(width, from + stage.clientWidth), below = sides[3] * height + 6;
    only.style.left = `${clamp(sides[2] * width - only.offsetWidth, from, Math.max(from, to - only.offsetWidth))}px`;
    only.style.top = `${below + only.offsetHeight <= end ? below : Math.max(stage.scrollTop, Math.min(end, sides[1] * height - 6) - only.offsetHeight)}px`;
  };

  only.addEventListener("click", () => {
    only.disabled = true; // until the page has answered, with another picture
    only.textContent = "Reading…";
    setTimeout(() => only.disabled && offer(me.sides), ANSWER_MS);
    me.trigger("region", { of: me.data.picture.id, sides: me.sides.map((side) => +side.toFixed(5)) });
  });

  const describe = (i) => {
    if (!me.data) return;
    const one = i ?? (me.lit.size === 1 ? [...me.lit][0] : undefined);
    const hint = me.data.crop ? "Drag a rectangle around the part to read."
      : !me.polygons.length ? "" : matchMedia("(hover: none)").matches ? "Tap a box to find its text."
      : "Click a box to find its text. Drag to choose several, or a part to read alone.";
    put(about, one !== undefined ? words(one, " · ") : me.lit.size ? `${me.lit.size} boxes chosen` : hint);
    const range = selected();
    put(find(".copy span"), me.chosen || (range && !range.collapsed) ? "Copy selection" : "Copy");
  };
  const put = (element, text) => element.textContent === text || (element.textContent = text); // unchanged, no new layout

  const setDrawing = (on) => {
    me.drawing = on;
    wrapper.classList.toggle("drawn", on);
    press(".drawing", on);
  };
  const press = (button, on) => find(button).setAttribute("aria-pressed", on);

  find(".drawing").addEventListener("click", () => setDrawing(!me.drawing));
  find(".boxes").addEventListener("click", () => press(".boxes", !wrapper.classList.toggle("bare")));
  find(".zoom").addEventListener("click", () => {
    press(".zoom", stage.classList.toggle("full"));
    offer(me.sides);
    if (me.lit.size) reveal(stage, me.polygons[Math.min(...me.lit)]);
  });

  // ---- copying ----------------------------------------------------------------------------------------------------

  // Chosen text as one: what stands between neighbours stays; over a gap, the strongest white space in it is kept
  const chosenText = () => {
    let text = "", between = "", skipped = false;
    for (const node of pane.childNodes) {
      if (node === pane.lastChild && node.nodeName === "BR") break;
      const box = node.piece === undefined ? null : boxOf(node);
      if (box !== null && me.lit.has(box)) {
        text += (text ? (skipped ? ["\n", "\t"].find((sign) => between.includes(sign)) ?? " " : between) : "") + textOf(node);
        between = "";
        skipped = false;
      } else {
        between += textOf(node);
        skipped ||= box !== null;
      }
    }
    const { boxes, codes } = me.data;
    return [text, ...codes.filter((_, n) => me.lit.has(boxes.length + n)).map(([, code]) => code)].filter(Boolean).join("\n");
  };

  const wanted = () => {
    if (me.chosen) return chosenText();
    const range = selected();
    if (range && !range.collapsed) return textOf(range.cloneContents());
    return pane.hidden ? me.data.codes.map(([, code]) => code).join("\n") : textOf(pane);
  };

  const say = (text) => {
    said.textContent = text;
    clearTimeout(me.saying);
    me.saying = setTimeout(() => (said.textContent = ""), SAID_MS);
  };

  const copy = async (text) => {
    if (!text) return say("There is nothing to copy.");
    const range = selected(), focused = root.activeElement, { chosen } = me;
    const done = await toClipboard(text);
    if (range && !selected()) { // the older way had to select something else
      selection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
      me.chosen = chosen;
    }
    focused?.focus({ preventScroll: true });
    say(done ? `Copied ${count([...text].length, "character")}` : "The browser did not allow it. Mark the text and press Ctrl+C.");
  };

  // a press must not take the selection away that it is about
  wrapper.querySelectorAll(".tools").forEach((tools) => tools.addEventListener("mousedown", (event) => event.preventDefault()));
  find(".copy").addEventListener("click", () => copy(wanted()));
  find(".flat").addEventListener("click", () => copy(inOneLine(wanted())));

  // Ctrl+C: the text alone, not its marks; and of boxes chosen in the picture as well
  wrapper.addEventListener("copy", (event) => {
    const text = wanted();
    if (!(me.chosen || pane.contains(event.target)) || !text) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
    say(`Copied ${count([...text].length, "character")}`);
  });
  pane.addEventListener("cut", (event) => {
    const range = selected();
    if (!range || range.collapsed) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", textOf(range.cloneContents()));
    document.execCommand("delete");
  });

  find(".next").addEventListener("click", (event) => {
    const weak = [...pane.querySelectorAll(".weak")];
    if (!weak.length) return;
    // after the last one, even if it has been corrected by now: then it is among the spans, not among the weak
    const follows = (span) => !me.weakAt?.isConnected || me.weakAt.compareDocumentPosition(span) & Node.DOCUMENT_POSITION_FOLLOWING;
    const span = (me.weakAt = weak.find(follows) ?? weak[0]);
    light(new Set([boxOf(span)]));
    if (event.pointerType !== "touch") {
      pane.focus({ preventScroll: true });
      select(span, span);
    }
    pane.querySelector(".here")?.classList.remove("here");
    span.classList.add("here");
    reveal(pane, span);
    reveal(stage, me.polygons[boxOf(span)]);
    say(`Unsure word ${weak.indexOf(span) + 1} of ${weak.length}: ${cut(span.textContent, 40)}, ${span.title}`);
  });

  find(".undo").addEventListener("click", () => {
    build(unchanged());
    tell(keep());
    say("Back to what was read.");
  });

  // Outlines of tiny boxes would hide what they outline; and the button keeps its place at the rectangle
  const fit = () => {
    const heights = me.data.boxes.map((_, i) => bounds(i)[3] - bounds(i)[1]).sort((a, b) => a - b);
    const shown = (heights[heights.length >> 1] ?? 0) * (sheet.clientWidth / me.data.picture.width);
    svg.classList.toggle("fine", shown > 0 && shown < 11);
    if (me.sides && !me.drag) offer(me.sides);
  };
  const resized = new ResizeObserver(() => me.data && fit());
  resized.observe(sheet);

  me.leave = () => {
    resized.disconnect();
    document.removeEventListener("selectionchange", onSelection);
    keep();
  };
  return me;
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

// Chinese and Japanese know no spaces
const inOneLine = (text) => text.replace(/(?<=[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}])\s*\n\s*(?=[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}])/gu, "").replace(/\s*\n\s*/g, " ").trim();

// Scrolls the box, and nothing around it, until the element is to be seen in it
function reveal(box, element) {
  const outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect();
  const off = (start, end, from, to) => (start < from || end > to ? (start + end - from - to) / 2 : 0);
  const left = off(inner.left, Math.min(inner.right, inner.left + outer.width), outer.left, outer.right);
  const top = off(inner.top, Math.min(inner.bottom, inner.top + outer.height), outer.top, outer.bottom);
  const far = Math.abs(top) > 2 * outer.height; // to glide over a hundred lines takes seconds
  if (left || top) box.scrollBy({ left, top, behavior: far ? "instant" : "auto" });
}

// Browsers offer navigator.clipboard on HTTPS and localhost alone; the older way works on a plain address as well.
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return theOldWay(text);
  }
}

function theOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true; // no keyboard on a phone
  area.style.cssText = "position: fixed; top: 0; opacity: 0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
