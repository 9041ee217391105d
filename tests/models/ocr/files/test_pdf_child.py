"""Documents that would cost hours or all memory cost a child process its life, and nobody else anything."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.errors import BadDocument, Cancelled
from models.ocr.files import pdf_pages
from models.ocr.files.pdf_pages import Pdf
from tests.bench.costly_files import PDFS
from tests.models.ocr.files.test_pdf_pages import BLUE, GREEN, RED, WHITE, assert_corners, corners, first_page


class TestCostlyPages:
    """Each would take from half a minute to hours."""

    @pytest.fixture(autouse=True)
    def _children_of_its_own(self) -> Iterator[None]:
        yield
        assert pdf_pages._places._value == pdf_pages.MAX_CHILDREN, "every place was given back"  # type: ignore[attr-defined]

    @pytest.mark.parametrize("kind", PDFS)
    @pytest.mark.parametrize("limit", ["CPU_LIMIT_S", "TIME_LIMIT_S"])
    def test_is_refused_and_the_next_document_is_drawn(
        self, kind: str, limit: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Pdf(PDFS[kind](), name="costly.pdf") as pdf:
            monkeypatch.setattr(pdf_pages, "CPU_LIMIT_S", 600)
            monkeypatch.setattr(pdf_pages, "TIME_LIMIT_S", 600)
            monkeypatch.setattr(pdf_pages, limit, 1)
            with pytest.raises(BadDocument, match=r"^Page 1 of costly\.pdf takes more time or memory"):
                pdf.page(1)
            monkeypatch.undo()
            assert_corners(first_page(corners()), RED, GREEN, BLUE, WHITE)

    def test_others_are_drawn_meanwhile_and_cancel_ends_it(self, until: Callable[..., None]) -> None:
        cancel, raised = threading.Event(), []

        def draw() -> None:
            with Pdf(PDFS["nested forms"]()) as pdf, pytest.raises(Cancelled) as caught:
                pdf.page(1, cancel=cancel)
            raised.append(caught)

        thread = threading.Thread(target=draw)
        thread.start()
        until(lambda: pdf_pages._places._value < pdf_pages.MAX_CHILDREN)  # type: ignore[attr-defined]
        assert first_page(corners()).size and not raised
        cancel.set()
        thread.join()
        assert raised

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
    def test_a_child_has_bounds_and_no_secrets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIMELIGHT_PRESENTER_PASSWORD", "open sesame")
        child = pdf_pages._Child()
        child.open(-1, {"ask": "open", "password": None}, corners(), None)
        about = Path(f"/proc/{child._process.pid}")
        bounds = dict(re.findall(r"^Max (.+?)  +(\d+)", (about / "limits").read_text(), re.MULTILINE))
        assert int(bounds["address space"]) <= 2e9 and int(bounds["file size"]) == 0 and int(bounds["cpu time"]) < 10
        assert b"sesame" not in (about / "environ").read_bytes()
        child.kill()

    def test_a_child_that_broke_is_replaced(self) -> None:
        with Pdf(corners()) as pdf:
            for child in list(pdf_pages._idle):
                child._process.kill()
                child._process.wait()
            assert pdf.page(1).size
