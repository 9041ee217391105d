"""What all views of the text generator share: the beginning, the models, how they choose, and the visitor's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import layout, loading
from components.sharing import setting, text_of_address
from models.catalog import ModelEntry, hub_entry, of_task
from models.errors import LimelightError
from models.runtime import hub_limits
from models.runtime.hub_files import HubAbout, describe
from models.textgen.language_model import LanguageModel
from models.textgen.ngram import NGram
from models.textgen.sampling import Sampling

TASK = "text generation"
FIRST_SEED, LAST_SEED = 1, 2**31 - 1
BEGINNINGS = {
    "Romeo": "ROMEO:\nIs it not strange, that",
    "Hamlet, unread": "HAMLET:\nTo be, or not to be: ",
    "The king": "KING RICHARD III:\nMy kingdom for a",
    "Another century": "The computer said that",
    "Nothing": "",
}
# what the controls stand at before anybody touches them; kept for the session, also while a view does not show them
DEFAULTS: dict[str, Any] = {
    "temperature": 0.8,
    "top-k": 0,
    "top-p": 1.0,
    "length": 600,
    "seed": FIRST_SEED,
    "letters": 6,
    "words": 3,
    "models": [entry.title for entry in of_task(TASK) if entry.bundled],
}
WRITING = ("Write", "Next token")  # views that need a beginning and a way to choose
READING = ("Surprise", "Guess", "Tokens")  # views that only need models
LONGEST_PROMPT = 100_000  # characters
MAX_COLUMNS = 6


@dataclass(frozen=True)
class WritingChoice:
    """What the visitor chose. `models` by the title that the page shows; `length` is in characters."""

    prompt: str
    models: Mapping[str, LanguageModel]
    sampling: Sampling
    length: int
    seed: int


def own_models() -> dict[str, LanguageModel]:
    """The models this visitor trained or loaded in this session, by name; kept until the tab closes."""
    return st.session_state.setdefault("textgen/own", {})


def choose(view: str) -> WritingChoice:
    """Those of the shared controls that the view needs. What was chosen in another view stays chosen."""
    text_of_address("prompt", BEGINNINGS["Romeo"])
    if view in WRITING:
        _prompt()
    models = _models() if view in (*WRITING, *READING) else {}
    chosen = {key: _now(key) for key in DEFAULTS}
    return WritingChoice(
        prompt=st.session_state["prompt"] or "",
        models=models,
        sampling=Sampling(chosen["temperature"], chosen["top-k"], chosen["top-p"]),
        length=chosen["length"],
        seed=int(chosen["seed"] or 0),
    )


def _prompt() -> None:
    st.text_area(
        "The beginning, which the models continue",
        key="prompt",
        persist_state="session",
        height=72,
        max_chars=LONGEST_PROMPT,
        placeholder="Write a beginning, or leave it empty: they will find one.",
    )
    with st.container(horizontal=True, vertical_alignment="center", key="beginnings"):
        with st.popover("Temperature and more", icon=":material/tune:"):
            _ways()
        for title, text in BEGINNINGS.items():
            st.button(title, key=f"begin/{title}", type="tertiary", on_click=_set_prompt, args=(text,))


def _set_prompt(text: str) -> None:
    st.session_state["prompt"] = text


def _ways() -> None:
    st.slider(
        "Temperature",
        0.0,
        2.0,
        DEFAULTS["temperature"],
        0.05,
        **setting("temperature"),
        help="0 always takes the most probable token; 1 takes the model at its word; above, the improbable gets its "
        "chance.",
    )
    most = "Only the k most probable tokens may be chosen; 0: all."
    st.slider("top-k", 0, 100, DEFAULTS["top-k"], help=most, **setting("top-k"))
    nucleus = (
        "Only the most probable tokens that together reach this probability, after temperature, may be chosen; 1: all."
    )
    st.slider("top-p", 0.05, 1.0, DEFAULTS["top-p"], 0.05, help=nucleus, **setting("top-p"))
    st.slider("Length in characters", 100, 4000, DEFAULTS["length"], 100, **setting("length"))
    same = "The same seed, beginning and settings write the same text again."
    st.number_input("Seed", FIRST_SEED, LAST_SEED, DEFAULTS["seed"], help=same, **setting("seed"))
    st.slider(
        "Letters that the letter n-gram counts together, the next one among them",
        1,
        8,
        DEFAULTS["letters"],
        **setting("letters"),
    )
    st.slider(
        "Words that the word n-gram counts together, the next one among them",
        1,
        4,
        DEFAULTS["words"],
        **setting("words"),
    )


def _models() -> dict[str, LanguageModel]:
    """The chosen models by title, as far as they are here; on the page why others are not."""
    entries = {entry.title: entry for entry in of_task(TASK)}
    entries |= {entry.title: entry for entry in map(loading.model_cache().entry, _from_hub())}
    own = own_models()
    _select_new(list(own))
    with st.container(horizontal=True, vertical_alignment="center", key="models-bar"):
        chosen = st.pills(
            "Models",
            [*entries, *own],
            selection_mode="multi",
            default=DEFAULTS["models"],
            wrap=False,  # one row, which scrolls: the columns are to be seen below
            **setting("models", free=True),
            format_func=lambda title: _label(title, entries.get(title)),
            label_visibility="collapsed",
        )
        if hub_limits.is_on():
            with st.popover("Others", icon=":material/cloud_download:", type="tertiary"):
                _add_from_hub()
    if not chosen:
        st.info("Choose at least one model above.")
    if len(chosen) > MAX_COLUMNS:
        st.caption(f"The first {MAX_COLUMNS} of these are shown; leave some out to see the others.")
    models: dict[str, LanguageModel] = {}
    for title in chosen[:MAX_COLUMNS]:
        model = own[title] if title in own else loading.model(entries[title].name)
        if isinstance(model, NGram) and title not in own:
            model = model.at_order(_now("letters" if model.unit == "characters" else "words"))
        if model is not None:
            models[title] = model
    return models


def _now(key: str) -> Any:
    """What a control stands at, also while no view shows it."""
    return st.session_state.get(key, DEFAULTS[key])


def _label(title: str, entry: ModelEntry | None) -> str:
    # the same before and after a download: a pill is known by its label, and would be let go with another one
    if entry is None:
        return f":material/person: {layout.plain(title)}"
    return title if entry.bundled else f":material/cloud: {title}"


def _select_new(own: list[str]) -> None:
    """A model that has just been trained or loaded is a column at once; one that was deleted is none any more."""
    known: list[str] = st.session_state.setdefault("textgen/known", [])
    if own != known:
        kept = [title for title in _now("models") if title not in known or title in own]
        st.session_state["models"] = [*kept, *(title for title in own if title not in known)]
    st.session_state["textgen/known"] = own


def _from_hub() -> list[str]:
    """Names in the cache of the models this visitor found on the hub."""
    return st.session_state.setdefault("textgen/hub", [])


def _add_from_hub() -> None:
    st.markdown("Any causal language model of the Hugging Face hub, run on this server. None of its own code is run.")
    name = st.text_input("Its name", placeholder="EleutherAI/pythia-70m", key="hub-name")
    if st.button("Look it up", key="hub-look", disabled=not name):
        try:
            with st.spinner("Asking the hub"):
                st.session_state["textgen/found"] = describe(name)
        except LimelightError as error:
            st.session_state.pop("textgen/found", None)
            layout.say_error(error)
    found = st.session_state.get("textgen/found")
    if found is None:
        return
    size = f"{found.download_bytes / 1e6:,.0f} MB to download"
    st.markdown(f"**{layout.plain(found.name)}**: {size}, licence {layout.plain(found.licence or 'not stated')}.")
    if found.causal is False:
        st.warning("This model does not continue text, so it cannot be a column here. Try another.")
    else:
        st.button("Add it to the models", key="hub-add", type="primary", on_click=_add, args=(found,))


def _add(found: HubAbout) -> None:
    entry = hub_entry(found)
    loading.model_cache().add(entry)
    if entry.name not in _from_hub():
        _from_hub().append(entry.name)
    st.session_state["models"] = list(dict.fromkeys([*st.session_state["models"], entry.title]))
    st.session_state.pop("textgen/found", None)
