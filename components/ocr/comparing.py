"""The view "Compare": another reader on the same page, and where the two differ."""

import difflib
import html
import re
from collections.abc import Iterator

import streamlit as st

from components import layout, loading
from components.ocr import choice
from components.ocr.choice import ReaderChoice
from components.ocr.reading import ReadSheet, read


def show(page: ReadSheet, chosen: ReaderChoice) -> None:
    """The page as the chosen reader and as another one read it, side by side."""
    other_name = choice.choose_engine("Compare with", key="other", without=page.engine)
    if loading.model(other_name) is None:
        return
    others = read([page.sheet], other_name, page.tools)
    if not others:
        return
    readings = page.bare, others[0].bare
    marked = differences(*(chosen.arranged(bare).text for bare in readings))
    for column, bare, words in zip(st.columns(2), readings, marked, strict=True):
        with column:
            st.markdown(f"**{layout.plain(bare.engine)}**")
            seconds, number = sum(bare.seconds.values()), sum(len(box.text.split()) for box in bare.boxes)
            st.caption(f"{number} words · {bare.score:.0%} sure by its own measure · {seconds:.1f} s")
            st.html(f'<div class="written">{words}</div>')
    st.caption("Marked is what the other one read differently. How sure a reader is cannot be compared with another's.")


def differences(one: str, other: str) -> tuple[str, str]:
    """Both texts as HTML, the words that differ in `<mark>`; spaces alone are no difference."""
    a, b = _words(one), _words(other)
    matcher = difflib.SequenceMatcher(None, [word.strip() for word in a], [word.strip() for word in b], autojunk=False)
    left: list[str] = []
    right: list[str] = []
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        same = kind == "equal"
        left += _marked(a[a0:a1], same)
        right += _marked(b[b0:b1], same)
    return "".join(left), "".join(right)


def _words(text: str) -> list[str]:
    """Words, each with the space after it."""
    return re.findall(r"\s*\S+\s*", text)


def _marked(words: list[str], same: bool) -> Iterator[str]:
    for word in words:
        escaped = html.escape(word)
        yield escaped if same else f"<mark>{escaped}</mark>"
