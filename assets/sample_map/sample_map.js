// All samples on one plane: dots or pictures to point at. See components/teachable/sample_map.py. Called again with new
// data whenever the page runs; what the visitor chose is kept on parentElement.

const MARGIN_PX = 30; // around the outermost points
const LEAST_PX = 300, MOST_PX = 640; // the drawing's height
const NEAR_PX = { mouse: 14, pen: 18, touch: 28 };
const TIP_GAP_PX = 18;

export default function ({ parentElement, data }) {
  const me = (parentElement.limelight ??= createMap(parentElement));
  me.show(data);
  return () => {
    me.leave();
    delete parentElement.limelight;
  };
}

function createMap(root) {
  const find = (selector) => root.querySelector(selector);
  const stage = find(".stage"), plane = find(".plane"), here = find(".here"), tip = find(".tip"), said = find(".said");
  const legend = find(".legend");
  const me = { data: null };
  const hidden = new Set(); // numbers of classes
  let sheet = null, places = [], pictures = false;
  let pinned = null, pointed = null; // indices: clicked last, and under the mouse or reached by keys

  // ---- what the server sends ---------------------------------------------------------------------------------------

  me.show = (data) => {
    const old = me.data;
    me.data = data;
    if (old?.of !== data.of) pinned = pointed = null;
    if (JSON.stringify(old?.classes) !== JSON.stringify(data.classes)) hidden.clear();
    if (old?.sheet.id !== data.sheet.id) loadSheet();
    showLegend();
    find(".nothing").hidden = data.points.length > 0;
    find(".nothing").textContent = "There are no samples to show yet.";
    fit();
  };

  const loadSheet = () => {
    const image = new Image(), { id, url } = me.data.sheet;
    sheet = null;
    image.onload = () => {
      if (me.data.sheet.id !== id) return;
      sheet = image;
      draw();
      point();
    };
    image.src = url;
  };

  const showLegend = () => {
    const { classes, classOf } = me.data;
    const focused = [...legend.children].indexOf(root.activeElement);
    legend.replaceChildren(...classes.map(([name, colour], number) => {
      const button = make("button"), label = make("b", name);
      button.type = "button";
      button.style.setProperty("--colour", colour);
      button.title = `${name}: click to hide or show`;
      button.append(make("i"), label, make("small", classOf.filter((c) => c === number).length));
      button.setAttribute("aria-pressed", !hidden.has(number));
      button.addEventListener("click", () => {
        if (!hidden.delete(number)) hidden.add(number);
        button.setAttribute("aria-pressed", !hidden.has(number));
        draw();
        point();
      });
      return button;
    }));
    legend.children[focused]?.focus();
  };

  // ---- drawing -----------------------------------------------------------------------------------------------------

  const visible = (i) => i !== null && i < places.length && !hidden.has(me.data.classOf[i]);
  const order = () => [...places.keys()].filter(visible);

  // Size of a mark in CSS pixels: many are small
  const size = () => {
    const room = Math.sqrt((stage.clientWidth * stage.clientHeight) / Math.max(places.length, 1));
    return pictures ? clamp(0.9 * room, 22, 64) : clamp(0.28 * room, 7, 13);
  };

  const fit = () => {
    const { clientWidth: width } = stage, { points, height: ratio } = me.data;
    if (!width) return;
    const height = Math.round(clamp((width - 2 * MARGIN_PX) * ratio + 2 * MARGIN_PX, LEAST_PX, MOST_PX));
    stage.style.setProperty("--height", `${height}px`);
    const scale = Math.min(width - 2 * MARGIN_PX, (stage.clientHeight - 2 * MARGIN_PX) / ratio);
    const left = (width - scale) / 2, top = (stage.clientHeight - scale * ratio) / 2;
    places = points.map(([x, y]) => [left + x * scale, top + y * scale]);
    draw();
    point();
  };

  const draw = () => {
    const { clientWidth: width, clientHeight: height } = stage, dense = devicePixelRatio || 1;
    if (!width) return;
    plane.width = Math.round(width * dense);
    plane.height = Math.round(height * dense);
    const ink = plane.getContext("2d"), { backgroundColor } = getComputedStyle(stage);
    ink.setTransform(plane.width / width, 0, 0, plane.height / height, 0, 0);
    const s = size();
    for (const i of order()) {
      const [x, y] = places[i], [, colour] = me.data.classes[me.data.classOf[i]];
      ink.beginPath();
      if (pictures && sheet) {
        ink.roundRect(x - s / 2, y - s / 2, s, s, 3);
        drawPicture(ink, i, x - s / 2, y - s / 2, s);
        stroke(ink, colour, 2.5);
      } else {
        ink.arc(x, y, s / 2, 0, 7);
        ink.fillStyle = colour;
        ink.fill();
        stroke(ink, backgroundColor, 1);
      }
    }
  };

  const stroke = (ink, colour, width) => {
    ink.strokeStyle = colour;
    ink.lineWidth = width;
    ink.stroke();
  };

  const drawPicture = (ink, i, x, y, s) => {
    const { side, columns } = me.data.sheet;
    ink.drawImage(sheet, (i % columns) * side, Math.floor(i / columns) * side, side, side, x, y, s, s);
  };

  const resized = new ResizeObserver(() => me.data && fit());
  resized.observe(stage);
  stage.addEventListener("transitionend", (event) => event.propertyName === "color" && me.data && draw());

  // ---- the one that is pointed at, or else was clicked -------------------------------------------------------------

  const point = () => {
    const i = [pointed, pinned].find(visible) ?? null, { data } = me;
    here.hidden = tip.hidden = i === null;
    if (i === null) return;
    const [x, y] = places[i], s = size() + (pictures ? 6 : 12), [name, colour] = data.classes[data.classOf[i]];
    Object.assign(here.style, { left: `${x}px`, top: `${y}px`, width: `${s}px`, height: `${s}px` });
    here.style.setProperty("--round", pictures ? "6px" : "50%");
    tip.style.setProperty("--colour", colour);
    put(tip.querySelector(".name"), name);
    showPicture(tip.querySelector("canvas"), i);
    showPicture(here, pictures ? i : null); // the one on the plane may lie under others
    placeTip(x, y);
  };

  const showPicture = (canvas, i) => {
    const { side, id } = me.data.sheet, sample = `${id} ${i}`;
    if (canvas.sample === sample || !sheet) return;
    canvas.sample = sample;
    canvas.width = canvas.height = side; // which clears it
    if (i !== null) drawPicture(canvas.getContext("2d"), i, 0, 0, side);
  };

  // Beside the point, within what is to be seen of the drawing
  const placeTip = (x, y) => {
    const { top, bottom } = stage.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = tip;
    const right = x + TIP_GAP_PX + size() / 2, fits = right + width <= stage.clientWidth - 4;
    const highest = Math.max(0, -top) + 4, lowest = stage.clientHeight - Math.max(0, bottom - innerHeight) - height - 4;
    tip.style.left = `${fits ? right : Math.max(4, x - TIP_GAP_PX - size() / 2 - width)}px`;
    tip.style.top = `${clamp(y - height / 2, highest, Math.max(highest, lowest))}px`;
  };

  const nearest = (event) => {
    const { left, top } = plane.getBoundingClientRect(), x = event.clientX - left, y = event.clientY - top;
    const s = size() / 2, drawn = order().reverse();
    const covered = pictures && drawn.find((i) => Math.abs(places[i][0] - x) <= s && Math.abs(places[i][1] - y) <= s);
    if (covered !== false && covered !== undefined) return covered;
    let best = null, least = NEAR_PX[event.pointerType] ?? NEAR_PX.mouse;
    for (const i of drawn) {
      const far = Math.hypot(places[i][0] - x, places[i][1] - y);
      if (far < least) [best, least] = [i, far];
    }
    return best;
  };

  const pin = (i) => {
    pinned = i;
    point();
    describe(i);
  };

  const describe = (i) => {
    const { data } = me;
    if (i === null) return put(said, "");
    const [name] = data.classes[data.classOf[i]];
    put(said, `${name}, sample ${i + 1} of ${places.length}${i === pinned ? ", marked" : ""}`);
  };

  stage.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    pointed = nearest(event);
    stage.classList.toggle("over", pointed !== null);
    point();
  });
  stage.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "touch") return;
    pointed = null;
    point();
  });
  stage.addEventListener("click", (event) => {
    pointed = null;
    const i = nearest(event);
    if (i !== pinned || i !== null) pin(i === pinned && event.pointerType === "touch" ? null : i);
  });

  // ---- keys --------------------------------------------------------------------------------------------------------

  const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

  // The nearest that lies more that way than aside; where there is none, the nearest that lies that way at all
  const beside = (from, [dx, dy]) => {
    let best = null, least = Infinity, ahead = false;
    for (const i of order()) {
      const x = places[i][0] - places[from][0], y = places[i][1] - places[from][1];
      const along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx), straight = aside <= along;
      const far = along + 2 * aside;
      if (along <= 0 || straight < ahead || (straight === ahead && far >= least)) continue;
      [best, least, ahead] = [i, far, straight];
    }
    return best;
  };

  const middle = () => {
    const far = (i) => Math.hypot(places[i][0] - stage.clientWidth / 2, places[i][1] - stage.clientHeight / 2);
    return order().sort((a, b) => far(a) - far(b))[0] ?? null;
  };

  const reach = (i) => {
    pointed = i;
    point();
    describe(i);
    here.scrollIntoView({ block: "nearest" });
  };

  stage.addEventListener("keydown", (event) => {
    const { key } = event, at = [pointed, pinned].find(visible);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (WAYS[key]) reach(at === undefined ? middle() : beside(at, WAYS[key]) ?? at);
    else if ((key === "Enter" || key === " ") && at !== undefined) pin(at);
    else if (key === "Escape" && at !== undefined) {
      pointed = null;
      if (pinned !== null) pin(null);
      else point();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  stage.addEventListener("focus", () => {
    if (stage.matches(":focus-visible") && ![pointed, pinned].some(visible)) reach(middle());
  });
  stage.addEventListener("blur", () => {
    pointed = null;
    point();
  });

  // ---- its buttons -------------------------------------------------------------------------------------------------

  const switchTo = (on) => {
    pictures = on;
    find(".dots").setAttribute("aria-pressed", !on);
    find(".pictures").setAttribute("aria-pressed", on);
    draw();
    point();
  };
  find(".dots").addEventListener("click", () => switchTo(false));
  find(".pictures").addEventListener("click", () => switchTo(true));

  me.leave = () => resized.disconnect();
  return me;
}

function make(name, words = "") {
  const element = document.createElement(name);
  element.textContent = words;
  return element;
}

const put = (element, words) => element.textContent === words || (element.textContent = words); // no needless layout
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
