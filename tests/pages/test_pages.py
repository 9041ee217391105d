"""Every page as a visitor gets it, through the router. The one fake is at the camera seam: no browser, no camera."""

import hashlib
import io
import json
import re
import socket
import threading
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test
from streamlit.util import calc_hash

from components.camera import stream as camera
from components.hosting.house import house
from components.pictures import SOURCES
from models.catalog import CATALOG, of_task
from models.demos import DEMOS, Demo, sections
from models.pictures.images import sample_pictures, to_jpeg
from models.runtime.weights import WeightsFile
from tests.pages.visit import html_of, opened, ran, when_read

ROOT = Path(__file__).parents[2]
pages = pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)


def test_home_has_a_card_with_a_picture_for_each_demo_under_its_section() -> None:
    at = opened()
    assert [heading.value for heading in at.header] == list(sections())
    assert html_of(at).count("card-picture") == len(DEMOS)
    assert [title.value for title in at.title] == ["Limelight"]
    links = [element.proto.label for element in at.get("page_link")]
    assert [label for label in links if label != "Test my connection"] == [
        demo.title for demos in sections().values() for demo in demos
    ], "in the order of the menu"
    shown = " ".join(str(element.value) for element in (*at.markdown, *at.caption))
    assert all(demo.line in shown for demo in DEMOS)
    assert not [entry.title for entry in CATALOG.values() if entry.title in shown], "no names of models"


def test_every_page_names_the_version_of_pyproject() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert any(caption.value.endswith(f"Limelight {version}") for caption in opened().caption)


@pages
@pytest.mark.parametrize("playing", [False, True], ids=["camera off", "camera on"])
def test_a_page_opens_with_its_title_its_line_and_its_three_panels(
    demo: Demo, playing: bool, no_camera: dict[str, Any]
) -> None:
    no_camera["playing"] = playing
    at = opened(demo.name)
    assert [title.value for title in at.title] == [demo.title]
    assert demo.line in [element.value for element in at.markdown]
    assert [tab.label for tab in at.tabs] == ["What you see", "How it works", "Try this"]
    assert all(len(tab.markdown[0].value) > 100 for tab in at.tabs)
    assert any("not stored" in caption.value for caption in at.caption), "the footer"


@pages
def test_a_deep_link_into_a_server_that_has_just_started_enters_by_the_router(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_test, "PagesManager", PagesManager)
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    ran(at.switch_page(demo.page).run())
    assert [title.value for title in at.title] == [demo.title]
    assert any("not stored" in caption.value for caption in at.caption), "the footer is the router's"


@pytest.mark.parametrize(
    "demo", [d for d in DEMOS if "choose_source" in (ROOT / d.page).read_text()], ids=lambda d: d.name
)
@pytest.mark.parametrize("source", SOURCES)
def test_a_page_opens_with_every_input(demo: Demo, source: str) -> None:
    at = when_read(opened(demo.name, input=source))
    assert at.segmented_control(key="input").value == source and not at.error


def test_the_classifier_asks_for_the_camera_that_was_chosen(no_camera: dict[str, Any]) -> None:
    at = opened("classifier")
    key, choice = no_camera["asked"][-1]
    assert (choice.fps, choice.size_wh, choice.facing) == (15, (640, 480), "user")
    assert (choice.mirrored, choice.returns) == (True, False)
    at.selectbox(key="fps").set_value(30)
    at.selectbox(key="size").set_value("320×240")
    ran(at.toggle(key="mirror").set_value(False).run())
    other, choice = no_camera["asked"][-1]
    assert (choice.fps, choice.size_wh, choice.mirrored) == (30, (320, 240), False)
    assert other == key


def test_what_a_running_camera_cannot_change_is_greyed_out(no_camera: dict[str, Any]) -> None:
    no_camera["playing"] = True
    at = ran(opened("classifier").run())
    assert at.selectbox(key="size").disabled and at.selectbox(key="fps").disabled
    assert not at.toggle(key="mirror").disabled


