"""The teachable machine's gallery and map in a real browser: choosing, deleting and moving; pointing and clicking.

One test has a server; the others put the component's own files into a page that stands in for Streamlit's."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from components.layout import ROOT, script
from components.teachable import gallery, sample_map
from components.teachable.gallery import Tile
from models.pictures.images import sample_pictures, to_jpeg
from tests.bench.server import Server
from tests.bench.target import Target
from tests.browser import lab

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
CLASSES = [("a", "Cup", "#e8590c"), ("b", "Hand", "#1c7ed6"), ("c", "Nobody", "#2f9e44")]
HOSTILE = "<img src=x onerror=alert(1)>"

HOST = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<body style="margin: 8px; --st-primary-color: #41720a; --st-text-color: #1b2110; --st-background-color: #fdfdf9;
  --st-secondary-background-color: #eef3e2; --st-border-color: #c9d3b4; --st-font: sans-serif">
<div id="host"></div>
<script type="module">
  const name = location.pathname.slice(1);
  const { default: show } = await import(`./${name}.js`);
  const root = document.querySelector("#host").attachShadow({ mode: "open" });
  const file = async (kind) => (await fetch(`${name}.${kind}`)).text();
  root.innerHTML = `<style>${await file("css")}</style>${await file("html")}`;
  window.told = [];
  const setStateValue = (key, value) => window.told.push(value);
  window.put = (data) => show({ parentElement: root, data, setStateValue });
</script>"""

APP = """
import streamlit as st
from components.teachable.gallery import Tile, gallery
from models.pictures.images import sample_pictures, to_jpeg

CLASSES = [("a", "Cup", "#e8590c"), ("b", "Hand", "#1c7ed6")]
here = st.session_state
if "samples" not in here:
    rgb = sample_pictures()[0].load()
    jpegs = [to_jpeg(rgb[:224, x : x + 224]) for x in range(0, 120, 10)]
    here.update(samples={f"k{n}": jpeg for n, jpeg in enumerate(jpegs[:6])}, more=jpegs[6:], told=[])

@st.fragment(run_every=0.4)
def recording():
    if here.more:
        here.samples = {f"new{len(here.more)}": here.more.pop(), **here.samples}
    change = gallery([Tile(k, jpeg) for k, jpeg in here.samples.items()], CLASSES, key="strip", compact=True)
    if change:
        here.told.append(f"{change.action} {' '.join(change.keys)} {change.to}")
        here.samples = {k: jpeg for k, jpeg in here.samples.items() if k not in change.keys}
    st.text(f"{len(here.samples)} samples; told: {'; '.join(here.told)}.")

st.title("Recording")
recording()
"""


@pytest.fixture(scope="module")
def jpegs() -> list[bytes]:
    """Twelve squares of real pictures, no two alike."""
    pictures = [sample.load() for sample in sample_pictures()[:4]]
    return [to_jpeg(cv2.resize(p[y : y + 224, y : y + 224], (224, 224))) for y in (0, 40, 80) for p in pictures]


@pytest.fixture
def host(browser: Browser) -> Iterator[Callable[..., Page]]:
    """host(component, data, …) shows it; further arguments are Playwright's for a context."""
    contexts = []
    errors: list[str] = []

    def host(component: str, data: dict[str, Any], **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)

        def serve(route: Any) -> None:
            name = route.request.url.rpartition("/")[2]
            if name == "gallery.js":
                route.fulfill(body=script(*gallery.SCRIPTS, "gallery/gallery"), content_type="text/javascript")
            elif "." in name:
                route.fulfill(path=ROOT / "assets" / name.partition(".")[0] / name)
            else:
                route.fulfill(body=HOST, content_type="text/html")

        context.route("http://localhost/**", serve)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
        page.goto(f"http://localhost/{component}")
        page.wait_for_function("Boolean(window.put)")
        put(page, data)
        return page

    yield host
    for context in contexts:
        context.close()
    assert not errors


def put(page: Page, data: dict[str, Any]) -> None:
    """What a run of the Streamlit page does."""
    page.evaluate("data => window.put(data)", json.loads(json.dumps(data)))


def told(page: Page) -> list[Any]:
    return page.evaluate("window.told")


def changes(page: Page) -> list[tuple[str, str, str | None]]:
    """What the server was told, in order: the action, the samples, the class."""
    return [(change["action"], " ".join(change["keys"]), change["to"]) for change in told(page)]


