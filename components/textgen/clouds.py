"""The view "Word cloud": the words of a text beside those of what a model has written."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import loading, word_cloud
from components.sharing import setting
from components.textgen.choice import WritingChoice
from models.textgen.ngram import NGram

QUICK_LENGTH = 2000  # characters

PLAYS, PROMPT, OWN = SOURCES = ("Shakespeare's plays", "The prompt", "Your own text")

_QUICK = "clouds/quick"


def show(choice: WritingChoice, written: Mapping[str, str]) -> None:
    """Two clouds and what they are drawn with. `written` is what models wrote last, by their titles."""

    @st.fragment
    def view() -> None:
        words = loading.model("shakespeare-words")
        if words is None:
            return
        drawn_with = word_cloud.controls()
        left, right = st.columns(2, gap="large")
        with left:
            source, text = _source(choice.prompt, words)
            word_cloud.show("left", source, text, drawn_with)
        with right:
            title, text = _written(choice, written, words)
            word_cloud.show("right", title, text, drawn_with)
            if text:
                with st.expander("What it wrote"), st.container(height=220, border=False):
                    st.text(text)

    view()


def _keep(name: str) -> dict[str, Any]:
    return {"key": f"clouds/{name}", "persist_state": "session"}


def _source(prompt: str, words: NGram) -> tuple[str, str]:
    """A title for the text on the left, and the text."""
    source = st.segmented_control("The words of", SOURCES, default=PLAYS, required=True, **setting("clouds/source"))
    if source == PLAYS:
        return source, _recounted(words)
    if source == PROMPT:
        if not prompt.strip():
            st.caption("The prompt is empty. Write one in “Write”, or choose another text here.")
        return source, prompt
    text = st.text_area(
        "Paste a text", max_chars=word_cloud.LONGEST_TEXT, height=120, placeholder="5 MB at most", **_keep("text")
    )
    return source, text or ""


def _recounted(words: NGram) -> str:
    """The words that the model counted, each as often as it did, out of order: for a cloud, as good as the plays."""
    return "".join((piece + "\n") * count for piece, count in words.counts().items())


def _written(choice: WritingChoice, written: Mapping[str, str], words: NGram) -> tuple[str, str]:
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


def _write(choice: WritingChoice, words: NGram) -> None:
    text = ""
    for piece in words.stream(choice.prompt, QUICK_LENGTH, choice.sampling, choice.seed):
        text += piece
        if len(text) >= QUICK_LENGTH:
            break
    st.session_state[_QUICK] = text
