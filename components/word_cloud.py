"""A word cloud with what it is drawn with, for every page that has a text."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from components import layout
from components.remembered import remembered_one
from components.sharing import setting
from models.errors import BadInput, LimelightError

LONGEST_TEXT = 5_000_000  # bytes

AS_THE_PAGE, LIGHT, DARK = PAPERS = ("As the page", "Light", "Dark")


@dataclass(frozen=True)
class DrawnWith:
    """Shape, palette and background as models.pictures.word_cloud calls them, and the words to leave out."""

    shape: str
    palette: str
    background: str
    left_out: frozenset[str]


def controls() -> DrawnWith:
    """What the visitor wants it drawn with."""
    from models.pictures.word_cloud import (  # draws by matplotlib, which takes long to import
        PALETTES,
        SHAPES,
        STOP_WORDS,
    )

    with st.container(horizontal=True, vertical_alignment="bottom"):
        shape = st.selectbox("Shape", list(SHAPES), format_func=str.capitalize, **setting("clouds/shape"), width=150)
        palette = st.selectbox(
            "Colours", list(PALETTES), format_func=str.capitalize, **setting("clouds/palette"), width=150
        )
        paper = st.segmented_control(
            "Background", PAPERS, default=AS_THE_PAGE, required=True, **setting("clouds/paper")
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stop = st.toggle(
            "Leave out small words",
            True,
            help="The, and, to … and Shakespeare's own: thou, hath, 'tis. They are in every text and say little.",
            **setting("clouds/stop"),
        )
        own = st.text_input(
            "Leave out these as well",
            placeholder="good, lord, sir",
            max_chars=2000,
            **setting("clouds/own-stops", free=True),
            width=320,
        )
    dark = paper == DARK or (paper == AS_THE_PAGE and st.context.theme.type == "dark")
    left_out = frozenset(word.strip() for word in (own or "").split(",") if word.strip())
    return DrawnWith(shape, palette, "dark" if dark else "light", left_out | (STOP_WORDS if stop else frozenset()))


def show(side: str, title: str, text: str, drawn_with: DrawnWith) -> None:
    """The cloud of a text, or in words why there is none; `side` keeps two on one page apart."""
    if not text.strip():
        return
    inputs = hashlib.sha256(text.encode("utf-8", "replace")).digest(), drawn_with
    try:
        png, line = remembered_one(f"clouds/{side}", inputs, lambda: _draw(text, drawn_with))
    except LimelightError as error:
        layout.say_error(error)
        return
    st.image(png, alt="The words of the text, the frequent ones large", width="stretch")
    st.caption(f"{line} A word's size: half its rank, half its frequency. Place and colour mean nothing.")
    st.download_button(
        "Download PNG",
        png,
        f"words-{side}.png",
        "image/png",
        key=f"clouds/{side}/png",
        icon=":material/download:",
        on_click="ignore",
        help=f"The cloud of {layout.plain(title)}",
    )


def _draw(text: str, drawn_with: DrawnWith) -> tuple[bytes, str]:
    """The cloud as a PNG file, and a line that says it in words."""
    from models.pictures.word_cloud import to_png, word_cloud, words_of

    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise BadInput("This text is larger than 5 MB. Paste a shorter one.")
    with st.spinner("Placing the words"):
        counts = words_of(text, drawn_with.left_out)
        cloud = word_cloud(counts, shape=drawn_with.shape, colours=drawn_with.palette, background=drawn_with.background)
        png = to_png(cloud)
    most = sorted(counts, key=lambda word: (-counts[word], word))[:5]
    first = ", ".join(f"{layout.plain(word)} {counts[word]}" for word in most)
    total, different = (f"{number:,}".replace(",", "\u202f") for number in (sum(counts.values()), len(counts)))
    return png, f"Words counted: {total}, different ones: {different}. Most frequent: {first}."
