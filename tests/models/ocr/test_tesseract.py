"""The second reader, with the real program: what it reads, where it says it stands, and what it says when it can't."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.errors import BadImage, Cancelled, ModelFailed
from models.ocr import tesseract
from models.ocr.tesseract import Tesseract, available, languages, load_tesseract
from tests.models.ocr.typeset import Page, page

LINES = [
    "Every morning the keeper climbed the tower",
    "and lit the lamp before the boats went out.",
    "On Sundays she wrote 24 letters to her sister,",
    "who kept a bakery near the harbour wall.",
    "Nobody in the village had ever seen the stairs",
    "that led from the cellar down to the water.",
]


def ignore(stage: str, fraction: float | None = None) -> None:
    pass


@pytest.fixture
def reader() -> Tesseract:
    if not shutil.which("tesseract"):
        if os.environ.get("LIMELIGHT_REQUIRE_BROWSER"):
            pytest.fail("tesseract is not installed, and LIMELIGHT_REQUIRE_BROWSER asks for all that CI has")
        pytest.skip("no Tesseract: install Debian's package tesseract-ocr to test the second reader")
    return load_tesseract(None, ignore)


@pytest.fixture
def text() -> Page:
    return page(LINES, face="serif", size=28)


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty folder that is all of PATH."""
    available.cache_clear()
    languages.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    yield tmp_path
    available.cache_clear()
    languages.cache_clear()


def program(folder: Path, script: str) -> None:
    file = folder / "tesseract"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


class TestReading:
    def test_lines_and_words_where_they_stand(self, reader: Tesseract, text: Page) -> None:
        reading = reader.read(text.rgb)
        assert [box.text for box in reading.boxes] == LINES
        assert reading.turned == 0 and reading.rgb is text.rgb
        for box, polygon in zip(reading.boxes, text.polygons, strict=True):
            assert np.abs(box.polygon - polygon).max() <= 8
            assert " ".join(word.text for word in box.words) == box.text
            starts = [word.polygon[0, 0] for word in box.words]
            assert starts == sorted(starts)
            for word in box.words:
                assert (word.polygon >= box.polygon.min(axis=0)).all()
                assert (word.polygon <= box.polygon.max(axis=0)).all()
            assert min(word.score for word in box.words) <= box.score <= max(word.score for word in box.words)
        assert reading.score > 0.85

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_a_turned_page_is_turned_upright(self, reader: Tesseract, text: Page, quarters: int) -> None:
        lying = text.turned(quarters)
        reading = reader.read(lying.rgb)
        assert reading.turned == 4 - quarters  # clockwise, until it is full circle
        assert np.array_equal(reading.rgb, text.rgb)
        assert [box.text for box in reading.boxes] == LINES
        for box, polygon in zip(reading.boxes, text.polygons, strict=True):
            assert np.abs(box.polygon - polygon).max() <= 8
        boxes = reader.predict(lying.rgb)
        assert [box.text for box in boxes] == LINES
        for box, polygon in zip(boxes, lying.polygons, strict=True):
            assert np.abs(box.polygon - polygon).max() <= 8
            assert np.abs(box.words[0].polygon[0] - polygon[0]).max() <= 8, "the first word begins where its line does"

    def test_not_thorough_it_is_read_as_it_is_held(self, reader: Tesseract, text: Page) -> None:
        lying = text.turned(2)
        reading = reader.read(lying.rgb, thorough=False)
        assert reading.turned == 0 and reading.rgb is lying.rgb
        assert [box.text for box in reading.boxes] != LINES

    def test_it_gives_its_name_and_its_times(self, reader: Tesseract, text: Page) -> None:
        told: list[str] = []
        reading = reader.read(text.rgb, on_stage=told.append)
        assert reading.engine.startswith(("Tesseract 5.", "Tesseract 4."))
        assert list(reading.seconds) == ["turning", "recognition", "codes"]
        assert all(seconds > 0 for seconds in reading.seconds.values())
        assert len(told) == 3 and all(told)
        assert reading.detection is None

    @pytest.mark.parametrize("shape, level", [((300, 400), 255), ((300, 400), 0), ((1, 1), 0), ((3, 900), 255)])
    def test_nothing_to_read(self, reader: Tesseract, shape: tuple[int, int], level: int) -> None:
        reading = reader.read(np.full((*shape, 3), level, np.uint8))
        assert (reading.boxes, reading.codes, reading.turned, reading.score) == ((), (), 0, 0)

    def test_several_at_once(self, reader: Tesseract) -> None:
        pages = [page([line], size=32) for line in LINES[:3]]
        with ThreadPoolExecutor(3) as pool:
            read = list(pool.map(lambda one: reader.read(one.rgb, thorough=False).boxes, pages))
        assert [[box.text for box in boxes] for boxes in read] == [[text] for text in LINES[:3]]

    def test_english_is_read_first(self, reader: Tesseract) -> None:
        assert available()
        assert languages()[0] == "eng" and "osd" not in languages()
        assert reader.languages[0] == "eng"


