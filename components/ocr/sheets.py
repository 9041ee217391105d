"""What there is to read: pictures and PDF pages from each input, unopened until their turn comes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from components import layout
from components.pictures import LIVE, PASTE, SAMPLES, File, files, paste_zone, pasted
from components.sharing import setting
from models.errors import LimelightError, LockedDocument
from models.ocr.files.pdf_pages import Pdf, is_pdf
from models.ocr.samples import ocr_samples
from models.pictures.images import open_image
from models.settings import settings

MAX_PIXELS = 40_000_000
MAX_SIDE = 32_000  # pixels: a long web page in one screenshot
_FROZEN, _PDFS = "ocr/frozen", "ocr/pdfs"


@dataclass(frozen=True, eq=False)
class Sheet:
    """One page to read. `key` is its own; `load` opens it, as RGB uint8 (H, W, 3), on any thread, or raises a
    LimelightError; of a document it is soon given up once the event that it gets is set."""

    name: str
    key: str
    load: Callable[[threading.Event | None], np.ndarray]


def choose_sheets(source: str) -> list[Sheet]:
    """The pages of an input, with the widgets to get them; a document that can't be opened is named in a message."""
    if source == SAMPLES:
        return _samples()
    if source == LIVE:
        frame: np.ndarray | None = st.session_state.get(_FROZEN)
        return [] if frame is None else [Sheet("camera", f"camera {id(frame)}", lambda _: frame)]
    given = pasted("ocr") if source == PASTE else files(source, "ocr", pdf=True)
    return [sheet for file in given for sheet in _of_file(file)]


def paste_anywhere(source: str) -> None:
    """Ctrl+V works whatever the input; what was pasted is then the input."""
    paste_zone("ocr", on_paste=_go_to_pasted, folded=source != PASTE)


def _go_to_pasted() -> None:
    st.session_state["input"] = PASTE


def freeze(frame: np.ndarray) -> None:
    """Read this frame of the camera thoroughly, until `unfreeze`."""
    st.session_state[_FROZEN] = frame


def unfreeze() -> None:
    """Back to the live camera."""
    st.session_state.pop(_FROZEN, None)


def _samples() -> list[Sheet]:
    samples = {sample.name: sample for sample in ocr_samples()}
    chosen = st.pills(
        "Pictures that come with the app",
        list(samples),
        default=next(iter(samples)),
        format_func=lambda name: samples[name].title,
        required=True,
        label_visibility="collapsed",
        wrap=False,  # one row, which scrolls: the answer is to be seen below
        **setting("sample"),
    )
    return [Sheet(samples[chosen].title, f"sample {chosen}", lambda _: samples[chosen].load())]


def _of_file(file: File) -> list[Sheet]:
    if not is_pdf(file.data):
        return [Sheet(file.name, file.key, partial(_open, file))]
    try:
        pdf = _pdf(file)
    except LimelightError as error:
        layout.say_error(error, icon=":material/broken_image:")
        return []
    if pdf is None:
        return []
    return [
        Sheet(f"{file.name}, page {number}", f"{file.key} {number}", partial(_draw, pdf, number))
        for number in _choose_pages(file, pdf.pages)
    ]


def _draw(pdf: Pdf, number: int, cancel: threading.Event | None) -> np.ndarray:
    return pdf.page(number, cancel=cancel)


def _open(file: File, _: threading.Event | None) -> np.ndarray:
    most = settings().upload_mb * 1_000_000
    return open_image(file.data, name=file.name, max_bytes=most, max_pixels=MAX_PIXELS, max_side=MAX_SIDE)


def _pdf(file: File) -> Pdf | None:
    """Opened once; None while its password is not known."""
    opened: dict[str, Pdf] = st.session_state.setdefault(_PDFS, {})
    if file.key in opened:
        return opened[file.key]
    try:
        pdf = Pdf(file.data, name=file.name)
    except LockedDocument:
        password = st.text_input(
            f"{layout.plain(file.name)} is locked. Its password", type="password", key=f"pdf {file.key}"
        )
        if not password:
            return None
        pdf = Pdf(file.data, name=file.name, password=password)
    for old in list(opened)[:-3]:  # a few at most: each holds its file
        opened.pop(old)
    opened[file.key] = pdf
    return pdf


def _choose_pages(file: File, pages: int) -> range:
    """Page numbers, from 1."""
    most = settings().pdf_pages
    if pages <= most:
        return range(1, pages + 1)
    st.info(
        f"{layout.plain(file.name)} has {pages} pages; {most} are read at a time. Choose where to begin.",
        icon=":material/auto_stories:",
    )
    first = st.number_input("First page", 1, pages, 1, key=f"pages {file.key}")
    return range(first, min(pages + 1, first + most))
