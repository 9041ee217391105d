"""What every page shares: header, the three panels, footer, style."""

import html
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from components import sharing
from models.demos import Demo
from models.errors import LimelightError

ROOT = Path(__file__).parent.parent


def page_frame() -> None:
    """The style sheet; called by the router, once for all pages."""
    st.html(ROOT / "assets" / "style.css")


@cache
def browser_component(name: str, *parts: str, isolated: bool = True) -> Any:
    """A small component of our own from assets/NAME/NAME.html, .css and .js, made once per process. `parts` name the
    scripts that it shares or was split into: see `script`. The page's style reaches one that is not `isolated`."""
    html, css = ((ROOT / "assets" / name / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    js = script(*parts, f"{name}/{name}")
    return st.components.v2.component(f"limelight_{name}", html=html, css=css, js=js, isolate_styles=isolated)


def script(*names: str) -> str:
    """assets/NAME.js of each, such as "copy/clipboard", as one module: Streamlit gives a component no address to import
    from. They see each other's top-level names, and only the last exports."""
    return "\n".join((ROOT / "assets" / f"{name}.js").read_text(encoding="utf-8") for name in names)


def enter_by_router() -> None:
    """Start over through app.py when Streamlit ran the page on its own.

    Until st.navigation has run once in a process, Streamlit takes pages/ for an app of its old kind, without a
    router: whoever opens a deep link right after the server's start would get a bare page and wrong menu.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


_HOW = "how/open"


def demo_header(demo: Demo) -> None:
    """Title and the one line of the demo, and the way to share it."""
    enter_by_router()
    with st.container(horizontal=True, vertical_alignment="center", key="header"):  # one line: see style.css
        st.title(demo.title, anchor=False, width="content")
        st.markdown(demo.line, width="stretch")
        _how_button(demo)
        sharing.share_button(demo)


def _how_button(demo: Demo) -> None:
    """The panels from below, at one press."""

    def switch(to: str | None) -> None:
        st.session_state[_HOW] = to  # and not by the press alone: a live page runs again at any moment

    st.button(
        "How?",
        icon=":material/help:",
        key="how",
        type="tertiary",
        help="What you see, how it works, what to try",
        on_click=switch,
        args=(demo.name,),
    )
    if st.session_state.get(_HOW) == demo.name:
        st.dialog(demo.title, width="large", on_dismiss=lambda: switch(None))(_tabs)(demo)


def say_error(error: LimelightError, icon: str = ":material/error:") -> None:
    """The error's own words, as they are: a file's name in them is no Markdown."""
    say_words(str(error), icon)


def say_words(words: str, icon: str = ":material/error:") -> None:
    """What went wrong, where only its words are left."""
    st.error(plain(words), icon=icon)


def plain(text: str) -> str:
    """A text in which Markdown finds nothing to do."""
    return re.sub(r"([\\`*_{}\[\]()<>#+~|:$!-])", r"\\\1", text)


def percent(share: float) -> str:
    """A share of 0..1 in whole per cent; what is almost nothing or almost all is not called nothing or all."""
    if 0 < share < 0.01:
        return "< 1 %"
    return "> 99 %" if 0.99 < share < 1 else f"{share:.0%}".replace("%", " %")


def counted(number: int, what: str) -> str:
    """1 sample, 2 samples; 1 class, 2 classes."""
    return f"{number:,} {what}{'' if number == 1 else 'es' if what.endswith('s') else 's'}"


def shortened(text: str, most: int) -> str:
    """The text in `most` characters, the last of them … where it is cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def file_stem(name: str, default: str = "project") -> str:
    """What a project of that name is called on the visitor's disk, without the ending; `default` where nothing of the
    name can be used."""
    return re.sub(r"[^\w\-]+", "-", name).strip("-") or default


def bar(label: str, share: float, figure: str, *, weak: bool = False, colour: str = "") -> str:
    """A row of `<div class="bars">` as HTML: `label` is HTML itself, `share` in 0..1 how long the bar is, `colour` its
    own as #rrggbb."""
    own = f";--limelight:{colour}" if colour else ""
    return (
        f'<div class="bar{" weak" if weak else ""}"><i style="width:{share:.1%}{own}"></i>'
        f"<b>{label}</b><span>{html.escape(figure)}</span></div>"
    )


def panels(demo: Demo, picture: Path | None = None) -> None:
    """What you see, how it works, what to try: the three sections of the Markdown file beside the page. `picture`, a
    drawing in assets, belongs to the second."""
    with st.container(key="panels"):
        st.divider()
        _tabs(demo, picture)


def _tabs(demo: Demo, picture: Path | None = None) -> None:
    text = (ROOT / demo.panels).read_text(encoding="utf-8")
    sections = [section.partition("\n") for section in text.split("## ")[1:]]
    tabs = st.tabs([title for title, _, _ in sections])
    for tab, (_, _, body) in zip(tabs, sections, strict=True):
        tab.markdown(body)
    if picture is not None:
        tabs[1].image(picture, alt="A drawing of how it works", width="stretch")


@cache
def version() -> str:
    """Limelight's own, as pyproject.toml has it: the one place that names it."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def footer() -> None:
    """Where the pictures go, and which version this is, on every page."""
    with st.container(key="footer"):
        st.caption(
            "Pictures, camera frames and texts are looked at in this server's memory and not stored, unless the page "
            "says so. Kept for a while are samples that you collect on the Teachable page, for your browser alone, and "
            f"what you share with a room. Nothing is sent anywhere else. · Limelight {version()}",
            text_alignment="center",
        )
