// The picture of a reader: its boxes to point at, to choose and to walk over by keys; and the part of it to read alone.

const ANSWER_MS = 8000;
const DRAG_PX = 6;
const SURE = 0.95, GUESS = 0.5;
const SVG = "http://www.w3.org/2000/svg";

const percent = (score) => `${Math.round(100 * score)} %`;
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// `reader` is told what the visitor points at (describe) and chooses (choose), and knows what is marked. Boxes are
// numbered as they come, the codes after them. `sides`: left, top, right, bottom as shares 0..1 of the picture.
function createPicture(root, reader) {
  const find = (selector) => root.querySelector(selector);
  const wrapper = find(".reader"), stage = find(".stage"), sheet = find(".sheet"), svg = find(".sheet svg");
  const region = find(".region"), only = find(".only");
  let polygons = [], at = 0; // the box where the Tab key comes in
  let drag = null, dragged = false, drawing = false, sides = null;

  // ---- its boxes ---------------------------------------------------------------------------------------------------

  const showImage = () => {
    const { url, width, height } = reader.data.picture;
    find("img").src = url;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sheet.style.setProperty("--width", `${width}px`);
    sheet.style.aspectRatio = `${width} / ${height}`;
    stage.scrollTo(0, 0);
    offer(null);
  };

  const showBoxes = () => {
    const { boxes, codes } = reader.data;
    polygons = [...boxes, ...codes].map(([points, , score], i) => {
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
    svg.replaceChildren(...polygons);
    at = 0;
    find(".coded").hidden = !codes.length;
    find(".legend").hidden = find(".boxes").hidden = !polygons.length;
    fit();
  };

  const level = (score) => {
    const { weakBelow } = reader.data;
    if (score < weakBelow) return score < GUESS ? "poor" : "weak";
    return score < SURE ? "fair" : "sure";
  };

  const entry = (i) => reader.data.boxes[i] ?? reader.data.codes[i - reader.data.boxes.length];

  const words = (i, comma = ", ") => {
    const [, text, scoreOrKind] = entry(i);
    return i < reader.data.boxes.length ? `${text}${comma}${percent(scoreOrKind)} sure` : `${scoreOrKind}: ${text}`;
  };

  // In the picture's pixels
  const bounds = (i) => {
    const [points] = entry(i);
    const xs = points.filter((_, n) => n % 2 === 0), ys = points.filter((_, n) => n % 2);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  };

  // Outlines of tiny boxes would hide what they outline; and the button keeps its place at the rectangle
  const fit = () => {
    const heights = reader.data.boxes.map((_, i) => bounds(i)[3] - bounds(i)[1]).sort((a, b) => a - b);
    const shown = (heights[heights.length >> 1] ?? 0) * (sheet.clientWidth / reader.data.picture.width);
    svg.classList.toggle("fine", shown > 0 && shown < 11);
    if (sides && !drag) offer(sides);
  };
  const resized = new ResizeObserver(() => reader.data && fit());
  resized.observe(sheet);

  const light = (set) => {
    polygons.forEach((polygon, i) => {
      if (polygon.classList.contains("lit") === set.has(i)) return;
      polygon.classList.toggle("lit", set.has(i));
      polygon.setAttribute("aria-selected", set.has(i));
    });
  };

  const scrollToBox = (i) => reveal(stage, polygons[i]);

  const focusBox = (i) => {
    polygons[at]?.setAttribute("tabindex", "-1");
    at = i;
    polygons[i].setAttribute("tabindex", "0");
    polygons[i].focus({ preventScroll: true });
  };

  const chosen = () => (reader.chosen ? reader.lit : new Set());

  const toggled = (i) => {
    const set = new Set(chosen());
    if (!set.delete(i)) set.add(i);
    return set;
  };

  // ---- the part to read alone --------------------------------------------------------------------------------------

  const drawRegion = () => {
    region.hidden = !sides;
    only.hidden = true;
    if (!sides) return;
    const [left, top, right, bottom] = sides.map((side) => `${100 * side}%`);
    Object.assign(region.style, { left, top, width: `calc(${right} - ${left})`, height: `calc(${bottom} - ${top})` });
  };

  // The rectangle stays, with its button below it, or above, where below is out of sight
  const offer = (part) => {
    sides = part;
    drawRegion();
    if (!sides) return;
    only.hidden = only.disabled = false;
    only.textContent = "Read only this part";
    const [, top, right, bottom] = sides, { offsetWidth: width, offsetHeight: height } = sheet;
    const { scrollLeft: seenLeft, scrollTop: seenTop } = stage;
    const seenRight = Math.min(width, seenLeft + stage.clientWidth);
    const seenBottom = Math.min(height, seenTop + stage.clientHeight);
    const x = clamp(right * width - only.offsetWidth, seenLeft, Math.max(seenLeft, seenRight - only.offsetWidth));
    const below = bottom * height + 6, above = Math.min(seenBottom, top * height - 6) - only.offsetHeight;
    only.style.left = `${x}px`;
    only.style.top = `${below + only.offsetHeight <= seenBottom ? below : Math.max(seenTop, above)}px`;
  };

  only.addEventListener("click", () => {
    only.disabled = true; // until the page has answered, with another picture
    only.textContent = "Reading…";
    setTimeout(() => only.disabled && offer(sides), ANSWER_MS);
    reader.trigger("region", { of: reader.data.picture.id, sides: sides.map((side) => +side.toFixed(5)) });
  });

  // Boxes of which at least half lies within
  const boxesInside = ([left, top, right, bottom]) => {
    const { width, height } = reader.data.picture, found = new Set();
    polygons.forEach((_, i) => {
      const [l, t, r, b] = bounds(i);
      const w = Math.min(r, right * width) - Math.max(l, left * width);
      const h = Math.min(b, bottom * height) - Math.max(t, top * height);
      if (w > 0 && h > 0 && w * h >= 0.5 * (r - l) * (b - t)) found.add(i);
    });
    return found;
  };

  const around = (set) => {
    const { width, height } = reader.data.picture, all = [...set].map(bounds);
    const most = (side, of) => clamp(of(...all.map((b) => b[side])) / (side % 2 ? height : width), 0, 1);
    return [most(0, Math.min), most(1, Math.min), most(2, Math.max), most(3, Math.max)];
  };

  // ---- mouse and finger --------------------------------------------------------------------------------------------

  const shares = (event) => {
    const { left, top, width, height } = svg.getBoundingClientRect();
    return { x: clamp((event.clientX - left) / width, 0, 1), y: clamp((event.clientY - top) / height, 0, 1) };
  };

  sheet.addEventListener("mousedown", (event) => {
    if (!event.target.closest(".only")) event.preventDefault(); // keeps the selection
  });
  sheet.addEventListener("pointerdown", (event) => {
    svg.classList.remove("keys");
    if (event.button || event.target.closest(".only")) return;
    dragged = false;
    const free = event.pointerType !== "touch" || drawing; // else a finger scrolls
    drag = free ? { ...shares(event), px: event.clientX, py: event.clientY } : null;
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!dragged && Math.hypot(event.clientX - drag.px, event.clientY - drag.py) < DRAG_PX) return;
    if (!dragged) sheet.setPointerCapture(event.pointerId);
    dragged = true;
    const { x, y } = shares(event);
    sides = [Math.min(x, drag.x), Math.min(y, drag.y), Math.max(x, drag.x), Math.max(y, drag.y)];
    drawRegion();
  });
  sheet.addEventListener("pointerup", (event) => {
    if (!drag) return;
    drag = null;
    if (!dragged) return;
    if (!reader.data.crop) {
      const inside = boxesInside(sides);
      if (inside.size) focusBox(Math.min(...inside));
      reader.choose(inside, { touch: event.pointerType === "touch" });
    }
    const [left, top, right, bottom] = sides;
    offer(left < right && top < bottom ? sides : null);
  });
  sheet.addEventListener("pointercancel", () => {
    if (drag) offer(null);
    drag = null;
  });

  sheet.addEventListener("click", (event) => {
    if (event.target.closest(".only")) return;
    if (dragged) return void (dragged = false); // the end of a drag is no click
    offer(null);
    if (reader.data.crop) return;
    const i = event.target.closest("polygon")?.index;
    const touch = event.pointerType === "touch";
    if (i === undefined) return reader.choose(new Set(), { touch });
    focusBox(i);
    const again = touch && chosen().size === 1 && chosen().has(i); // a second tap takes it back
    if (again || event.shiftKey || event.ctrlKey || event.metaKey) reader.choose(toggled(i), { touch });
    else reader.choose(new Set([i]), { touch });
  });

  sheet.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") reader.describe(event.target.closest("polygon")?.index);
  });
  sheet.addEventListener("pointerleave", () => reader.describe());

  // ---- keys --------------------------------------------------------------------------------------------------------

  // Without a mouse there is no dragging: what is around several chosen boxes is the part
  const chooseByKey = (set) => {
    reader.choose(set);
    offer(set.size > 1 ? around(set) : null);
  };

  svg.addEventListener("focusin", (event) => event.target.index !== undefined && reader.describe(event.target.index));
  svg.addEventListener("focusout", () => reader.describe());
  svg.addEventListener("keydown", (event) => {
    const i = event.target.index, last = polygons.length - 1, { key } = event;
    svg.classList.add("keys"); // where the focus is shows then; under a mouse it would hide what was chosen
    if (i === undefined || reader.data.crop || event.altKey) return;
    const step = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: last }[key];
    const command = event.ctrlKey || event.metaKey;
    if (step !== undefined) {
      const to = clamp(step, 0, last);
      if (event.shiftKey) chooseByKey(new Set([...chosen(), i, to]));
      focusBox(to);
      scrollToBox(to);
    } else if (key === "Enter" || key === " ") chooseByKey(event.shiftKey || command ? toggled(i) : new Set([i]));
    else if (key === "a" && command) chooseByKey(new Set(polygons.keys()));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  wrapper.addEventListener("keyup", (event) => event.key === "Tab" && svg.classList.add("keys"));
  wrapper.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    offer(null);
    reader.choose(new Set());
  });

  // ---- its buttons -------------------------------------------------------------------------------------------------

  const press = (button, on) => find(button).setAttribute("aria-pressed", on);
  const setDrawing = (on) => {
    drawing = on;
    wrapper.classList.toggle("drawn", on);
    press(".drawing", on);
  };

  find(".drawing").addEventListener("click", () => setDrawing(!drawing));
  find(".boxes").addEventListener("click", () => press(".boxes", !wrapper.classList.toggle("bare")));
  find(".zoom").addEventListener("click", () => {
    press(".zoom", stage.classList.toggle("full"));
    offer(sides);
    if (reader.lit.size) scrollToBox(Math.min(...reader.lit));
  });

  return { showImage, showBoxes, setDrawing, words, light, scrollToBox, leave: () => resized.disconnect() };
}

// Scrolls the box, and nothing around it, until the element is to be seen in it
function reveal(box, element) {
  const outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect();
  const off = (start, end, from, to) => (start < from || end > to ? (start + end - from - to) / 2 : 0);
  const left = off(inner.left, Math.min(inner.right, inner.left + outer.width), outer.left, outer.right);
  const top = off(inner.top, Math.min(inner.bottom, inner.top + outer.height), outer.top, outer.bottom);
  const far = Math.abs(top) > 2 * outer.height; // to glide over a hundred lines takes seconds
  if (left || top) box.scrollBy({ left, top, behavior: far ? "instant" : "auto" });
}
