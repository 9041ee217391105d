// Painters: what draws a value in the browser, by the value's "kind"; one file each in painters/.
//
// painter(kind, {
//   beside(root, message, hub)        fills an element beside the picture, again and again: change what is there. A
//                                     number: in so many ms once more, though nothing new has come
//   said(message)                     the same as words, for a screen reader
//   over(view, newest, before, now)   draws on the canvas over the visitor's picture; true: again with the next frame
//   under: true                       it lies under what other painters draw
// })
// Each is left out where it makes no sense. `view`: draw, the canvas' 2D context in CSS pixels; left, top, width and
// height of the picture there; at(x, y), where a pixel of the server's picture is there; scale, CSS pixels in one of
// those; mirrored; video, the element; channel(name), the newest message of another channel; still, whether the visitor
// asked for no motion.

const PAINTERS = {};

function painter(kind, ways) {
  PAINTERS[kind] = ways;
}

const painterOf = (message) => PAINTERS[message.kind] ?? PAINTERS.text;

// A share of 0..1 in whole per cent; what is almost nothing or almost all is not called nothing or all. Shares come
// rounded to 0.001.
function percent(share) {
  if (share < 0.01) return "< 1 %";
  return share > 0.99 ? "> 99 %" : `${Math.round(100 * share)} %`;
}

// How old a message is now, in ms; before the clocks were compared since it came.
const ageBeside = (message, hub) => Math.max(0, hub.age(message) ?? performance.now() - message.received);

// As many children of that tag as there are items, each changed by `fill(child, item)`: those that are there stay.
function rows(root, tag, items, fill) {
  while (root.children.length > items.length) root.lastChild.remove();
  items.forEach((item, i) => fill(root.children[i] ?? root.appendChild(document.createElement(tag)), item));
}

// A bar: its length for a share of 0..1, its name, its figure; `colour` is its own as #rrggbb.
function fillBar(bar, name, share, figure, isWeak, colour = "") {
  const [length, named, written] = once(bar, "<i></i><b></b><span></span>");
  bar.className = isWeak ? "bar weak" : "bar";
  length.style.width = `${100 * Math.min(1, share)}%`;
  length.style.setProperty("--limelight", colour);
  write(named, name);
  write(written, figure);
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The elements of this HTML inside `root`, made once.
function once(root, html) {
  if (root.limelightHtml !== html) {
    root.innerHTML = html; // a constant of ours, never a visitor's words
    root.limelightHtml = html;
  }
  return [...root.children];
}
