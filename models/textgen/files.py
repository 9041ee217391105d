"""Our own models as files: safetensors, with what is not an array as JSON in its header. Nothing in them can run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import BadInput
from models.runtime.tensor_file import ABOUT, below, packed, unpacked
from models.textgen.char_rnn import CharRNN
from models.textgen.copied import CopyIndex
from models.textgen.gpt import GPT
from models.textgen.language_model import LanguageModel
from models.textgen.ngram import NGram

VERSION = 1
COPIED = "copied."  # what the names of the copy index's arrays begin with

State = tuple[dict[str, np.ndarray], dict[str, Any]]


def to_bytes(model: NGram | CharRNN | GPT) -> bytes:
    """The model as the content of a .safetensors file, with the index of the text it learnt from."""
    arrays, about = model.state()
    if model.copied:
        hashes, about["copied"] = model.copied.state()
        arrays = arrays | {COPIED + name: array for name, array in hashes.items()}
    return packed(arrays, about | {"version": VERSION})


def from_bytes(content: bytes, bundled_gpt: Callable[[], GPT]) -> LanguageModel:
    """The model of a file that somebody gave us; `bundled_gpt` is what a fine-tuned GPT was made from.

    Raises BadInput, with a reason, for whatever `to_bytes` would not have written.
    """
    try:
        arrays, about = unpacked(content)
        kind, version, copied = about["kind"], int(about["version"]), about.get("copied")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadInput(
            "This is not a model that Limelight saved. Load a .safetensors file that you kept here."
        ) from error
    if version > VERSION:
        raise BadInput("This model was saved by a newer Limelight. Load it there, or train it here anew.")
    index = below(COPIED, arrays)
    arrays = {name: array for name, array in arrays.items() if not name.startswith(COPIED)}
    model: LanguageModel
    if kind == "ngram":
        model = NGram.from_state(arrays, about)
    elif kind == "char_rnn":
        model = CharRNN.from_state(arrays, about)
    elif kind == "gpt":
        model = GPT.from_state(arrays, about, bundled_gpt())
    else:
        raise BadInput(
            f"This file holds a model of the kind {str(kind)[:40]!r}. Load an n-gram, an LSTM or a GPT of ours."
        )
    if copied:
        model.copied = CopyIndex.from_state(index, copied)
    return model


def write_npz(state: State, path: Path) -> None:
    """Arrays and JSON, compressed: a third of the size where counts are mostly ones."""
    arrays, about = state
    named: dict[str, Any] = {**arrays, ABOUT: np.frombuffer(json.dumps(about).encode(), np.uint8)}
    np.savez_compressed(path, **named)


def read_npz(path: Path) -> State:
    """What `write_npz` wrote."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return arrays, json.loads(arrays.pop(ABOUT).tobytes())


def write_lstm(model: CharRNN, path: Path) -> None:
    """A CharRNN with its weights in float16: half the size, the same to three digits."""
    arrays, about = model.state()
    path.write_bytes(packed({name: a.astype(np.float16) for name, a in arrays.items()}, about))


def read_lstm(path: Path) -> CharRNN:
    """What `write_lstm` wrote."""
    return CharRNN.from_state(*unpacked(path.read_bytes()))