def tiles_data(jpegs: list[bytes], keys: str, *, compact: bool = False, heard: str = "", **more: Any) -> dict[str, Any]:
    """What the gallery sends for samples of these keys, "k3" having the third picture; `more` are a tile's fields."""
    tiles = [Tile(key, jpegs[int(key[1:]) % len(jpegs)], **more) for key in keys.split()]
    return gallery._data(tiles, CLASSES, 72, compact, "None yet.") | {"of": "session", "heard": heard}


def answer(page: Page, jpegs: list[bytes], keys: str, **more: Any) -> None:
    """The page has run for the last press, and shows these."""
    put(page, tiles_data(jpegs, keys, heard=told(page)[-1]["id"], **more))


def picture(page: Page, number: int) -> Locator:
    return page.locator(".picture").nth(number)


def selected(page: Page) -> list[int]:
    states = page.locator(".picture").evaluate_all("all => all.map(one => one.getAttribute('aria-pressed'))")
    return [number for number, state in enumerate(states) if state == "true"]


# ---- the gallery ------------------------------------------------------------------------------------------------


def test_samples_chosen_while_recording_stay_chosen_and_are_moved_once(browser: Browser, tmp_path: Path) -> None:
    script = tmp_path / "recording.py"
    script.write_text(APP)
    with Server(Target("gallery", script, "", {}, own_config=True)) as server:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/")
        picture(page, 4).wait_for()
        page.evaluate("window.first = document.querySelector('.stApp')")  # the page itself is not loaded again
        oldest = page.locator(".picture").last
        oldest.click()
        expect(page.get_by_text("12 samples")).to_be_visible()
        expect(oldest).to_have_attribute("aria-pressed", "true")
        assert selected(page) == [11], "some came in front of it"
        page.get_by_role("combobox").select_option("Hand")
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.get_by_text("11 samples; told: move k5 b.")).to_be_visible()
        expect(page.locator(".acting")).to_be_hidden()
        picture(page, 0).click()
        page.keyboard.press("Delete")
        picture(page, 1).click()
        page.keyboard.press("Delete")  # before the page has answered the first
        expect(page.get_by_text("9 samples; told: move k5 b; delete new1 None; delete new2 None.")).to_be_visible()
        page.wait_for_timeout(1000)  # it runs twice more, with the browser's last words as they were
        expect(page.get_by_text("9 samples; told: move k5 b; delete new1 None; delete new2 None.")).to_be_visible()
        assert "Traceback" not in server.log()
        page.close()


