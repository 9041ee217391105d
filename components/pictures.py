"""Still pictures from the visitor: photo, upload, clipboard or samples. Each source gives the same: `Picture`s."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import streamlit as st

from components.hosting import line
from components.layout import browser_component, say_words
from components.remembered import remembered
from components.sharing import choose, set_for, setting
from components.streamlit_patches import switch_page
from components.web.messages import PASTED_BYTES
from models.demos import Demo
from models.errors import BadImage
from models.pictures.arrays import thumbnail
from models.pictures.images import open_image, to_jpeg
from models.pictures.variants import samples_of
from models.runtime.csv_cells import harmless
from models.settings import settings

FILE_TYPES = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif")
PDF = "pdf"
REFUSED_TYPES = ("heic", "svg", PDF)  # let in to be refused by us with words that help, which a browser's don't
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


@dataclass(frozen=True, eq=False)
class File:
    """What the visitor gave, unopened: its name, its bytes, and a key that only the same file has."""

    name: str
    data: bytes
    key: str


def choose_source(*more: str, first: str = LIVE) -> str:
    """The ladder of inputs, the most alive first. One of `SOURCES` or of `more`; in the address as `?input=`. `first`
    is the one a visitor finds. Where no more cameras can be on, live becomes photo, and the page says so."""
    chosen = choose("Input", (*SOURCES, *more), "input", default=first, width="stretch")
    return chosen if chosen != LIVE or line.may_be_live() else PHOTO


def pictures(source: str, key: str, *, sample: str = "cat", samples: str = "") -> list[Picture]:
    """The pictures of `source`, with the widgets to get them; a bad one is named in a message, the others stay.
    `samples` names a set of sample pictures that is not the page's own, `sample` the one that stands there at first."""
    if source == SAMPLES:
        return _samples(samples or key, sample)
    if source == PASTE:
        paste_zone(key)
        return opened(pasted(key))
    return opened(files(source, key))


def files(source: str, key: str, *, pdf: bool = False) -> list[File]:
    """What the visitor took or chose, unopened, with the widgets to do so: of PHOTO or UPLOAD. `pdf` says that the page
    reads those too."""
    if source == PHOTO:
        taken = st.camera_input("Take a photo: only the one you take is sent", key=f"{key}/photo")
        return [file_of("photo", taken.getvalue())] if taken else []
    if source != UPLOAD:
        return []
    chosen = st.file_uploader(
        f"Choose one or several pictures{' or PDF files' * pdf}, or drop them here",
        type=[*FILE_TYPES, *REFUSED_TYPES],
        accept_multiple_files=True,
        max_upload_size=settings().upload_mb,
        key=f"{key}/upload",
    )
    if len(chosen) > MAX_PICTURES:
        st.warning(f"These are {len(chosen)} {'files' if pdf else 'pictures'}; the first {MAX_PICTURES} are shown.")
    return [file_of(file.name, file.getvalue()) for file in chosen[:MAX_PICTURES]]


def file_of(name: str, data: bytes) -> File:
    """A file that came another way, under the key that the same file would have here."""
    return File(name, data, hashlib.sha256(name.encode() + b"/" + data).hexdigest())


def paste_zone(key: str, on_paste: Callable[[], None] | None = None, *, folded: bool = False) -> None:
    """Takes a picture from the clipboard, by Ctrl+V anywhere on the page or by a button; `pasted` has it from then on.
    `on_paste` is called before the run that follows; a `folded` one listens, and is only seen when it has to say why it
    took nothing."""
    sent = browser_component("paste")(
        key=f"{key}/paste",
        data={"maxBytes": min(settings().upload_mb * 1_000_000, PASTED_BYTES), "folded": folded},
        on_picture_change=on_paste or (lambda: None),
    )
    if encoded := getattr(sent, "picture", None):
        try:
            data = base64.b64decode(str(encoded).partition(",")[2], validate=True)
            # the component forgets when it leaves the page, the session does not
            st.session_state[f"{key}/pasted"] = [file_of("pasted picture", data)]
        except ValueError:  # binascii.Error is one
            st.error("The browser sent something that is not a picture. Copy it again and paste.")


def pasted(key: str) -> list[File]:
    """What the visitor pasted last, or another page handed over, if anything."""
    files: list[File] = st.session_state.get(f"{key}/pasted", [])
    return files


def hand_over(demo: Demo, given: Mapping[str, np.ndarray]) -> NoReturn:
    """Go to another demo with these pictures, uint8 (H, W, 3) by name, as if they had been pasted there."""
    st.session_state[f"{demo.name}/pasted"] = [file_of(name, to_jpeg(rgb, 95)) for name, rgb in given.items()]
    set_for(demo.name, input=PASTE)
    switch_page(demo.page)


def _samples(key: str, first: str) -> list[Picture]:
    samples = samples_of(key)
    chosen = st.pills(
        "Pictures that come with the app",
        list(samples),
        default=first,
        format_func=lambda name: samples[name].title,
        selection_mode="multi",
        label_visibility="collapsed",
        wrap=False,  # one row, which scrolls: the answer is to be seen below
        **setting(f"{key}/samples", free=True),
    )
    return [Picture(samples[name].title, _sample(key, name), f"sample {name}") for name in chosen]


@st.cache_data(show_spinner=False, max_entries=20)
def _sample(key: str, name: str) -> np.ndarray:
    return samples_of(key)[name].load()


def opened(files: list[File]) -> list[Picture]:
    """Each file as a picture; the ones that can't be opened become one message each."""
    shown = []
    for found in remembered("opened", ((file.key, file) for file in files), _open):
        if isinstance(found, str):
            say_words(found, icon=":material/broken_image:")
        else:
            shown.append(found)
    return shown


def _open(file: File) -> Picture | str:
    """The picture, or in words why it is none: an error would hold on to what was being decoded."""
    most = settings().upload_mb * 1_000_000
    try:
        return Picture(file.name, open_image(file.data, name=file.name, max_bytes=most, max_side=MAX_SIDE), file.key)
    except BadImage as error:
        return str(error)


def data_url(rgb: np.ndarray, side: int = 160) -> str:
    """A small JPEG of the picture as a data: address, for table cells."""
    return "data:image/jpeg;base64," + base64.b64encode(to_jpeg(thumbnail(rgb, side))).decode()


def show_rows(pictures: Sequence[Picture], columns: Mapping[str, Sequence[Any]], row_height: int = 72) -> None:
    """A table with a row per picture: thumbnail, name, then these columns; "probability" in 0..1 is a bar."""
    st.dataframe(
        {
            "picture": [data_url(picture.rgb) for picture in pictures],
            # Streamlit lets one download what it shows
            "name": [harmless(picture.name) for picture in pictures],
            **{name: [harmless(x) if isinstance(x, str) else x for x in cells] for name, cells in columns.items()},
        },
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "probability": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
        row_height=row_height,
        hide_index=True,
        width="stretch",
    )
