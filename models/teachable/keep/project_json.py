"""What stands in a project's project.json, field by field: each is of the right kind and within the limits, or Wrong.

It may come from anybody.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from models.teachable.classes import MAX_SAMPLES
from models.teachable.samples import Class

MAX_VALUES = 300_000  # the fullest project has 240,000

ID = re.compile(r"[0-9a-zA-Z_-]{1,64}")  # ids and keys go to the browser
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

T = TypeVar("T")


class Wrong(Exception):
    """What in the file is not as it must be, in words that follow a colon."""


@dataclass(frozen=True)
class SavedSample:
    """A sample as project.json tells it, checked: `ready` says whether its features are in the file."""

    key: str
    number: int
    file: str
    ready: bool
    recording: str


def parsed(data: bytes) -> Any:
    """The JSON. Raises Wrong for what is none, or has more values than any project."""
    # a few megabytes of brackets would become gigabytes of lists
    if sum(map(data.count, (b"[", b"{", b","))) > MAX_VALUES:
        raise Wrong("project.json is too large")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Wrong("project.json can't be read") from error


def field(entry: dict[str, Any], name: str, kind: type[T]) -> T:
    """The value by that name, of exactly that type."""
    value = entry.get(name)
    if type(value) is not kind:  # exactly: to isinstance True is a number
        raise Wrong(f"{name!r} in project.json is missing, or is not what it should be")
    return value


def entries(entry: dict[str, Any], name: str, limit: int) -> list[dict[str, Any]]:
    """The objects in the list by that name, `limit` of them at most."""
    found = field(entry, name, list)
    if len(found) > limit:
        raise Wrong(f"it has {len(found)} {name}, and {limit} are the most")
    if not all(isinstance(one, dict) for one in found):
        raise Wrong(f"{name!r} in project.json is not what it should be")
    return found


def text(entry: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    """The text by that name, all of it as in the pattern."""
    value = field(entry, name, str)
    if not pattern.fullmatch(value):
        raise Wrong(f"{name!r} in project.json has characters that it can't have")
    return value


def class_of(entry: dict[str, Any]) -> Class:
    """A class, without its samples."""
    name = field(entry, "name", str)
    if not name.strip():
        raise Wrong("a class has no name")
    return Class(text(entry, "id", ID), name, text(entry, "colour", _COLOUR), field(entry, "enabled", bool))


def samples_of(entry: dict[str, Any], root: str) -> Iterator[SavedSample]:
    """The samples of a class; their files are below `root`."""
    for sample in entries(entry, "samples", MAX_SAMPLES):
        number = field(sample, "number", int)
        if not 0 < number < 2**53:  # what a browser counts to
            raise Wrong("a sample's number is out of range")
        file, ready = root + field(sample, "file", str), field(sample, "features", bool)
        recording = text(sample, "recording", ID) if "recording" in sample else ""
        yield SavedSample(text(sample, "key", ID), number, file, ready, recording)