def test_the_classifier_tells_what_a_running_camera_sees(
    no_camera: dict[str, Any], until: Callable[[Callable[[], object]], None]
) -> None:
    no_camera["playing"] = True
    at = opened("classifier")
    (feed,) = house().feeds.all()
    live = no_camera["live"]
    coffee = next(sample for sample in sample_pictures() if sample.name == "coffee").load()
    live.on_frame(camera.frame_from_rgb(coffee))
    messages: list[Any] = []
    until(lambda: messages.extend(feed.take()) or messages)
    sent = json.loads(messages[0])
    assert sent["top"][0][0] == "espresso" and sent["sure"] and len(sent["top"]) == 5
    assert sent["size"] == [coffee.shape[1] // 2 * 2, coffee.shape[0] // 2 * 2]
    ran(at.run())
    assert 'class="verdict"' not in html_of(at), "the browser has it already"
    assert "espresso" in html_of(at), "and what was seen is noted"
    assert "wait " in html_of(at) and "network " in html_of(at)
    at.slider(key="k").set_value(2)
    ran(at.slider(key="sure").set_value(1.0).run())
    messages.clear()
    live.on_frame(camera.frame_from_rgb(coffee))
    until(lambda: messages.extend(feed.take()) or messages)
    sent = json.loads(messages[0])
    assert len(sent["top"]) == 2 and not sent["sure"], "settings reach what is sent"


def test_without_a_websocket_the_classifiers_page_shows_the_answers_itself(
    no_camera: dict[str, Any], until: Callable[[Callable[[], object]], None], no_socket: None
) -> None:
    no_camera["playing"] = True
    at = opened("classifier")
    assert any("Waiting for the first picture" in caption.value for caption in at.caption)
    live = no_camera["live"]
    coffee = next(sample for sample in sample_pictures() if sample.name == "coffee").load()
    live.on_frame(camera.frame_from_rgb(coffee))
    until(lambda: all(stream.latest() for stream in live.streams.values()))
    ran(at.run())
    assert 'class="verdict"' in html_of(at) and "espresso" in html_of(at)


def test_a_page_has_its_feed_while_its_camera_is_on(no_camera: dict[str, Any]) -> None:
    at = opened("classifier")
    assert not house().feeds.all()
    no_camera["playing"] = True
    ran(at.run())
    (feed,) = house().feeds.all()
    assert ran(at.run()) and house().feeds.all() == [feed]
    no_camera["playing"] = False
    ran(at.run())
    assert feed.closed and not house().feeds.all()
    no_camera["playing"] = True
    ran(at.run())
    (second,) = house().feeds.all()
    assert second.token != feed.token
    ran(at.segmented_control(key="input").set_value("Samples").run())
    assert second.closed


def test_why_is_pushed_as_a_picture_for_the_region_that_the_network_saw(
    no_camera: dict[str, Any], until: Callable[[Callable[[], object]], None]
) -> None:
    no_camera["playing"] = True
    at = opened("classifier", why="true")
    (feed,) = house().feeds.all()
    live = no_camera["live"]
    coffee = next(sample for sample in sample_pictures() if sample.name == "coffee").load()
    live.on_frame(camera.frame_from_rgb(coffee))
    heats: list[Any] = []
    until(lambda: heats.extend(one for one in feed.take() if isinstance(one, bytes)) or heats)
    heat = heats[0]
    length = int.from_bytes(heat[:4], "big")
    head = json.loads(heat[4 : 4 + length])
    x, y, width, height = head["region"]
    assert head["kind"] == "picture" and x + width <= head["size"][0] and y + height <= head["size"][1]
    rgba = np.array(Image.open(io.BytesIO(heat[4 + length :])))
    assert rgba.shape[2] == 4 and rgba[:, :, 3].max() > 60 and len(heat) < 30_000
    ran(at.run())
    assert any("What raised the score of" in caption.value for caption in at.caption)
    assert not at.get("image"), "the browser has the picture: only its words are the page's"


def test_leaving_the_page_ends_its_feed(no_camera: dict[str, Any]) -> None:
    no_camera["playing"] = True
    at = opened("classifier")
    (feed,) = house().feeds.all()
    at._page_hash = calc_hash("textgen")
    ran(at.run())
    assert feed.closed and not house().feeds.all()


def test_why_and_inside_open_their_streams_and_close_them(no_camera: dict[str, Any]) -> None:
    at = opened("classifier")
    assert len(no_camera["live"].streams) == 1
    at.toggle(key="why").set_value(True)
    ran(at.toggle(key="inside").set_value(True).run())
    assert len(no_camera["live"].streams) == 3
    ran(at.toggle(key="why").set_value(False).run())
    assert len(no_camera["live"].streams) == 2


def test_leaving_the_live_input_takes_the_camera_off_the_page(no_camera: dict[str, Any]) -> None:
    at = opened("classifier")
    asked = len(no_camera["asked"])
    ran(at.segmented_control(key="input").set_value("Samples").run())
    assert len(no_camera["asked"]) == asked, "no streamer on the page: its connection ends"
    assert "tiger cat" in html_of(at)


def test_a_sample_gets_a_verdict_bars_and_times() -> None:
    at = opened("classifier", input="Samples", k="3")
    assert 'class="verdict"' in html_of(at)
    assert "tiger cat" in html_of(at)
    assert html_of(at).count("<i style=") == 3
    assert "preprocess" in html_of(at)


def test_a_sample_shows_why_and_inside_on_request() -> None:
    at = opened("classifier", input="Samples", why="true", inside="true")
    shown = [text for image in at.get("image") for text in [str(image.proto)]]
    assert any("What raised the score of" in text for text in shown)
    assert [layer for layer in ("Early", "Middle", "Late") if any(f"{layer}: " in text for text in shown)] == [
        "Early",
        "Middle",
        "Late",
    ]


def test_a_picture_that_is_not_sure_enough_is_not_named() -> None:
    at = opened("classifier", input="Samples", sure="0.95")
    assert "Not sure. Perhaps tiger cat" in html_of(at)


def uploaded(name: str, sample: str = "coffee") -> tuple[str, bytes, str]:
    rgb = next(s for s in sample_pictures() if s.name == sample).load()
    return name, to_jpeg(rgb), "image/jpeg"


def test_one_upload_gets_a_verdict() -> None:
    at = opened("classifier", input="Upload")
    ran(at.file_uploader[0].set_value([uploaded("mine.jpg")]).run())
    assert "espresso" in html_of(at)
    assert not at.dataframe


def test_several_uploads_get_a_table() -> None:
    at = opened("classifier", input="Upload")
    ran(at.file_uploader[0].set_value([uploaded("mine.jpg"), uploaded("cat.jpg", "cat")]).run())
    table = at.dataframe[0].value
    assert list(table["name"]) == ["mine.jpg", "cat.jpg"]
    assert table["answer"][0] == "espresso" and table["answer"][1] in ("tiger cat", "Egyptian cat")


def test_a_broken_upload_is_named_and_the_page_lives_on() -> None:
    at = opened("classifier", input="Upload")
    ran(at.file_uploader[0].set_value([("broken.jpg", b"\xff\xd8\xff\xe0 oh", "image/jpeg")]).run())
    assert at.error[0].value.startswith("broken.jpg ")
    assert [tab.label for tab in at.tabs] == ["What you see", "How it works", "Try this"]
    ran(at.file_uploader[0].set_value([uploaded("mine.jpg")]).run())
    assert "espresso" in html_of(at) and not at.error


def test_transparent_grey_and_tiny_uploads_are_pictures_too() -> None:
    files = []
    for n, mode in enumerate(("RGBA", "L", "1", "P")):
        file = io.BytesIO()
        Image.new(mode, (1 + 30 * n, 1)).save(file, "PNG")
        files.append((f"{mode}.png", file.getvalue(), "image/png"))
    at = opened("classifier", input="Upload")
    ran(at.file_uploader[0].set_value(files).run())
    assert list(at.dataframe[0].value["name"]) == ["RGBA.png", "L.png", "1.png", "P.png"]


downloads = pytest.mark.parametrize("name", [entry.name for entry in of_task("classification") if not entry.bundled])


@downloads
@pytest.mark.parametrize("source", ["Live", "Samples"])
def test_a_model_that_is_not_here_is_offered_with_its_size_and_licence(name: str, source: str) -> None:
    entry = CATALOG[name]
    at = opened("classifier", input=source, model=entry.title)
    assert at.selectbox(key="model").value == name
    shown = " ".join(element.value for element in at.markdown)
    assert f"**{entry.title}** is not on this server yet: {entry.download_mb} MB" in shown
    assert f"Licence {entry.licence}" in shown
    assert f"Download {entry.title}" in [button.label for button in at.button]
    if source == "Samples":
        assert "tiger cat" in html_of(at), "the bundled model answers meanwhile"
    assert [tab.label for tab in at.tabs] == ["What you see", "How it works", "Try this"]


def test_a_download_that_fails_says_so_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    entry = CATALOG["resnet50"]
    gone = WeightsFile(f"http://127.0.0.1:{port}/resnet50.pth", "0" * 64, None, "resnet50.pth")
    monkeypatch.setitem(CATALOG, "resnet50", replace(entry, file=gone))
    at = opened("classifier", input="Samples", model="ResNet50")
    ran(at.button(key="get/resnet50").click().run())
    assert "127.0.0.1 does not answer" in at.error[0].value
    assert "choose a model that needs no download" in at.error[0].value
    assert "Try again" in [button.label for button in at.button]
    ran(at.selectbox(key="model").set_value("efficientnet-lite0").run())
    assert "tiger cat" in html_of(at) and not at.error


def test_a_download_makes_the_larger_model_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import torch

    from models.runtime.torchvision_ops import torchvision

    site = tmp_path / "site"
    site.mkdir()
    torch.save(torchvision.models.mobilenet_v3_large(weights=None).state_dict(), site / "net.pth")
    weights = (site / "net.pth").read_bytes()
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/net.pth"
        file = WeightsFile(url, hashlib.sha256(weights).hexdigest(), len(weights), "net.pth")
        monkeypatch.setitem(CATALOG, "mobilenet-v3-large", replace(CATALOG["mobilenet-v3-large"], file=file))
        at = opened("classifier", input="Samples", model="MobileNetV3-Large", sure="0.05")
        ran(at.button(key="get/mobilenet-v3-large").click().run())
        server.shutdown()
    assert not any("Meanwhile" in caption.value for caption in at.caption)
    assert "Not sure. Perhaps" in html_of(at) and "(&lt; 1 %)" in html_of(at), "its weights are random"
    assert not at.error


@pytest.mark.parametrize("query", [{"input": "Hologram"}, {"k": "999"}, {"model": "HAL"}, {"sure": "x"}, {"fps": "7"}])
def test_nonsense_in_the_address_is_ignored(query: dict[str, str]) -> None:
    opened("classifier", **query)


def test_how_it_works_is_one_press_away_and_stays_until_it_is_closed() -> None:
    at = opened("vision")
    before = [tab.label for tab in at.tabs]
    ran(at.button(key="how").click().run())
    assert [tab.label for tab in at.tabs].count("How it works") == before.count("How it works") + 1
    assert [tab.label for tab in ran(at.run()).tabs].count("Try this") == before.count("Try this") + 1