class TestTrouble:
    @pytest.mark.parametrize("wrong", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3)), np.zeros((0, 5, 3), np.uint8)])
    def test_another_shape_is_a_bug(self, reader: Tesseract, wrong: np.ndarray) -> None:
        with pytest.raises(ValueError, match="uint8"):
            reader.read(wrong)

    def test_a_strip_longer_than_it_takes(self, reader: Tesseract) -> None:
        with pytest.raises(BadImage, match=r"40000 × 2 pixels.*at most 32767.*Crop"):
            reader.read(np.zeros((2, 40_000, 3), np.uint8))

    def test_cancelled_before_a_stage(self, reader: Tesseract, text: Page) -> None:
        cancel = threading.Event()
        told: list[str] = []

        def on_stage(sentence: str) -> None:
            told.append(sentence)
            cancel.set()

        with pytest.raises(Cancelled, match="cancelled"):
            reader.read(text.rgb, on_stage=on_stage, cancel=cancel)
        assert len(told) == 1

    def test_no_file_is_left(
        self, reader: Tesseract, text: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        reader.read(text.rgb)
        monkeypatch.setattr(tesseract, "RUN_LIMIT_S", 0.001)
        with pytest.raises(BadImage):
            reader.read(text.rgb)
        assert list(tmp_path.iterdir()) == []

    def test_taking_too_long(self, text: Page, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(path, "exec /bin/sleep 100")
        monkeypatch.setattr(tesseract, "RUN_LIMIT_S", 0.2)
        with pytest.raises(BadImage, match=r"did not finish within 0\.2 seconds.*Crop"):
            Tesseract("5.3.0", ("eng",)).read(text.rgb)

    def test_the_program_has_one_core_and_what_it_says_is_passed_on(self, text: Page, path: Path) -> None:
        program(path, f'echo "$OMP_THREAD_LIMIT" > {path}/limit; echo "no such language" >&2; exit 1')
        with pytest.raises(ModelFailed, match="no such language"):
            Tesseract("5.3.0", ("eng",)).read(text.rgb)
        assert (path / "limit").read_text() == "1\n"
        assert "OMP_THREAD_LIMIT" not in os.environ, "it would hold back torch"

    def test_not_installed(self, path: Path) -> None:
        assert not available()
        assert languages() == ()
        with pytest.raises(ModelFailed, match=r"not installed.*apt install tesseract-ocr"):
            load_tesseract(None, ignore)

    def test_removed_while_in_use(self, text: Page, path: Path) -> None:
        with pytest.raises(ModelFailed, match="apt install tesseract-ocr"):
            Tesseract("5.3.0", ("eng",)).read(text.rgb, thorough=False)

    @pytest.mark.parametrize("script", ["echo what version?", "exit 3", "echo tesseract 1.0"])
    def test_another_program_of_that_name(self, path: Path, script: str) -> None:
        program(path, script)
        with pytest.raises(ModelFailed, match=r"does not run.*apt install tesseract-ocr"):
            load_tesseract(None, ignore)

    def test_no_language(self, path: Path) -> None:
        program(path, '[ "$1" = --version ] && echo "tesseract 5.3.0"; exit 0')
        with pytest.raises(ModelFailed, match=r"without any language.*tesseract-ocr-eng"):
            load_tesseract(None, ignore)

    def test_who_has_all_languages_gets_english(self, path: Path) -> None:
        names = "afr deu eng fra osd swe"
        program(path, f'case "$1" in --version) echo "tesseract 5.3.0";; *) printf "%s\\\\n" {names};; esac')
        assert load_tesseract(None, ignore).languages == ("eng",)
        languages.cache_clear()
        program(path, 'case "$1" in --version) echo "tesseract 5.3.0";; *) printf "%s\\\\n" deu eng osd;; esac')
        assert load_tesseract(None, ignore).languages == ("eng", "deu")
