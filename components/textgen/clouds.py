"""The view "Word cloud": the words of a text beside those of what a model has written."""

import hashlib
from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import layout, loading
from components.textgen.choice import Choice
from models.errors import BadInput, LimelightError
from models.textgen.ngram import NGram

LONGEST_TEXT = 5_000_000  # bytes
QUICK_LENGTH = 2000  # characters

PLAYS, PROMPT, OWN = SOURCES = ("Shakespeare's plays", "The prompt", "Your own text")
AS_THE_PAGE, LIGHT, DARK = PAPERS = ("As the page", "Light", "Dark")

_QUICK = "clouds/quick"


def show(choice: Choice, written: Mapping[str, str]) -> None:
    """Two clouds and what they are drawn with. `written` is what models wrote last, by their titles."""

    @st.fragment
    def view() -> None:
        words = loading.model("shakespeare-words")
        if words is None:
            return
        drawn_with = _controls()
        left, right = st.columns(2, gap="large")
        with left:
            source, text = _source(choice.prompt, words)
            _cloud("left", source, text, drawn_with)
        with right:
            title, text = _written(choice, written, words)
            _cloud("right", title, text, drawn_with)
            if text:
                with st.expander("What it wrote"), st.container(height=220, border=False):
                    st.text(text)

    view()


def _controls() -> tuple[str, str, str, frozenset[str]]:
    """Shape, palette and background, as models.textgen.clouds calls them, and the words to leave out."""
    from models.textgen.clouds import PALETTES, SHAPES, STOP_WORDS  # draws by matplotlib, which takes long to import

    with st.container(horizontal=True, vertical_alignment="bottom"):
        shape = st.selectbox("Shape", list(SHAPES), format_func=str.capitalize, **_keep("shape"), width=150)
        palette = st.selectbox("Colours", list(PALETTES), format_func=str.capitalize, **_keep("palette"), width=150)
        paper = st.segmented_control("Background", PAPERS, default=AS_THE_PAGE, required=True, **_keep("paper"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stop = st.toggle(
            "Leave out small words",
            True,
            help="The, and, to … and Shakespeare's own: thou, hath, 'tis. They are in every text and say little.",
            **_keep("stop"),
        )
        own = st.text_input(
            "Leave out these as well", placeholder="good, lord, sir", max_chars=2000, **_keep("own-stops"), width=320
        )
    dark = paper == DARK or (paper == AS_THE_PAGE and st.context.theme.type == "dark")
    left_out = frozenset(word.strip() for word in (own or "").split(",") if word.strip())
    return shape, palette, "dark" if dark else "light", left_out | (STOP_WORDS if stop else frozenset())


def _keep(name: str) -> dict[str, Any]:
    return {"key": f"clouds/{name}", "persist_state": "session"}


def _source(prompt: str, words: NGram) -> tuple[str, str]:
    """A title for the text on the left, and the text."""
    source = st.segmented_control("The words of", SOURCES, default=PLAYS, required=True, **_keep("source"))
    if source == PLAYS:
        return source, _recounted(words)
    if source == PROMPT:
        if not prompt.strip():
            st.caption("The prompt is empty. Write one in “Write”, or choose another text here.")
        return source, prompt
    text = st.text_area(
        "Paste a text",
        max_chars=LONGEST_TEXT,
        height=120,
        placeholder="5 MB at most",
        **_keep("text"),
    )
    return source, text or ""


def _recounted(words: NGram) -> str:
    """The words that the model counted, each as often as it did, out of order: for a cloud, as good as the plays."""
    return "".join((piece + "\n") * count for piece, count in words.counts().items())


def _written(choice: Choice, written: Mapping[str, str], words: NGram) -> tuple[str, str]:
    """A title for the text on the right, and the text."""
    texts = {title: text for title, text in written.items() if text.strip()}
    if not texts and _QUICK in st.session_state:
        texts = {f"{words.name}, just now": st.session_state[_QUICK]}
    if texts:
        if st.session_state.get("clouds/model") not in texts:
            st.session_state.pop("clouds/model", None)
        title = st.selectbox("The words written by", list(texts), **_keep("model"))
        return title, texts[title]
    st.markdown("Nothing is written yet. Let the models write in “Write” and come back, or begin with the quickest:")
    st.button(
        f"Write {QUICK_LENGTH:,} characters now".replace(",", "\u202f"),
        type="primary",
        icon=":material/edit:",
        key="clouds/write",
        on_click=_write,
        args=(choice, words),
    )
    return "", ""


def _write(choice: Choice, words: NGram) -> None:
    sampling, text = choice.sampling, ""
    how = sampling.temperature, sampling.top_k, sampling.top_p
    for piece in words.stream(choice.prompt, QUICK_LENGTH, *how, seed=choice.seed):
        text += piece
        if len(text) >= QUICK_LENGTH:
            break
    st.session_state[_QUICK] = text


def _cloud(side: str, title: str, text: str, drawn_with: tuple[str, str, str, frozenset[str]]) -> None:
    """The cloud, or in words why there is none."""
    if not text.strip():
        return
    inputs = hashlib.sha256(text.encode("utf-8", "replace")).digest(), drawn_with
    known = st.session_state.get(f"clouds/{side}")
    if known is None or known[0] != inputs:
        try:
            with st.spinner("Placing the words"):
                known = st.session_state[f"clouds/{side}"] = inputs, *_draw(text, *drawn_with)
        except LimelightError as error:
            layout.say_error(error)
            return
    _, png, line = known
    st.image(png, width="stretch")
    st.caption(line)
    st.download_button(
        "Download PNG",
        png,
        f"words-{side}.png",
        "image/png",
        key=f"clouds/{side}/png",
        icon=":material/download:",
        on_click="ignore",
        help=f"The cloud of {title}",
    )


def _draw(text: str, shape: str, palette: str, background: str, left_out: frozenset[str]) -> tuple[bytes, str]:
    """The cloud as a PNG file, and a line that says it in words."""
    from models.textgen.clouds import to_png, word_cloud, words_of

    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise BadInput("This text is larger than 5 MB. Paste a shorter one.")
    counts = words_of(text, left_out)
    png = to_png(word_cloud(counts, shape=shape, colours=palette, background=background))
    most = sorted(counts, key=lambda word: (-counts[word], word))[:5]
    first = ", ".join(f"{word} {counts[word]}" for word in most)
    total, different = (f"{number:,}".replace(",", "\u202f") for number in (sum(counts.values()), len(counts)))
    return png, f"Words counted: {total}, different ones: {different}. Most frequent: {first}."
