// Many small pictures: choose some, then delete or move them. See components/teachable/gallery.py. Called again with
// new data whenever the page runs, of a strip twice a second: a picture that stays is the element it was, chosen or not.
// createOffice is in office.js.

const AT_START_PX = 8;
const SVG = "http://www.w3.org/2000/svg";

export default function ({ parentElement, data, setStateValue }) {
  const me = (parentElement.limelight ??= createGallery(parentElement));
  me.tell = setStateValue;
  me.show(data);
  return () => {
    me.leave();
    delete parentElement.limelight;
  };
}

function createGallery(root) {
  const find = (selector) => root.querySelector(selector);
  const gallery = find(".gallery"), list = find(".tiles"), select = find("select"), said = find(".said");
  const me = { data: null, tell: null };
  const tiles = new Map(); // by key, in the order shown
  const chosen = new Set();
  const office = createOffice((message) => me.tell("change", { ...message, of: me.data.of }), () => unmark());
  let at = null, anchor = null; // keys: where the Tab key comes in, and where a range begins
  let follows = true; // a strip at its start shows the newest

  // ---- what the server sends ---------------------------------------------------------------------------------------

  me.show = (data) => {
    const old = me.data;
    me.data = data;
    gallery.classList.toggle("compact", data.compact);
    gallery.style.setProperty("--side", `${data.side}px`);
    if (JSON.stringify(old?.classes) !== JSON.stringify(data.classes)) showClasses();
    office.answered(data.heard);
    keepView(() => showTiles());
    find(".empty").hidden = Boolean(tiles.size) || !data.empty;
    find(".empty").textContent = data.empty;
    list.hidden = !tiles.size;
    for (const key of chosen) if (!tiles.has(key)) chosen.delete(key);
    describe();
  };

  const showTiles = () => {
    const order = [...tiles.keys()], focused = root.activeElement?.closest?.(".tile")?.key;
    const next = new Map(me.data.tiles.map((row) => [row[0], row]));
    // What was chosen in a strip stays, though newer ones have pushed it out; but not over to other pictures
    const other = !order.some((key) => next.has(key));
    const held = me.data.compact && !other ? order.filter((key) => chosen.has(key) && !next.has(key)) : [];
    for (const key of order) {
      if (next.has(key) || held.includes(key)) continue;
      tiles.get(key).remove();
      tiles.delete(key);
    }
    const shown = [...next.values()].map((row) => fill(tiles.get(row[0]) ?? makeTile(row[0]), row));
    shown.push(...held.map((key) => tiles.get(key)));
    let place = list.firstChild;
    for (const tile of shown) {
      if (tile === place) place = place.nextSibling;
      else list.insertBefore(tile, place); // one that need not move is not touched: it would lose the focus
    }
    tiles.clear();
    for (const tile of shown) tiles.set(tile.key, tile);
    if (!tiles.has(anchor)) anchor = null;
    if (!tiles.has(at)) enterAt(neighbour(order, at) ?? shown[0]?.key ?? null);
    if (focused !== undefined && !tiles.has(focused)) tiles.get(at)?.picture.focus({ preventScroll: true });
  };

  // The one that stands where a picture was that is gone
  const neighbour = (order, key) => {
    const from = order.indexOf(key);
    if (from < 0) return undefined;
    return order.slice(from).find((k) => tiles.has(k)) ?? order.slice(0, from).reverse().find((k) => tiles.has(k));
  };

  const makeTile = (key) => {
    const tile = make("div", "tile"), picture = make("button", "picture"), fix = make("button", "fix");
    const img = make("img"), caption = make("span", "caption");
    picture.type = fix.type = "button";
    picture.tabIndex = fix.tabIndex = -1;
    picture.append(img, tick());
    img.alt = "";
    img.draggable = false;
    tile.append(picture, caption, fix);
    return Object.assign(tile, { key, picture, img, caption, fix, row: [] });
  };

  const fill = (tile, row) => {
    const [, jpeg, caption, colour, to] = row;
    if (tile.row[1] !== jpeg) tile.img.src = `data:image/jpeg;base64,${jpeg}`; // only then: it would flicker
    put(tile.caption, caption);
    tile.caption.hidden = !caption;
    tile.title = caption;
    if (colour) tile.style.setProperty("--frame", colour);
    else tile.style.removeProperty("--frame");
    const name = me.data.classes.find(([id]) => id === to)?.[1];
    tile.fix.hidden = name === undefined;
    put(tile.fix, `→ ${name ?? ""}`);
    tile.fix.title = `Move to ${name ?? ""}`;
    tile.fix.setAttribute("aria-label", `${caption ? `${caption}: move` : "Move"} to ${name ?? ""}`);
    tile.row = row;
    tile.classList.toggle("going", office.has(tile.key));
    return tile;
  };

  const showClasses = () => {
    const was = select.value, { classes } = me.data;
    select.replaceChildren(...classes.map(([id, name]) => {
      const option = make("option");
      option.value = id;
      option.textContent = name;
      return option;
    }));
    if (classes.some(([id]) => id === was)) select.value = was;
    find(".moving").hidden = !classes.length;
    find("label").hidden = classes.length < 2;
  };

  // New pictures come in at a strip's start. Whoever looks further back, points at one or has chosen some keeps in view
  // what is there.
  const keepView = (change) => {
    if (!me.data.compact) return change();
    const busy = list.matches(":hover") || chosen.size || root.activeElement?.closest?.(".tiles");
    const stay = busy || !follows;
    const start = list.getBoundingClientRect().left, left = (tile) => tile.getBoundingClientRect().left;
    const seen = [...tiles.values()].find((tile) => left(tile) + tile.offsetWidth > start);
    const was = seen && left(seen);
    change();
    if (stay && seen?.isConnected) list.scrollLeft += left(seen) - was;
    else if (!stay) list.scrollLeft = 0;
  };
  list.addEventListener("scroll", () => {
    if (list.scrollLeft <= AT_START_PX) follows = true;
  });
  for (const moved of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    list.addEventListener(moved, () => requestAnimationFrame(() => (follows = list.scrollLeft <= AT_START_PX)), { passive: true });
  }

  // ---- choosing ----------------------------------------------------------------------------------------------------

  const describe = () => {
    const n = chosen.size, { data } = me, { classes } = data;
    for (const [key, tile] of tiles) {
      tile.picture.setAttribute("aria-pressed", chosen.has(key));
      tile.picture.tabIndex = tile.fix.tabIndex = key === at ? 0 : -1; // one stop for the Tab key; arrows go on
      const number = [...tiles.keys()].indexOf(key) + 1;
      tile.picture.setAttribute("aria-label", tile.row[2] || `Sample ${number} of ${tiles.size}`);
    }
    gallery.classList.toggle("some", n > 0);
    find(".choosing").hidden = !tiles.size;
    find(".all").disabled = n === tiles.size;
    find(".none").disabled = !n;
    put(find(".delete"), `${data.deleting[0]} ${n}`);
    put(find(".to"), `Move ${n} to`);
    put(find(".move"), classes.length === 1 ? `Move ${n} to ${classes[0][1]}` : "Move");
    put(find(".all"), data.compact ? `Select these ${tiles.size}` : "Select all"); // a strip has the newest alone
    put(said, n ? (data.compact ? `${n} selected` : `${n} of ${tiles.size} selected`) : "");
  };

  const choose = (keys, on = true) => {
    for (const key of keys) {
      if (on && !office.has(key)) chosen.add(key);
      else chosen.delete(key);
    }
    describe();
  };

  const range = (from, to) => {
    const order = [...tiles.keys()], [a, b] = [order.indexOf(from), order.indexOf(to)].sort((x, y) => x - y);
    return order.slice(a, b + 1);
  };

  const enterAt = (key) => (at = key);

  const press = (key, shift) => {
    enterAt(key);
    if (shift && anchor !== null && anchor !== key) return choose(range(anchor, key));
    anchor = key;
    choose([key], !chosen.has(key));
  };

  list.addEventListener("click", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    if (event.target.closest(".fix")) {
      enterAt(tile.key);
      act("move", [tile.key], tile.row[4]);
    } else if (event.target.closest(".picture, .caption")) press(tile.key, event.shiftKey);
  });
  list.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // no text is selected
  list.addEventListener("focusin", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || tile.key === at) return;
    enterAt(tile.key);
    describe();
  });

  // ---- keys --------------------------------------------------------------------------------------------------------

  const columns = () => {
    const all = [...tiles.values()], top = all[0]?.offsetTop;
    const second = all.findIndex((tile) => tile.offsetTop !== top);
    return second < 0 ? all.length : second;
  };

  const go = (step, shift) => {
    const order = [...tiles.keys()], from = order.indexOf(at), to = clamp(from + step, 0, order.length - 1);
    if (shift) {
      anchor ??= at;
      choose(range(at, order[to]));
    }
    enterAt(order[to]);
    const { picture } = tiles.get(at);
    picture.focus({ preventScroll: true });
    picture.scrollIntoView({ block: "nearest", inline: "nearest" });
    describe();
  };

  gallery.addEventListener("keydown", (event) => {
    const { key, shiftKey } = event, command = event.ctrlKey || event.metaKey;
    const inTiles = Boolean(event.target.closest(".picture")), { compact } = me.data;
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -tiles.size, End: tiles.size };
    if (!compact) Object.assign(steps, { ArrowDown: columns(), ArrowUp: -columns() });
    if (inTiles && steps[key] && !event.altKey && !command) go(steps[key], shiftKey);
    else if (inTiles && key.toLowerCase() === "a" && command) choose(tiles.keys());
    else if ((key === "Delete" || key === "Backspace") && chosen.size && event.target !== select) act("delete", [...chosen]);
    else if (key === "Escape" && chosen.size) choose([...chosen], false);
    else if (inTiles && event.shiftKey && (key === "Enter" || key === " ")) press(event.target.closest(".tile").key, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // ---- acting ------------------------------------------------------------------------------------------------------

  const act = (action, keys, to = null) => {
    const focused = root.activeElement?.closest(".tools"); // whose buttons go
    const order = [...tiles.keys()];
    for (const key of keys) {
      chosen.delete(key);
      tiles.get(key)?.classList.add("going");
    }
    office.send({ action, keys, to });
    if (keys.includes(at)) enterAt([...order.slice(order.indexOf(at)), ...order].find((key) => !office.has(key)) ?? at);
    describe();
    if (focused && (me.data.compact || !chosen.size)) tiles.get(at)?.picture.focus({ preventScroll: true });
    put(said, `${action === "delete" ? me.data.deleting[1] : "Moving"} ${keys.length}…`);
  };
  const unmark = () => {
    for (const [key, tile] of tiles) tile.classList.toggle("going", office.has(key));
  };

  find(".all").addEventListener("click", () => choose(tiles.keys()));
  find(".none").addEventListener("click", () => {
    choose([...chosen], false);
    if (me.data.compact) tiles.get(at)?.picture.focus({ preventScroll: true });
  });
  find(".delete").addEventListener("click", () => act("delete", [...chosen]));
  find(".move").addEventListener("click", () => act("move", [...chosen], select.value));

  me.leave = () => office.leave();
  return me;
}

function make(name, className = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  return element;
}

function tick() {
  const badge = make("span", "tick"), svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  path.setAttribute("d", "M4 8.5 7 11.5 12 5.5");
  svg.append(path);
  badge.append(svg);
  return badge;
}

const put = (element, words) => element.textContent === words || (element.textContent = words); // no needless layout
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
