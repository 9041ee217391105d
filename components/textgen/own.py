"""The visitor's own models: kept for the session, saved, loaded, gone on with and deleted."""

from functools import partial

import numpy as np
import streamlit as st

from components import layout, loading
from components.textgen.choice import TASK, own_models
from models.catalog import of_task
from models.errors import BadInput, LimelightError
from models.textgen.copied import CopyIndex
from models.textgen.language_model import LanguageModel

MAX_MODELS = 8
MAX_BYTES = 250_000_000  # of one visitor's models: an n-gram of order 8 of 5 MB of text has 50 MB, a room 30 visitors
MAX_FILE_MB = 64  # the server's own limit; an n-gram of order 8 of 5 MB of text makes 20 MB
MAX_NAME_LETTERS = 40
KINDS = {"NGram": "n-gram", "CharRNN": "LSTM", "GPT": "GPT"}  # by class name: naming the classes would import torch
_NOTES, _LOADS = "textgen/own/notes", "textgen/own/loads"


def kind_of(model: LanguageModel) -> str:
    """What the page calls a model like this."""
    return KINDS[type(model).__name__]


def free_name(wanted: str, default: str, also_taken: str = "") -> str:
    """A name on one line that no model on the page has; one that is taken gets a number."""
    printable = "".join(char if char.isprintable() else " " for char in wanted)
    first = name = " ".join(printable.split())[:MAX_NAME_LETTERS].strip() or default
    taken = {*own_models(), *(entry.title for entry in of_task(TASK)), also_taken}
    number = 1
    while name in taken:
        number += 1
        name = f"{first} {number}"
    return name


def check_room(name: str, coming: str = "") -> None:
    """Raises BadInput when a visitor has as many models as one may keep here, and none of that name to replace.

    `coming` is the name of a model that is being made, "" for none.
    """
    models = own_models()
    if name in models:
        return
    if len({*models, coming} - {""}) >= MAX_MODELS:
        raise BadInput(f"{MAX_MODELS} models are the most that one visitor may keep here. {_MAKE_ROOM}")
    if sum(_nbytes(model) for model in models.values()) > MAX_BYTES:
        raise BadInput(f"Your models fill the {MAX_BYTES // 10**6} MB that one visitor has here. {_MAKE_ROOM}")


_MAKE_ROOM = "Save what you want to keep, delete one, and try again."


def _nbytes(model: LanguageModel) -> int:
    return model.nbytes + (model.copied.nbytes if model.copied else 0)


def keep(name: str, model: LanguageModel, note: str) -> None:
    """Among the visitor's own from now on; `note` is what is said about it."""
    model.name = name
    own_models()[name] = model
    _notes()[name] = note


def held_out(bits: float) -> str:
    """The end of a note: what a model makes of text that it has not seen."""
    return f"; {bits:.2f} bits per character on held-out text"


def _notes() -> dict[str, str]:
    notes: dict[str, str] = st.session_state.setdefault(_NOTES, {})
    return notes


def _delete(name: str) -> None:
    own_models().pop(name, None)
    _notes().pop(name, None)


def copy_index(start: LanguageModel | None, text: str) -> CopyIndex:
    """What a model learnt from: this text, and whatever `start` had learnt from before."""
    new = CopyIndex.from_text(text)
    if start is None or start.copied is None:
        return new
    old_hashes, new_hashes = start.copied.state()[0]["hashes"], new.state()[0]["hashes"]
    if np.array_equal(old_hashes[-len(new_hashes) :], new_hashes):  # another round on the same text
        return start.copied
    return CopyIndex(np.concatenate([old_hashes, new_hashes]))


def show_models(can_go_on: bool) -> str | None:
    """The visitor's models with what can be done with each. The name of one that is to be trained further, or None."""
    chosen = None
    models = own_models()
    if models:
        st.markdown("**Your models** live until you close this tab.")
    for name, model in list(models.items()):
        with st.container(border=True, gap="small"):
            st.text(name)
            st.caption(f"{kind_of(model)}. {_notes().get(name, '')}")
            with st.container(horizontal=True):
                if kind_of(model) != "n-gram" and st.button(
                    "Go on",
                    key=f"textgen/own/on/{name}",
                    icon=":material/resume:",
                    disabled=not can_go_on,
                    help="Trains it further, on the text that stands here now, for the time limit.",
                ):
                    chosen = name
                st.download_button(
                    "Save",
                    partial(_to_bytes, model),
                    f"{layout.file_stem(name, 'model')}.safetensors",
                    "application/octet-stream",
                    key=f"textgen/own/save/{name}",
                    icon=":material/download:",
                    on_click="ignore",
                )
                st.button(
                    "Delete", key=f"textgen/own/delete/{name}", icon=":material/delete:", on_click=_delete, args=[name]
                )
    return chosen


def _to_bytes(model: LanguageModel) -> bytes:
    from models.textgen.files import to_bytes

    return to_bytes(model)  # type: ignore[arg-type]  # own models are of these three families


def load_model(coming: str) -> None:
    """The widget that makes a saved model one of the visitor's own; a bad file gets a message. See check_room."""
    count = st.session_state.setdefault(_LOADS, 0)
    file = st.file_uploader(
        "Load a model that you saved here (.safetensors)",
        type="safetensors",
        max_upload_size=MAX_FILE_MB,
        key=f"{_LOADS}/{count}",
    )
    if file is None:
        return
    try:
        from models.textgen.files import from_bytes

        if file.size > MAX_FILE_MB * 1_000_000:
            raise BadInput(f"{file.name} has {file.size / 1e6:.0f} MB, {MAX_FILE_MB} MB are the most.")
        with st.spinner("Reading…"):
            model = from_bytes(file.getvalue(), lambda: loading.model_cache().get("shakespeare-gpt"))
        name = free_name(model.name, "Loaded model", also_taken=coming)
        check_room(name, coming)
    except LimelightError as error:
        layout.say_error(error)
        return
    keep(name, model, "Loaded from a file.")
    st.session_state[_LOADS] = count + 1  # an empty uploader again
    st.rerun()
