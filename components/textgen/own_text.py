"""The visitor's own text: pasted, uploaded or one of the examples, kept for the session."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from components import layout
from models.errors import BadInput
from models.textgen.encodings import NAMES, decoded
from models.textgen.split import split

MAX_MB = 5
SHOWN = 20_000  # characters: the browser sends what stands in its text area with every press and every look
FILE_TYPES = ("txt", "md", "csv", "py")
_CHOSEN, _PASTED, _PROBLEM, _UPLOADS = (f"textgen/text/{part}" for part in ("chosen", "pasted", "problem", "uploads"))


@dataclass(frozen=True)
class OwnText:
    """A text and where it is from; `note` is what has to be said about how it was read."""

    source: str = ""
    text: str = ""
    note: str = ""

    @cached_property
    def described(self) -> str:
        """How long it is, how many different characters it has, and what is held out of it."""
        if not self.text:
            return "No text yet."
        words = f"{self.source}: {len(self.text):,} characters, {len(set(self.text)):,} different. "
        try:
            held_out = split(self.text)[1]
        except BadInput:
            return words + "Enough for an n-gram, too short for a network."
        if not held_out:
            return words + "Too short to hold some of it out (that begins at 2,000)."
        return words + f"The last 10 % ({len(held_out):,}) are held out: never learnt from, only to test on."


def choose_text() -> OwnText:
    """The widgets to give a text, and the one that was given; a bad one gets a message and changes nothing."""
    place, upload = st.columns([3, 2], gap="large")
    with upload:
        _upload()
        st.markdown("Or take one of ours:")
        with st.container(horizontal=True):
            for title, make in EXAMPLES.items():
                st.button(title, key=f"textgen/text/{title}", on_click=lambda t=title, m=make: _keep(OwnText(t, m())))
    if _CHOSEN not in st.session_state:  # so that the first press trains something
        title, make = next(iter(EXAMPLES.items()))
        _keep(OwnText(title, make()))
    own: OwnText = st.session_state[_CHOSEN]
    with place:
        st.session_state.setdefault(_PASTED, _shown(own))  # Streamlit forgets it when another view is shown
        st.text_area(
            "Your text",
            key=_PASTED,
            height=180,
            on_change=_paste,
            placeholder=f"{own.text[:300]}…\n\n(So it begins. Too long to edit it here; paste another to replace it.)"
            if len(own.text) > SHOWN
            else "Paste a text: your mails, a song book, source code. Some thousand characters or more are best.",
        )
        if problem := st.session_state.pop(_PROBLEM, None):
            layout.say_error(problem)
        st.text(own.described)
        if own.note:
            st.caption(own.note)
    return own


def read_text(content: bytes, source: str) -> OwnText:
    """The text of a file in whatever encoding it is (`decoded`). Raises BadInput for one that is no text."""
    _check_size(len(content), source)
    text, encoding, damaged = decoded(content)
    notes = []
    if encoding in NAMES:
        notes.append(f"It is not UTF-8, so it was read as {NAMES[encoding]}. Odd letters? Save it as UTF-8.")
    if damaged:
        notes.append(f"It is damaged: {damaged:,} character{'s' * (damaged != 1)} could not be read and are left out.")
    odd = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f")
    if odd * 50 > len(text):
        raise BadInput(f"{source} is not plain text. Save it as a text file (.txt, UTF-8) and upload that.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BadInput(f"{source} is empty. Choose a file that has text in it.")
    return OwnText(source, text, " ".join(notes))


def _check_size(size: int, source: str) -> None:
    if size > MAX_MB * 1_000_000:
        raise BadInput(f"{source} has {size / 1e6:.1f} MB, {MAX_MB} MB are the most. Cut it and give the better half.")


def _shown(own: OwnText) -> str:
    return own.text if len(own.text) <= SHOWN else ""


def _keep(own: OwnText) -> None:
    st.session_state[_CHOSEN], st.session_state[_PASTED] = own, _shown(own)


def _paste() -> None:
    text: str = st.session_state[_PASTED]
    try:
        _check_size(len(text.encode()), "This text")
        _keep(OwnText("Pasted", text))
    except BadInput as error:
        st.session_state[_PROBLEM] = error
        _keep(st.session_state.get(_CHOSEN, OwnText()))


def _upload() -> None:
    count = st.session_state.setdefault(_UPLOADS, 0)
    file = st.file_uploader(
        f"Or upload a text file (.txt), {MAX_MB} MB at most",
        type=FILE_TYPES,
        max_upload_size=MAX_MB,
        key=f"{_UPLOADS}/{count}",
    )
    if file is None:
        return
    try:
        _keep(read_text(file.getvalue(), file.name))
    except BadInput as error:
        layout.say_error(error)
        return
    st.session_state[_UPLOADS] = count + 1  # an empty uploader again: the file is no longer in memory twice
    st.rerun()


def _sums() -> str:
    drawn = random.Random(0)
    pairs = [(drawn.randrange(50), drawn.randrange(50)) for _ in range(6000)]
    return "".join(f"{a}+{b}={a + b}\n" for a, b in pairs)


def _rhyme() -> str:
    drawn = random.Random(0)
    numbers = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    who = (("cat", "mat"), ("mouse", "house"), ("frog", "log"), ("bee", "tree"), ("hen", "pen"), ("goat", "boat"))
    how = ("little", "sleepy", "merry", "hungry", "tiny", "clever")
    verses = []
    for _ in range(120):
        (animal, place), first, second = drawn.choice(who), drawn.choice(how), drawn.choice(how)
        lines = [f"{n} {first} {animal}{'s' * (n != 'One')} in a {second} {place}" for n in numbers]
        verses.append(",\n".join(lines) + f",\nand who counts to ten has won the {place}!\n\n")
    return "".join(verses)


def _own_code() -> str:
    folders = ("components", "models", "pages")
    files = [layout.ROOT / "app.py", *(file for name in folders for file in sorted((layout.ROOT / name).rglob("*.py")))]
    return "\n\n".join(file.read_text(encoding="utf-8") for file in files)


EXAMPLES: dict[str, Callable[[], str]] = {"Sums": _sums, "Counting rhyme": _rhyme, "Limelight's own code": _own_code}
