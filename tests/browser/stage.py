"""A page for painters alone: a video in a box as the preview has one, and the canvas over it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from components.layout import script
from components.live.scripts import OVERLAY

Stage = Callable[..., Page]

# A video of a canvas, as large as a camera's, in a box as the preview has one
PAGE = """<style>body { margin: 0 } .stage { display: grid; width: 600px; height: 450px; overflow: hidden }
.stage > * { grid-area: 1 / 1; width: 100%; height: 100%; object-fit: contain; min-width: 0; min-height: 0 }</style>
<div class="stage"><video autoplay muted playsinline></video><canvas></canvas></div><div id="beside"></div>
<script>__SCRIPTS__
const video = document.querySelector("video"), canvas = document.querySelector(".stage canvas");
const shown = { mirrored: false, on: true };
async function film(width, height) {
  const source = Object.assign(document.createElement("canvas"), { width, height }), draw = source.getContext("2d");
  setInterval(() => {
    draw.fillStyle = "#000000";
    draw.fillRect(0, 0, width, height);
    shown.paint?.(draw, width, height);
  }, 50);
  video.srcObject = source.captureStream();
  await new Promise((done) => (video.onplaying = done));
  followOverlay(video, canvas, () => shown.mirrored, () => shown.on);
}
// As socket.js hands on what has come
function push(message, age = 0) {
  const hub = liveHub(), { newest = null, before = null } = hub.channels.get(message.channel) ?? {};
  message.received = performance.now() - age;
  hub.channels.set(message.channel, { newest: message, before: newest ?? before, times: [] });
  listeners.forEach((tell) => tell(message));
}
const listeners = [];
liveHub().listen = (listener) => (listeners.push(listener), () => {});
</script>"""
# What is drawn: the middle of the pixels that are not see-through, how many, and their bounds, in CSS pixels
INK = """() => {
  const { width, height } = canvas, ratio = window.devicePixelRatio;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let n = 0, x = 0, y = 0, bounds = [Infinity, Infinity, 0, 0];
  for (let i = 0; i < width * height; i++) {
    if (data[4 * i + 3] <= 100) continue;
    const u = i % width, v = Math.floor(i / width), [left, top, right, bottom] = bounds;
    bounds = [Math.min(left, u), Math.min(top, v), Math.max(right, u + 1), Math.max(bottom, v + 1)];
    n += 1; x += u; y += v;
  }
  return { bounds: bounds.map((side) => side / ratio), n: n / ratio / ratio, x: x / n / ratio, y: y / n / ratio,
    width: width / ratio, height: height / ratio };
}"""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """stage(size of the video, box it is shown in, …) opens it; further arguments are Playwright's for a context."""
    contexts = []

    def open_stage(size: tuple[int, int] = (640, 480), box: tuple[int, int] = (600, 450), **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 800, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        html = PAGE.replace("600px", f"{box[0]}px").replace("450px", f"{box[1]}px")
        page.set_content(html.replace("__SCRIPTS__", script(*OVERLAY).replace("</script", "<\\/script")))
        page.evaluate("([w, h]) => film(w, h)", list(size))
        assert not errors
        return page

    yield open_stage
    for context in contexts:
        context.close()


def at(page: Page, message: dict[str, Any], **shown: Any) -> dict[str, float]:
    """What is drawn once this message has come, as INK says it."""
    page.evaluate("(changes) => Object.assign(shown, changes)", shown)
    page.evaluate("(message) => push(message)", message)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate(INK)
