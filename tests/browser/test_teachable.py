"""The teachable machine in a real browser: recorded, trained, answered; kept, saved, opened; and a stranger's words.

The camera films a cup and then a cat, again and again; a stripe that the network does not see tells which."""

import base64
import io
import re
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from components import layout
from components.teachable.gallery import SHARP
from models.pictures.images import sample_pictures, to_jpeg
from models.teachable.keep.files import to_bytes
from models.teachable.kinds import SIDE, sample_jpeg, thumb
from models.teachable.project import Project
from models.teachable.rock_paper_scissors import MOVES
from tests.browser import lab

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
HOSTILE = "<b><img src=x onerror=alert(1)>"  # Plotly knows the first of the two
SCENE_S, FPS = 4, 15

# what the visitor's own picture has at its left edge; the video lives in a component's shadow root
SCENE = """(() => {
  const find = (root) => root.querySelector("video") ??
    [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
  const canvas = new OffscreenCanvas(8, 8), draw = canvas.getContext("2d"), video = find(document);
  draw.drawImage(video, 2, 40, 8, 8, 0, 0, 8, 8);
  const [r, , b] = draw.getImageData(4, 4, 1, 1).data;
  return r > b ? "red" : "blue";
})()"""


def sample(name: str) -> np.ndarray:
    return next(one for one in sample_pictures() if one.name == name).load()


