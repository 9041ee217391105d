"""Opens pages as a visitor does, through the router."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from models.pictures.images import sample_pictures

ROOT = Path(__file__).parents[2]


def opened(page: str = "", **query: str | list[str]) -> AppTest:
    """The app at an address, as a visitor enters it."""
    return ran(entering(page, **query).run())


def entering(page: str = "", **query: str | list[str]) -> AppTest:
    """The same, a moment before: the session's state is still to be set."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    # AppTest.switch_page hashes the file, st.navigation the address: Streamlit forgets widgets when that changes
    at._page_hash = calc_hash(page)
    for name, value in query.items():
        at.query_params[name] = value
    return at


def ran(at: AppTest) -> AppTest:
    assert not at.exception, [error.message for error in at.exception]
    return at


def html_of(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html") if not element.proto.body.startswith("<style>"))


def when_read(at: AppTest) -> AppTest:
    """The OCR page once nothing waits to be read."""
    give_up = time.monotonic() + 240
    while any(button.key == "ocr/cancel" for button in at.button):
        assert time.monotonic() < give_up, "it is still being read"
        time.sleep(0.1)
        ran(at.run())
    return at


def said(at: AppTest) -> str:
    """Every message, caption and paragraph."""
    return " ".join(str(e.value) for e in (*at.error, *at.warning, *at.info, *at.caption, *at.markdown))


def downloads(at: AppTest) -> list[str]:
    """The labels of the buttons that give a file."""
    return [element.proto.label for element in at.get("download_button")]


def sample(name: str) -> np.ndarray:
    """One of the pictures that come with the app, uint8 (H, W, 3)."""
    return next(s for s in sample_pictures() if s.name == name).load()


SHOWN_AS_MARKDOWN = {"label", "help", "body", "caption", "text", "content"}  # fields of Streamlit's elements
SHOWN_AS_IT_IS = {"html", "text", "code", "dataframe", "arrow_data_frame", "plotly_chart"}


def as_markdown(at: AppTest) -> list[str]:
    """Every text of the page in which the browser looks for Markdown: labels, captions, helps, options of pills."""
    found: list[str] = []

    def read(message: Any) -> None:
        for field, value in message.ListFields():
            for one in value if field.is_repeated else [value]:
                if field.type == field.TYPE_MESSAGE and hasattr(one, "ListFields"):
                    read(one)
                elif field.name in SHOWN_AS_MARKDOWN and isinstance(one, str):
                    found.append(one)

    def walk(node: Any) -> None:
        if (proto := getattr(node, "proto", None)) is not None and node.type not in SHOWN_AS_IT_IS:
            read(proto)
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(at._tree)
    return found
