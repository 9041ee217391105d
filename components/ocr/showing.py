"""The view "Text": the picture beside its text, what was found in it, and files to take along."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from components import layout
from components.copy import copy_button
from components.ocr import choice, unread
from components.ocr.choice import ReaderChoice
from components.ocr.reader import reader
from components.ocr.reading import ReadSheet
from models.ocr.boxes import Code, Reading
from models.ocr.codes import describe
from models.ocr.files.hocr import to_hocr
from models.ocr.files.pages import Page, to_json, to_text
from models.ocr.files.searchable_pdf import to_searchable_pdf
from models.ocr.found import Found, find_all
from models.ocr.layout.pieces import Arranged
from models.ocr.layout.table import to_csv, to_markdown, to_tsv
from models.ocr.prepare.region import narrowed
from models.ocr.prepare.steps import Tools
from models.runtime.csv_cells import harmless

MAX_FOUND = 24
_EDITED = "ocr/edited"


def show(page: ReadSheet, pages: Sequence[ReadSheet], chosen: ReaderChoice) -> None:
    """One page's picture and text; below, the files of all pages."""
    opened = page.opened()
    above = st.container()  # the text comes first
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = replace(chosen, arrangement=choice.choose_arrangement())
        arranged = chosen.arranged(opened)
        _say_how(page.bare, arranged, chosen)
    if opened.unread is not None:
        unread.show(opened.unread, page.engine)
    with above:
        edit = reader(opened, arranged.pieces, key="reader", weak_below=chosen.weak_below)
    if edit.region is not None:
        choice.use(narrowed(page.tools, opened.turned, edit.region))
        st.rerun()
    edited: dict[tuple[str, str], str] = st.session_state.setdefault(_EDITED, {})
    this = page.key, arranged.mode
    if edit.text is None:
        edited.pop(this, None)
    else:
        edited[this] = edit.text
    text = arranged.text if edit.text is None else edit.text
    if arranged.rows:
        _show_table(arranged)
    _show_found(text, opened.codes)
    _offer_files(pages, chosen)


def text_of(page: ReadSheet, chosen: ReaderChoice) -> str:
    """A page's text with the visitor's changes."""
    return _page(page, chosen, bare=True).final_text


def _page(page: ReadSheet, chosen: ReaderChoice, *, bare: bool = False) -> Page:
    arranged = chosen.arranged(page.bare)
    text = st.session_state.get(_EDITED, {}).get((page.key, arranged.mode))
    return Page(page.sheet.name, page.bare if bare else page.packed.unpacked(), text, arranged)


def _say_how(bare: Reading, arranged: Arranged, chosen: ReaderChoice) -> None:
    if not bare.boxes and bare.unread is None:
        st.info(
            "No text was found in this picture. Is it sharp, and large enough? The view “Prepare” can help it.",
            icon=":material/search_off:",
        )
        return
    words = sum(len(box.text.split()) for box in bare.boxes)
    auto = f" · auto chose **{arranged.mode.lower()}**" if chosen.arrangement == choice.AUTO else ""
    turned = f" · turned by {90 * bare.turned}°" if bare.turned else ""
    seconds = sum(bare.seconds.values())
    st.caption(f"**{words} words**, {bare.score:.0%} sure · {layout.plain(bare.engine)}, {seconds:.1f} s{turned}{auto}")


def _show_table(arranged: Arranged) -> None:
    with st.expander("The table", icon=":material/table:", expanded=True):
        rows = [list(row) for row in arranged.rows]
        # Streamlit lets one download what it shows
        st.dataframe([[harmless(cell) for cell in row] for row in rows], hide_index=True, width="stretch")
        with st.container(horizontal=True):
            for kind, written in (("TSV", to_tsv), ("CSV", to_csv), ("Markdown", to_markdown)):
                with st.container(width="content"):
                    st.caption(kind)
                    copy_button(written(rows), key=f"table {kind}")


def _show_found(text: str, codes: Sequence[Code]) -> None:
    found = find_all(text)
    if not found and not codes:
        return
    st.header("Found in it", anchor=False)
    items = [(f"{code.kind} · {describe(code)}", code.text, code.text) for code in codes]
    items += [(item.kind, item.text, item.value) for item in _different(found)]
    columns = st.columns(3)
    for number, (kind, shown, value) in enumerate(items[:MAX_FOUND]):
        with columns[number % 3].container(border=True, horizontal=True, vertical_alignment="center"):
            also = f"  \n{layout.plain(value)}" if value != shown else ""
            st.markdown(f":gray[{layout.plain(kind)}]  \n**{layout.plain(shown)}**{also}")
            copy_button(value, key=f"found {number} {value}")
    if len(items) > MAX_FOUND:
        st.caption(f"And {len(items) - MAX_FOUND} more.")


def _different(found: Sequence[Found]) -> list[Found]:
    return list({(item.kind, item.value): item for item in reversed(found)}.values())[::-1]


def _offer_files(pages: Sequence[ReadSheet], chosen: ReaderChoice) -> None:
    many = f"of all {len(pages)} pages " if len(pages) > 1 else ""
    st.caption(f"Take it along: the text {many}as a file")
    stem = f"text {datetime.now():%Y-%m-%d %H-%M}"

    def made(bare: bool = False) -> Iterator[Page]:  # one picture open at a time
        return (_page(page, chosen, bare=bare) for page in pages)

    kinds = (
        ("Text", "txt", "text/plain", lambda: to_text(made(bare=True))),
        ("JSON", "json", "application/json", lambda: to_json(made())),
        ("hOCR", "hocr", "text/html", lambda: to_hocr(made())),
        ("Searchable PDF", "pdf", "application/pdf", lambda: to_searchable_pdf(made())),
    )
    with st.container(horizontal=True):
        for title, ending, mime, make in kinds:
            st.download_button(
                title, make, f"{stem}.{ending}", mime, icon=":material/download:", on_click="ignore", key=f"as {ending}"
            )


def show_tools_in_use(used: Tools) -> None:
    """That the picture is not read as it came, with the way back."""
    if used == Tools():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        part = " It is a part of it." if used.region else ""
        st.caption(f"The picture was prepared before it was read.{part}")
        st.button(
            "Read it as it came", icon=":material/undo:", on_click=choice.use, args=(Tools(),), key="ocr/as-it-came"
        )
