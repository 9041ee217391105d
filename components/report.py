"""What is said of a result beside the picture: plain data, made on the engine's thread where that suits, painted in the
browser by the painter `report`, or shown by the page itself."""

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import layout
from models.pose.avatar import data_url

Row = tuple[str, float, str, bool]
"""A bar's name, its length in 0..1, its figure, and whether it is weak: grey."""


@dataclass(frozen=True)
class Verdict:
    """The answer in large letters, and what follows it in small ones."""

    words: str
    small: str = ""
    unsure: bool = False

    def show(self) -> None:
        """On the page."""
        small = f" <small>{html.escape(self.small)}</small>" if self.small else ""
        st.html(f'<div class="verdict{" unsure" if self.unsure else ""}">{html.escape(self.words)}{small}</div>')

    def to_browser(self) -> dict[str, Any]:
        """For the painter."""
        return {"verdict": self.words, "small": self.small, "unsure": self.unsure}


@dataclass(frozen=True)
class Bars:
    """Many bars in two columns; `words`: their names are long."""

    rows: tuple[Row, ...]
    words: bool = False

    def show(self) -> None:
        """On the page."""
        bars = "".join(
            layout.bar(html.escape(name), min(1.0, share), figure, weak=weak) for name, share, figure, weak in self.rows
        )
        st.html(f'<div class="bars fine{" words" if self.words else ""}">{bars}</div>')

    def to_browser(self) -> dict[str, Any]:
        """For the painter."""
        rows = [[name, round(share, 2), figure, int(weak)] for name, share, figure, weak in self.rows]
        return {"bars": rows, "words": self.words}


@dataclass(frozen=True)
class Note:
    """A sentence."""

    words: str

    def show(self) -> None:
        """On the page."""
        st.caption(layout.plain(self.words))

    def to_browser(self) -> dict[str, Any]:
        """For the painter."""
        return {"note": self.words}


@dataclass(frozen=True)
class Faces:
    """Drawn faces, as SVG."""

    svgs: tuple[str, ...]

    def show(self) -> None:
        """On the page."""
        pictures = (f'<img alt="A drawn face that does the same" src="{data_url(svg)}">' for svg in self.svgs)
        st.html(f'<div class="avatars">{"".join(pictures)}</div>')

    def to_browser(self) -> dict[str, Any]:
        """For the painter."""
        return {"faces": self.svgs}


Block = Verdict | Bars | Note | Faces


def show(blocks: Iterable[Block]) -> None:
    """One below the other."""
    for block in blocks:
        block.show()


def to_browser(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """For the painter `report`."""
    return [block.to_browser() for block in blocks]
