"""Still pictures from each source; a bad one is named and the others stay."""

import base64
import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from components import pictures as module
from components.pictures import MAX_PICTURES, SOURCES, data_url
from models.pictures.images import open_image


def png(colour: tuple[int, int, int] = (200, 20, 30), size: tuple[int, int] = (30, 20)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def app(source: str) -> AppTest:
    def script(source: str) -> None:
        import streamlit as st

        from components.pictures import pictures

        for picture in pictures(source, "test"):
            st.text(f"{picture.name} {picture.rgb.shape} {picture.rgb[0, 0].tolist()}")
            st.code(picture.key)

    return AppTest.from_function(script, default_timeout=60, kwargs={"source": source}).run()


def texts(at: AppTest) -> list[str]:
    assert not at.exception
    return [element.value for element in at.text]


def test_an_upload_is_a_picture_with_its_name() -> None:
    at = app("Upload")
    assert texts(at) == []
    at.file_uploader[0].set_value([("red.png", png(), "image/png")]).run()
    assert texts(at) == ["red.png (20, 30, 3) [200, 20, 30]"]


def test_a_bad_upload_is_named_with_what_to_do_and_the_good_one_beside_it_stays() -> None:
    at = app("Upload")
    at.file_uploader[0].set_value(
        [
            ("broken.png", png()[:40], "image/png"),
            ("red.png", png(), "image/png"),
            ("plan.pdf", b"%PDF-1.7 and so on", "application/pdf"),
        ]
    ).run()
    assert texts(at) == ["red.png (20, 30, 3) [200, 20, 30]"]
    broken, plan = (error.value for error in at.error)
    assert broken.startswith("broken.png ") and "damaged" in broken
    assert plan.startswith("plan.pdf is a PDF") and "screenshot" in plan


def test_a_file_larger_than_the_setting_is_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMELIGHT_UPLOAD_MB", "1")
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    at = app("Upload")
    assert at.file_uploader[0].proto.max_upload_size_mb == 1
    at.file_uploader[0].set_value([("noise.png", file.getvalue(), "image/png")]).run()
    assert texts(at) == []
    assert "at most 1.0 MB" in at.error[0].value


def test_of_too_many_files_the_first_are_shown_and_the_page_says_so() -> None:
    at = app("Upload")
    files = [(f"{n}.png", png((n, 0, 0), (4, 4)), "image/png") for n in range(MAX_PICTURES + 2)]
    at.file_uploader[0].set_value(files).run()
    shown = texts(at)
    assert len(shown) == MAX_PICTURES and shown[-1].startswith(f"{MAX_PICTURES - 1}.png")
    assert f"{MAX_PICTURES + 2} pictures" in at.warning[0].value


def test_a_picture_keeps_its_key_from_run_to_run_and_others_have_others() -> None:
    at = app("Upload")
    files = [("a.png", png(), "image/png"), ("b.png", png((0, 0, 0)), "image/png")]
    at.file_uploader[0].set_value(files).run()
    a, b = (element.value for element in at.code)
    assert a != b
    at.file_uploader[0].set_value(files[::-1]).run()
    assert [element.value for element in at.code] == [b, a]
    at.file_uploader[0].set_value([("a.png", png((9, 9, 9)), "image/png")]).run()
    assert at.code[0].value not in (a, b), "another picture under the same name"


def test_the_samples_come_without_a_network_and_the_first_is_chosen() -> None:
    at = app("Samples")
    assert [text.split(" (")[0] for text in texts(at)] == ["Chelsea the cat"]


@pytest.fixture
def paste(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the paste component, which only a browser can run, told."""
    told: dict[str, Any] = {}

    class Told:
        def __init__(self, picture: Any) -> None:
            self.picture = picture

    monkeypatch.setattr(module, "browser_component", lambda *_: lambda **options: Told(told.get("picture")))
    return told


def test_a_pasted_picture_stays_when_the_component_has_forgotten_it(paste: dict[str, Any]) -> None:
    at = app("Paste")
    assert texts(at) == []
    paste["picture"] = "data:image/png;base64," + base64.b64encode(png()).decode()
    at.run()
    assert texts(at) == ["pasted picture (20, 30, 3) [200, 20, 30]"]
    del paste["picture"]
    at.run()
    assert texts(at) == ["pasted picture (20, 30, 3) [200, 20, 30]"]


@pytest.mark.parametrize(
    "hostile",
    ["data:image/png;base64,%%%%", "data:image/png;base64,YWJj", "no comma", {"a": 1}, 7, "data:,é", "data:x,="],
)
def test_whatever_the_browser_pastes_the_page_stays(paste: dict[str, Any], hostile: Any) -> None:
    paste["picture"] = hostile
    at = app("Paste")
    assert texts(at) == []
    assert len(at.error) == 1


def test_without_the_browser_the_real_paste_component_and_the_camera_show_nothing_yet() -> None:
    for source in ("Paste", "Photo"):
        assert texts(app(source)) == []


def test_the_ladder_of_inputs_begins_with_the_live_camera() -> None:
    def script() -> None:
        import streamlit as st

        from components.pictures import choose_source

        st.text(choose_source())

    at = AppTest.from_function(script, default_timeout=60).run()
    assert texts(at) == ["Live"]
    for source in SOURCES:
        at.segmented_control[0].set_value(source).run()
        assert texts(at) == [source]


@pytest.mark.parametrize("shape", [(20, 30, 3), (1, 1, 3), (1000, 10, 3)])
def test_a_table_cell_gets_a_small_jpeg_of_the_picture(shape: tuple[int, ...]) -> None:
    address = data_url(np.full(shape, 77, np.uint8), side=160)
    head, _, data = address.partition(",")
    small = open_image(base64.b64decode(data))
    assert head == "data:image/jpeg;base64"
    assert max(small.shape) == min(max(shape), 160)
    assert abs(int(cv2.mean(small)[0]) - 77) <= 2
