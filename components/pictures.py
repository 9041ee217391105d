"""Still pictures from the visitor: photo, upload, clipboard or samples. Each source gives the same: `Picture`s."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from components.layout import browser_component, say_error
from models.errors import BadImage
from models.images import open_image, sample_pictures, thumbnail, to_jpeg
from models.settings import settings

FILE_TYPES = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif")
REFUSED_TYPES = ("heic", "svg", "pdf")  # let in to be refused by us with words that help, which a browser's don't
MAX_PICTURES = 50
MAX_SIDE = 1600  # pixels: larger ones are scaled down; 50 of them are 400 MB at most

LIVE, PHOTO, UPLOAD, PASTE, SAMPLES = SOURCES = ("Live", "Photo", "Upload", "Paste", "Samples")


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: its name, RGB uint8 (H, W, 3) that nobody writes to, and a key that only the same picture under the
    same name has."""

    name: str
    rgb: np.ndarray
    key: str


def choose_source(*more: str) -> str:
    """The ladder of inputs, the most alive first. One of `SOURCES` or of `more`; in the address as `?input=`."""
    return st.segmented_control(
        "Input",
        (*SOURCES, *more),
        default=LIVE,
        required=True,
        key="input",
        bind="query-params",
        label_visibility="collapsed",
        width="stretch",
    )


def pictures(source: str, key: str, *, sample: str = "cat") -> list[Picture]:
    """The pictures of `source`, with the widgets to get them; a bad one is named in a message, the others stay.
    `sample` names the one that stands there at first."""
    return _samples(key, sample) if source == SAMPLES else _SOURCES[source](key)


def _photo(key: str) -> list[Picture]:
    taken = st.camera_input("Take a photo: only the one you take is sent", key=f"{key}/photo")
    return _opened([("photo", taken.getvalue())] if taken else [])


def _upload(key: str) -> list[Picture]:
    files = st.file_uploader(
        "Choose one or several pictures, or drop them here",
        type=[*FILE_TYPES, *REFUSED_TYPES],
        accept_multiple_files=True,
        max_upload_size=settings().upload_mb,
        key=f"{key}/upload",
    )
    if len(files) > MAX_PICTURES:
        st.warning(f"These are {len(files)} pictures; the first {MAX_PICTURES} are shown.")
    return _opened([(file.name, file.getvalue()) for file in files[:MAX_PICTURES]])


def _paste(key: str) -> list[Picture]:
    told = _paste_component()(
        key=f"{key}/paste",
        data={"maxBytes": settings().upload_mb * 1_000_000},
        on_picture_change=lambda: None,
    )
    kept = f"{key}/pasted"  # the component forgets when it leaves the page, the session does not
    if encoded := getattr(told, "picture", None):
        try:
            st.session_state[kept] = base64.b64decode(str(encoded).partition(",")[2], validate=True)
        except ValueError:  # binascii.Error is one
            st.error("The browser sent something that is not a picture. Copy it again and paste.")
    return _opened([("pasted picture", st.session_state[kept])] if kept in st.session_state else [])


def _samples(key: str, first: str) -> list[Picture]:
    samples = {sample.name: sample for sample in sample_pictures()}
    chosen = st.pills(
        "Pictures that come with the app",
        list(samples),
        default=first,
        format_func=lambda name: samples[name].title,
        selection_mode="multi",
        key=f"{key}/samples",
    )
    return [Picture(samples[name].title, _sample(name), f"sample {name}") for name in chosen]


_SOURCES: dict[str, Callable[[str], list[Picture]]] = {
    PHOTO: _photo,
    UPLOAD: _upload,
    PASTE: _paste,
}


@st.cache_data(show_spinner=False, max_entries=20)
def _sample(name: str) -> np.ndarray:
    return next(sample for sample in sample_pictures() if sample.name == name).load()


def _opened(files: list[tuple[str, bytes]]) -> list[Picture]:
    """Each file as a picture; the ones that can't be opened become one message each."""
    known: dict[str, Picture] = st.session_state.get("opened", {})
    opened = []
    for name, data in files:
        key = hashlib.sha256(name.encode() + b"/" + data).hexdigest()
        try:
            opened.append(known[key] if key in known else Picture(name, _open(data, name), key))
        except BadImage as error:
            say_error(error, icon=":material/broken_image:")
    # what this run shows, so that the next need not decode it again; no more
    st.session_state["opened"] = {picture.key: picture for picture in opened}
    return opened


def _open(data: bytes, name: str) -> np.ndarray:
    return open_image(data, name=name, max_bytes=settings().upload_mb * 1_000_000, max_side=MAX_SIDE)


def data_url(rgb: np.ndarray, side: int = 160) -> str:
    """A small JPEG of the picture as a data: address, for table cells."""
    return "data:image/jpeg;base64," + base64.b64encode(to_jpeg(thumbnail(rgb, side))).decode()


@cache
def _paste_component() -> Any:
    return browser_component("paste")