def test_shift_selects_a_range_and_the_delete_key_deletes_it(host: Any, jpegs: list[bytes]) -> None:
    page = host("gallery", tiles_data(jpegs, "k1 k2 k3 k4 k5 k6"))
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    picture(page, 4).click()
    picture(page, 1).click(modifiers=["Shift"])
    assert selected(page) == [1, 2, 3, 4]
    picture(page, 2).click()
    expect(page.get_by_role("status")).to_have_text("3 of 6 selected")
    expect(page.get_by_role("button", name="Delete 3")).to_be_visible()
    page.keyboard.press("Delete")
    assert changes(page) == [("delete", "k5 k2 k4", None)]
    answer(page, jpegs, "k1 k3 k6")
    assert selected(page) == []
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_keys_alone_walk_choose_and_delete(host: Any, jpegs: list[bytes]) -> None:
    page = host(
        "gallery", tiles_data(jpegs, " ".join(f"k{n}" for n in range(12))), viewport={"width": 500, "height": 800}
    )
    columns = len({box["x"] for tile in page.locator(".tile").all() if (box := tile.bounding_box())})
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # None cannot be pressed while nothing is selected
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(picture(page, 1 + columns)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    assert selected(page) == [1 + columns, 2 + columns]
    page.keyboard.press("Escape")
    assert selected(page) == []
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    assert changes(page) == [("delete", f"k{2 + columns}", None)]
    answer(page, jpegs, " ".join(f"k{n}" for n in range(12) if n != 2 + columns))
    expect(picture(page, 2 + columns)).to_be_focused()  # the one that took its place


def test_all_are_selected_and_moved_to_the_class_that_was_chosen(host: Any, jpegs: list[bytes]) -> None:
    page = host("gallery", tiles_data(jpegs, "k1 k2 k3"))
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("combobox", name="Move 3 to").select_option("Nobody")
    put(page, tiles_data(jpegs, "k1 k2 k3"))  # the page runs for another reason
    assert selected(page) == [0, 1, 2]
    page.get_by_role("button", name="Move", exact=True).click()
    assert changes(page) == [("move", "k1 k2 k3", "c")]
    answer(page, jpegs, "k1 k2 k3")  # refused: the class is full
    expect(page.locator(".going")).to_have_count(0)


def test_presses_on_suggestions_wait_for_the_page_and_none_is_lost(host: Any, jpegs: list[bytes]) -> None:
    page = host("gallery", tiles_data(jpegs, "k1 k2 k3 k4", to="b"))
    for _ in range(3):
        page.locator(".tile:not(.going)").first.get_by_role("button", name="Move to Hand").click()
    assert changes(page) == [("move", "k1", "b")]
    expect(page.locator(".going")).to_have_count(3)
    answer(page, jpegs, "k2 k3 k4", to="b")
    assert changes(page) == [("move", "k1", "b"), ("move", "k2 k3", "b")]
    answer(page, jpegs, "k4", to="b")
    assert len(changes(page)) == 2


def test_a_strip_stays_where_the_visitor_looks_and_keeps_what_was_chosen(host: Any, jpegs: list[bytes]) -> None:
    keys = [f"k{n}" for n in range(24)]
    page = host("gallery", tiles_data(jpegs, " ".join(keys), compact=True), viewport={"width": 400, "height": 600})
    page.evaluate("window.pictures = () => [...document.querySelector('#host').shadowRoot.querySelectorAll('img')]")
    page.evaluate("window.before = new Set(window.pictures())")
    assert not lab.scrolls_sideways(page)
    put(page, tiles_data(jpegs, " ".join(["k30", *keys[:-1]]), compact=True))
    assert page.locator(".tiles").evaluate("list => list.scrollLeft") == 0, "it shows the newest"
    assert page.evaluate("window.pictures().filter((one) => !window.before.has(one)).length") == 1, "the others stay"
    picture(page, 10).click()
    place = picture(page, 10).bounding_box()["x"]
    put(page, tiles_data(jpegs, " ".join(["k32", "k31", "k30", *keys[:-3]]), compact=True))
    assert selected(page) == [12]
    assert picture(page, 12).bounding_box()["x"] == pytest.approx(place, abs=1), "not pushed aside by newer ones"
    newer = " ".join([f"k{n}" for n in range(50, 30, -1)] + keys[:4])
    put(page, tiles_data(jpegs, newer, compact=True))
    assert page.locator(".picture").count() == 25 and selected(page) == [24], "pushed out, but chosen"
    page.get_by_role("button", name="Delete 1").click()
    assert changes(page) == [("delete", "k9", None)]
    answer(page, jpegs, newer, compact=True)
    expect(page.locator(".picture")).to_have_count(24)


def test_a_strangers_words_are_only_words(host: Any, jpegs: list[bytes]) -> None:
    data = tiles_data(jpegs, "k1 k2", caption=HOSTILE, to="b")
    data["classes"] = [["b", HOSTILE], ["c", "</option><script>alert(2)</script>"]]
    page = host("gallery", data)
    picture(page, 0).click()
    picture(page, 0).hover()
    expect(page.get_by_role("button", name=HOSTILE, exact=True)).to_have_count(2)
    expect(page.locator(".caption").first).to_have_text(HOSTILE)
    expect(page.locator(".fix").first).to_have_text(f"→ {HOSTILE}")
    assert page.get_by_role("option").all_text_contents() == [HOSTILE, "</option><script>alert(2)</script>"]
    assert page.locator("img").count() == 2


def test_a_finger_finds_everything_large_enough_and_nothing_scrolls_sideways(host: Any, jpegs: list[bytes]) -> None:
    page = host("gallery", tiles_data(jpegs, " ".join(f"k{n}" for n in range(60)), to="b"), **PHONE)
    picture(page, 1).tap()
    assert selected(page) == [1]
    for button in page.locator("button:visible, select:visible").all()[:12]:
        box = button.bounding_box()
        assert box["width"] >= 44 and box["height"] >= 44
    delete = page.get_by_role("button", name="Delete 1")
    assert delete.bounding_box()["y"] + 44 <= 667, "at hand though the grid goes on"
    assert not lab.scrolls_sideways(page)


# ---- the map ----------------------------------------------------------------------------------------------------

CORNERS = np.array([[0, 0], [10, 0], [10, 8], [0, 8], [5, 4], [5.2, 4]], np.float32)


def map_data(jpegs: list[bytes], points: np.ndarray = CORNERS) -> dict[str, Any]:
    count = len(points)
    classes = [(name, colour) for _, name, colour in CLASSES[:2]]
    return sample_map._data(points, jpegs[:count], [number % 2 for number in range(count)], classes)


def place(page: Page, data: dict[str, Any], number: int) -> tuple[float, float]:
    """Where a sample stands in the window, by what the map was sent: 30 pixels of margin, the rest to scale."""
    box, (x, y), ratio = page.locator(".plane").bounding_box(), data["points"][number], data["height"]
    scale = min(box["width"] - 60, (box["height"] - 60) / ratio)
    left, top = (box["width"] - scale) / 2, (box["height"] - scale * ratio) / 2
    return box["x"] + left + x * scale, box["y"] + top + y * scale


def shown_picture(page: Page) -> np.ndarray:
    """What the tip shows, 8 × 8 pixels."""
    pixels = page.locator(".tip canvas").evaluate(
        """canvas => {
            const small = new OffscreenCanvas(8, 8).getContext("2d");
            small.imageSmoothingQuality = "high";
            small.drawImage(canvas, 0, 0, 8, 8);
            return [...small.getImageData(0, 0, 8, 8).data];
        }"""
    )
    return np.array(pixels).reshape(8, 8, 4)[..., :3]


def likest(page: Page, jpegs: list[bytes]) -> int:
    """Which of the pictures the tip shows."""
    shown = shown_picture(page)
    small = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1] for jpeg in jpegs]
    small = [cv2.resize(rgb, (8, 8), interpolation=cv2.INTER_AREA).astype(int) for rgb in small]
    return int(np.argmin([np.abs(rgb - shown).mean() for rgb in small]))


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_pointing_at_a_sample_shows_its_picture_within_the_window(
    host: Any, jpegs: list[bytes], options: dict[str, Any]
) -> None:
    data = map_data(jpegs)
    page = host("sample_map", data, **options)
    assert not lab.scrolls_sideways(page)
    for number in range(5):
        x, y = place(page, data, number)
        (page.touchscreen.tap if options else page.mouse.move)(x, y)
        tip = page.locator(".tip")
        expect(tip.locator(".name")).to_have_text(CLASSES[number % 2][1])
        assert likest(page, jpegs) == number
        box, window = tip.bounding_box(), page.viewport_size
        assert box["x"] >= 0 and box["x"] + box["width"] <= window["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= window["height"]
        assert not (box["x"] < x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"]), "beside it"


def test_what_is_clicked_stays_until_a_click_beside_them_all(host: Any, jpegs: list[bytes]) -> None:
    data = map_data(jpegs)
    page = host("sample_map", data)
    page.get_by_role("button", name="Pictures").click()
    page.mouse.click(*place(page, data, 3))
    page.mouse.move(0, 0)
    put(page, data)
    assert likest(page, jpegs) == 3
    x, y = place(page, data, 0)
    page.mouse.click(x + 150, y - 150)
    expect(page.locator(".tip")).to_be_hidden()
    assert not told(page), "the server has nothing to do with it"


def test_arrow_keys_go_to_the_next_sample_that_way(host: Any, jpegs: list[bytes]) -> None:
    page = host("sample_map", map_data(jpegs))
    page.locator(".stage").focus()
    expect(page.get_by_role("status")).to_contain_text("sample 5 of 6")  # in the middle
    for key, number in (("ArrowRight", 6), ("ArrowUp", 3), ("ArrowLeft", 4), ("ArrowUp", 4), ("ArrowDown", 1)):
        page.keyboard.press(key)
        expect(page.get_by_role("status")).to_contain_text(f"sample {number} of 6")
    assert likest(page, jpegs) == 0
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("marked")


def test_a_class_that_is_hidden_cannot_be_pointed_at(host: Any, jpegs: list[bytes]) -> None:
    data = map_data(jpegs)
    page = host("sample_map", data)
    colour = """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
        .some((value, n, all) => n % 4 === 0 && value === 0xe8 && all[n + 1] === 0x59 && all[n + 2] === 0x0c)"""
    assert page.locator(".plane").evaluate(colour)
    page.get_by_role("button", name="Cup").click()
    assert not page.locator(".plane").evaluate(colour), "its dots are gone"
    page.mouse.move(*place(page, data, 0))
    expect(page.locator(".tip")).to_be_hidden()
    page.mouse.move(*place(page, data, 1))
    expect(page.locator(".tip")).to_be_visible()
    page.get_by_role("button", name="Cup").click()
    page.mouse.move(*place(page, data, 0))
    expect(page.locator(".tip .name")).to_have_text("Cup")
