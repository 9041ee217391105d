// A canvas over the visitor's own picture, on which painters draw: as sharp as the screen, where `object-fit: contain`
// puts the picture, mirrored with it. It draws when a message comes, and with every frame of the screen while a painter
// asks for that.

const STALE_MS = 1500; // what is older is not where it was
const wantsStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// `isMirrored()` is asked at each drawing; `isOn()` says whether the picture is shown. Returns how to end it.
function followOverlay(video, canvas, isMirrored, isOn) {
  const hub = liveHub(), draw = canvas.getContext("2d");
  let asked = 0, late = 0, drawn = false;
  const ageOf = (message, now) => hub.age(message, now) ?? now - message.received;
  const ask = () => (asked ||= requestAnimationFrame(paint));

  function paint(now) {
    asked = 0;
    const box = fitCanvas(canvas);
    if (drawn) draw.clearRect(0, 0, box.width, box.height);
    drawn = false;
    if (!isOn() || !video.videoWidth) return;
    let goesOn = false;
    for (const { newest, before } of inOrder(hub.channels)) {
      const over = painterOf(newest).over;
      if (!over || !newest.size || ageOf(newest, now) > (newest.lasts ?? STALE_MS)) continue;
      const view = placed(draw, box, video, newest.size, isMirrored());
      goesOn = over({ ...view, channel: (name) => hub.channels.get(name)?.newest, still: wantsStill() }, newest, before, now) || goesOn;
      drawn = true;
    }
    if (goesOn) ask();
    clearTimeout(late);
    if (drawn) late = setTimeout(ask, STALE_MS / 2); // until it is too old
  }

  const end = hub.listen((message) => (message === null || painterOf(message).over) && ask());
  const sizes = new ResizeObserver(ask);
  sizes.observe(canvas);
  return () => {
    end();
    sizes.disconnect();
    cancelAnimationFrame(asked);
    clearTimeout(late);
  };
}

// What lies under the rest is drawn first.
const inOrder = (channels) => [...channels.values()].sort(
  (a, b) => Boolean(painterOf(b.newest).under) - Boolean(painterOf(a.newest).under));

// The canvas has the screen's own pixels, and is drawn on in CSS pixels.
function fitCanvas(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas, ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
  return { width, height };
}

// Where the picture lies in the box: as large as it fits, in the middle. The server may have a smaller copy of it.
function placed(draw, box, video, [w, h], mirrored) {
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const width = scale * video.videoWidth, height = scale * video.videoHeight;
  const left = (box.width - width) / 2, top = (box.height - height) / 2;
  const at = (x, y) => [left + (mirrored ? 1 - x / w : x / w) * width, top + (y / h) * height];
  return { draw, at, left, top, width, height, scale: width / w, mirrored, video };
}
