"""What was trained, as the content of a .safetensors file: arrays, and the rest as JSON in its header. Nothing in it
can run."""

import math
from typing import Any

import numpy as np

from models.errors import BadInput
from models.runtime.tensor_file import below, packed, unpacked
from models.teachable.learn.head import Head
from models.teachable.samples import Trained

VERSION = 1
HEAD, TUNED = "head.", "tuned."  # what the names of a head's arrays begin with, and of a fine-tuned network's


def to_bytes(trained: Trained) -> bytes:
    """The content of a file that `from_bytes` reads; equal arrays give equal bytes."""
    arrays = {HEAD + name: array for name, array in trained.head.arrays().items()}
    arrays |= {"examples": trained.examples.astype(np.float32), "labels": trained.labels.astype(np.int64)}
    arrays |= {TUNED + name: array for name, array in (trained.tuned or {}).items()}
    about = {
        "version": VERSION,
        "class_ids": list(trained.class_ids),
        "names": list(trained.names),
        "accuracy": trained.accuracy,
        "near": trained.near,
        "at": trained.at,
    }
    return packed(arrays, about)


def from_bytes(data: bytes) -> Trained:
    """What `to_bytes` was given; its arrays are read-only. Raises BadInput, with a reason, for anything else."""
    try:
        arrays, about = unpacked(data)
        version = int(about["version"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _damaged(str(error)) from error
    if version > VERSION:
        raise BadInput("What was trained was saved by a newer Limelight. Open it there, or train again.")
    head = Head.from_arrays(below(HEAD, arrays))
    try:
        return _checked(head, arrays, about)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _damaged(str(error)) from error


def _checked(head: Head, arrays: dict[str, np.ndarray], about: dict[str, Any]) -> Trained:
    examples, labels = arrays["examples"], arrays["labels"]
    class_ids, names = (_texts(about[name]) for name in ("class_ids", "names"))
    if labels.ndim != 1 or labels.dtype != np.int64 or not ((labels >= 0) & (labels < len(class_ids))).all():
        raise ValueError("its labels are not those of its classes")
    if examples.dtype != np.float32 or not np.isfinite(examples).all():
        raise ValueError("its examples must be finite numbers")
    if len(set(class_ids)) != len(class_ids) or len(class_ids) < 2:
        raise ValueError("it must tell two classes or more apart")
    accuracy, near, at = (float(about[name]) for name in ("accuracy", "near", "at"))
    if not (0 <= accuracy <= 1 and 0 <= near < math.inf and math.isfinite(at)):
        raise ValueError("its figures are out of range")
    return Trained(head, class_ids, names, examples, labels, accuracy, near, at, below(TUNED, arrays) or None)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("its classes must be a list of texts")
    return tuple(value)


def _damaged(reason: str) -> BadInput:
    return BadInput(f"The trained head in this file is damaged ({reason}). Train again; the samples are not affected.")