def views(name: str, count: int) -> list[np.ndarray]:
    """Parts of one sample picture, as the network sees them, no two alike."""
    rgb, dice = sample(name), np.random.default_rng(1)
    height, width = rgb.shape[:2]
    found = []
    for _ in range(count):
        side = int(min(height, width) * dice.uniform(0.6, 0.9))
        y, x = dice.integers(0, height - side), dice.integers(0, width - side)
        found.append(cv2.resize(rgb[y : y + side, x : x + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return found


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """320×240: a cup that moves, SCENE_S long with a red stripe at its left, then a cat with a blue one."""
    path = tmp_path_factory.mktemp("scenes") / "scenes.y4m"
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W320 H240 F{FPS}:1 Ip A1:1 C420mpeg2\n".encode())
        for name, stripe in (("coffee", (255, 0, 0)), ("cat", (0, 0, 255))):
            rgb = cv2.resize(sample(name), (450, 300))
            for k in range(SCENE_S * FPS):
                x, y = 65 + round(30 * np.sin(k / 6)), 30 + round(20 * np.cos(k / 5))
                frame = rgb[y : y + 240, x : x + 320].copy()
                frame[:, :24] = stripe
                file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def project(cup: str = "Cup") -> Project:
    """Six cups and five cats, and one more cat among the cups; their features are not computed yet."""
    made = Project.fresh(names=(cup, "Cat"), name="Breakfast")
    cups, cats = made.classes
    for rgb in views("coffee", 6):
        made.add(cups.id, sample_jpeg(made.kind, rgb))
    for number, rgb in enumerate(views("cat", 6)):
        made.add((cups if number == 3 else cats).id, sample_jpeg(made.kind, rgb))
    return made


def button(page: Page, words: str) -> Locator:
    """By its last words: an icon's name stands in front of them."""
    return page.locator(".stButton button").filter(has_text=re.compile(f"{words}$"))


def go(page: Page, view: str) -> None:
    page.get_by_role("radio", name=view).click()


def at_rest(page: Page) -> None:
    """The page has run."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def counts(page: Page, *expected: int) -> None:
    """The large numbers on the cards are these."""
    expect(page.locator(".count b")).to_have_text([str(count) for count in expected])


def card(page: Page, number: int) -> Locator:
    return page.locator("[class*=st-key-teach-card-]").nth(number)


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    page.get_by_text("Nothing is sent anywhere else").wait_for()  # the footer: the page is complete
    go(page, "Upload")
    page.get_by_text("Pictures, a zip of folders").wait_for()
    at_rest(page)  # or it may put another uploader into this one's place
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    )


def open_project(page: Page, data: bytes) -> None:
    upload(page, ("project.zip", data))
    button(page, "Open this project").click()
    expect(page.get_by_text("is open")).to_be_visible()


def train(page: Page) -> None:
    at_rest(page)  # from here on Train is enabled only while nothing is being looked at
    button(page, "Train").click()
    expect(page.get_by_text(re.compile(r"Trained on \d+ samples"))).to_be_visible()


def answer(page: Page) -> list[str]:
    """Verdict, bars and distance for the sample picture of a cat."""
    go(page, "Samples")
    page.locator(".verdict").wait_for()
    return page.locator(".verdict, .bar, .latency").all_inner_texts()


def wait_for_scene(page: Page, stripe: str) -> None:
    """Until it has just begun."""
    page.wait_for_function(f"stripe => {SCENE} !== stripe", arg=stripe)
    page.wait_for_function(f"stripe => {SCENE} === stripe", arg=stripe)


def record(page: Page, number: int, stripe: str) -> None:
    """Five samples or a few more of a scene into a class."""
    wait_for_scene(page, stripe)
    button(page, "Record").nth(number).click()
    page.wait_for_function("n => Number(document.querySelectorAll('.count b')[n]?.textContent) >= 5", arg=number)
    button(page, "Stop").click()
    expect(button(page, "Record")).to_have_count(2)


def test_what_was_recorded_is_learnt_and_named_live_and_can_be_deleted_and_brought_back(visit):
    page = visit("teachable")
    lab.start_camera(page)
    taught = {"red": "Class 1", "blue": "Class 2"}
    for number, stripe in enumerate(taught):
        record(page, number, stripe)
    train(page)
    for _ in taught:
        stripe = "blue" if page.evaluate(SCENE) == "red" else "red"
        wait_for_scene(page, stripe)
        expect(page.locator(".verdict")).to_contain_text(taught[stripe], timeout=1000 * SCENE_S)
        assert page.evaluate(SCENE) == stripe, "it was named while it was in view"

    first, second = map(int, page.locator(".count b").all_inner_texts())
    card(page, 0).locator(".picture").first.click()
    card(page, 0).get_by_role("button", name="Delete 1").click()
    counts(page, first - 1, second)
    button(page, "Undo deleting 1 sample").click()
    counts(page, first, second)
    card(page, 0).get_by_role("button", name="More for Class 1").click()
    button(page, "All samples").click()
    expect(page.get_by_role("heading", name=f"Class 1: {first} samples")).to_be_visible()
    expect(page.locator(".picture")).to_have_count(first)


def test_a_reload_brings_the_project_back_until_it_is_deleted(visit):
    page = visit("teachable")
    open_project(page, to_bytes(project()))
    counts(page, 7, 5)
    page.reload()
    counts(page, 7, 5)
    expect(page.get_by_text("Welcome back: your project with 12 samples")).to_be_visible()
    go(page, "Keep")
    button(page, "Delete it from the server, and here").click()
    expect(page.get_by_text("12 samples in 2 classes would be deleted")).to_be_visible()
    button(page, "Delete 12 samples").click()
    expect(page.get_by_text("The project is deleted")).to_be_visible()
    page.reload()
    go(page, "Teach")
    counts(page, 0, 0)
    expect(page.get_by_label("Name of Cup")).to_have_count(0)


def test_a_class_that_is_renamed_is_answered_by_its_new_name_and_colour_at_once(visit):
    page = visit("teachable")
    open_project(page, to_bytes(project()))
    train(page)
    assert answer(page)[0].startswith("Cat")
    name = page.get_by_label("Name of Cat")
    name.fill("Katze")
    name.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Katze")
    expect(page.locator(".bar b").last).to_have_text("Katze")
    name = page.get_by_label("Name of Katze")
    name.fill("  CUP ")
    name.press("Enter")
    expect(page.get_by_text("There is a class Cup already")).to_be_visible()
    expect(page.get_by_label("Name of Katze")).to_have_value("Katze")
    page.get_by_test_id("stColorPickerBlock").last.click()
    page.get_by_test_id("stColorPickerPopover").locator("input").first.fill("#112233")
    page.keyboard.press("Escape")
    expect(page.locator(".bar i").last).to_have_attribute("style", re.compile("#112233"))
    go(page, "Understand")
    expect(page.locator(".js-plotly-plot .ytick text").filter(has_text="Katze")).to_have_count(1)


def test_a_round_is_counted_in_by_the_browser_and_ended_by_the_camera(visit):
    page = visit("teachable")
    game = Project.fresh(names=MOVES, name="Game")
    for one, name in zip(game.classes, ("coffee", "cat", "page"), strict=True):
        for rgb in views(name, 4):
            game.add(one.id, sample_jpeg(game.kind, rgb))
    open_project(page, to_bytes(game))
    train(page)
    go(page, "Live")
    go(page, "Play")
    lab.start_camera(page)
    page.locator(".live-panel .verdict").wait_for()
    runs = lab.script_runs(page)
    button(page, "Play a round").click()
    for word in ("Rock", "Paper", "Scissors", "Show!"):
        expect(page.locator(".live-panel .count-in")).to_have_text(word)
    expect(page.locator(".board").filter(has_text=re.compile("you: (Rock|Paper)"))).to_be_visible()
    expect(button(page, "Another round")).to_be_enabled()
    fragments = [runs.count(one) for one in set(runs) if one]
    assert max(fragments) <= 7, "in four seconds and a round's end"


def test_the_pose_is_drawn_over_the_visitors_own_picture(visit, playwright, tmp_path):
    person = lab.launch(playwright, lab.make_camera(tmp_path / "person.y4m", "astronaut", bar=False))
    page = visit("teachable", by=person)
    open_project(page, to_bytes(Project.fresh("body", ("Left", "Right"))))
    go(page, "Live")
    lab.start_camera(page)
    expect(page.locator(".live-text")).to_have_text("A body is seen.")
    assert lab.drawn_over(page) > 500
    assert page.locator("video.shown").count() == 1, "it is the browser's own video, none comes back"
    person.close()


def test_a_class_is_renamed_while_the_camera_is_on(visit):
    page = visit("teachable")
    open_project(page, to_bytes(project()))
    train(page)
    go(page, "Live")
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_be_visible()
    name = page.get_by_label("Name of Cat")
    name.fill("Katze")
    name.press("Enter")
    expect(page.locator(".bar b")).to_have_text(["Cup", "Katze"])


def test_an_older_tab_says_that_it_is_and_shows_what_the_other_has_changed(visit):
    older = visit("teachable")
    open_project(older, to_bytes(project()))
    newer = older.context.new_page()
    newer.goto(older.url.partition("?")[0])
    counts(newer, 7, 5)
    name = newer.get_by_label("Name of Cat")
    name.fill("Katze")
    name.press("Enter")
    expect(newer.get_by_label("Name of Katze")).to_be_visible()
    expect(older.get_by_text(re.compile("This tab was out of date"))).to_be_visible()
    expect(older.get_by_label("Name of Katze")).to_have_value("Katze")
    expect(newer.get_by_text(re.compile("This tab was out of date"))).to_have_count(0)

    go(newer, "Keep")
    button(newer, "Hand poses").click()
    button(newer, "Replace 12 samples").click()
    counts(older, 0, 0)
    go(older, "Teach")
    button(older, "Undo replacing Breakfast").click()
    counts(older, 7, 5)
    counts(newer, 7, 5)
    expect(newer.get_by_label("Name of Katze")).to_have_value("Katze")


def test_a_reload_in_the_middle_of_a_training_loses_nothing_of_it(visit):
    page = visit("teachable")
    open_project(page, to_bytes(project()))
    page.get_by_test_id("stPopover").filter(has_text="Settings").get_by_role("button").click()
    page.get_by_label("Epochs", exact=True).fill("1000")
    page.get_by_label("Epochs", exact=True).press("Enter")
    page.keyboard.press("Escape")
    at_rest(page)
    button(page, "Train").click()
    expect(button(page, "Stop and keep it")).to_be_visible()
    page.reload()
    counts(page, 7, 5)
    expect(page.get_by_text(re.compile(r"Trained on 12 samples"))).to_be_visible()
    assert answer(page)[0].startswith("Cat")


def test_another_browser_sees_nothing_of_a_project_until_its_saved_file_is_opened_there_and_then_all_of_it(visit):
    page = visit("teachable")
    open_project(page, to_bytes(project()))
    train(page)
    said = answer(page)
    assert said[0].startswith("Cat") and len(said) == 1 + 2 + 1
    go(page, "Keep")
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_text("Save project").click()
    assert download.value.suggested_filename == "Breakfast.zip"
    other = visit("teachable")
    counts(other, 0, 0)
    other.reload()  # by now the server would know whose it is
    counts(other, 0, 0)
    open_project(other, download.value.path().read_bytes())
    counts(other, 7, 5)
    assert [other.get_by_label(f"Name of {name}").input_value() for name in ("Cup", "Cat")] == ["Cup", "Cat"]
    assert answer(other) == said


def test_a_click_on_a_square_of_the_confusion_shows_its_very_pictures(visit):
    page, shown = visit("teachable"), project()
    open_project(page, to_bytes(shown))
    go(page, "Understand")  # while the samples are being looked at
    expect(page.get_by_text("recognised by a head")).to_be_visible()
    expect(page.locator(".bar")).to_have_count(2)  # all is there: nothing moves any more
    taken_for_a_cat = page.locator(".js-plotly-plot .scatterlayer .points path").nth(1)  # row by row
    for x, y in ((-40, -40), (40, 40)):  # wherever in the square
        box = taken_for_a_cat.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y)
        expect(page.locator(".hovertext")).to_have_text("Cup taken for Cat: 1")
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text("1 picture of Cup, taken for Cat")).to_be_visible()
    expect(page.locator(".picture img")).to_have_count(1)
    picture = page.locator(".picture img").get_attribute("src").partition(",")[2]
    assert picture == base64.b64encode(thumb(shown.classes[0].samples[6].jpeg, SHARP)).decode()


def test_on_a_phone_nothing_scrolls_sideways_and_what_one_records_is_in_view(visit):
    page = visit("teachable", **PHONE)
    page.get_by_text("Nothing is sent anywhere else").wait_for()  # the footer: the page is complete
    for view in ("Understand", "Play", "Keep", "Teach"):
        go(page, view)
        expect(page.get_by_role("radio", name=view)).to_be_checked()
        at_rest(page)
        assert not lab.scrolls_sideways(page), view
    lab.start_camera(page)
    button(page, "Record").last.tap()
    expect(card(page, 1).locator(".count")).to_have_class("count on")
    expect(card(page, 1).locator(".count b")).not_to_have_text(re.compile("^[0-3]$"))
    picture, stop = page.locator("video.shown").bounding_box(), button(page, "Stop").bounding_box()
    assert picture["y"] >= 0 and picture["y"] + picture["height"] <= stop["y"], "beside the picture, not below it"
    assert stop["y"] + stop["height"] <= 667 and stop["width"] > 200 and stop["height"] >= 40
    button(page, "Stop").tap()
    expect(card(page, 1).locator(".picture").first).to_be_visible()
    assert not lab.scrolls_sideways(page)


def test_a_strangers_names_stay_text_wherever_they_are_shown(visit):
    page = visit("teachable")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    folders = io.BytesIO()
    with zipfile.ZipFile(folders, "w") as zipped:
        zipped.writestr(f"{HOSTILE}/{HOSTILE}.jpg", b"no picture")
    upload(page, (f"{HOSTILE}.zip", folders.getvalue()), (f"{HOSTILE}.jpg", to_jpeg(views("cat", 1)[0])[:2000]))
    expect(page.get_by_text(f"{HOSTILE}.zip: {HOSTILE} (1)")).to_be_visible()
    expect(page.get_by_test_id("stAlert").filter(has_text=f"{HOSTILE}.jpg")).to_be_visible()

    page.reload()
    open_project(page, to_bytes(project(HOSTILE)))
    expect(page.get_by_label(f"Name of {layout.plain(HOSTILE)}")).to_have_value(HOSTILE)
    train(page)
    answer(page)
    expect(page.locator(".bar b").first).to_have_text(HOSTILE)
    go(page, "Understand")
    expect(page.locator(".js-plotly-plot .ytick text").first).to_have_text(f"{HOSTILE[:13]}…")
    expect(page.locator(".bar").last).to_contain_text("found")  # all is there: nothing moves any more
    page.locator(".js-plotly-plot .scatterlayer .points path").first.hover(force=True)
    expect(page.locator(".hovertext")).to_have_text(re.compile(re.escape(f"{HOSTILE} taken for {HOSTILE}: ")))
    go(page, "Wrong ones")
    expect(page.locator(".caption").first).to_have_text(re.compile(re.escape(f"{HOSTILE} → Cat")))
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert not dialogs
