"""A chain of steps over a picture: what a link says of it, and what it makes of one.

trace = run(chain_of('[["grey", {}], ["canny", {"low": 40}]]'), rgb)
trace.pictures[-1]  # what comes out at the end; one picture per step before it, the first is what went in
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from models.pictures.arrays import scaled
from models.vision import augment, colours, filters, frequencies, shapes
from models.vision.shapes import HELD
from models.vision.step import Step

STEPS: dict[str, Step] = {
    step.name: step
    for wing in (colours, filters, frequencies, shapes, augment)
    for step in wing.STEPS
}  # fmt: skip
"""By name, in the order of the menu."""

MAX_STEPS = 8
LONGEST_LINK = 8000  # characters of a chain as text
EXAMPLES: dict[str, str] = {
    "Edges": '[["denoise",{"how":"Gauss"}],["canny",{}]]',
    "Own kernel": '[["kernel",{}]]',
    "Colour blindness": '[["blindness",{}]]',
    "Green screen": '[["screen",{}]]',
    "Noise": '[["noise",{"kind":"salt and pepper"}],["denoise",{"how":"median"}]]',
    "Two humps": '[["grey",{}],["threshold",{}]]',
    "Frequencies": '[["fourier",{}]]',
    "Find a part": '[["template",{}]]',
    "Match a card": '[["orb",{}]]',
    "Nine versions": '[["augment",{}]]',
}
"""Chains to begin with, as text."""


@dataclass(frozen=True, eq=False)
class Link:
    """A step of a chain: its parameters within their bounds, whether it is on, and the visitor's picture that it works
    with, uint8 (h, w, 3), which is in no link."""

    step: Step
    values: Mapping[str, Any]
    is_on: bool = True
    held: np.ndarray | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What `Step.apply` gets: the parameters, and the picture it works with."""
        return {**self.values, HELD: self.held} if self.step.held else dict(self.values)

    def set(self, **values: Any) -> "Link":
        """With other parameters, kept within their bounds."""
        return replace(self, values=self.step.read({**self.values, **values}))

    def scaled(self, scale: float) -> "Link":
        """The same for a picture whose sides are `scale` times as long: a part is looked for at its own size."""
        return self if self.held is None else replace(self, held=scaled(self.held, scale))


Chain = tuple[Link, ...]


def link_of(name: str, values: Mapping[str, Any] | None = None) -> Link:
    """A step with these parameters and the defaults of the others. KeyError for an unknown step."""
    step = STEPS[name]
    return Link(step, step.read(values or {}))


def chain_of(text: str) -> Chain:
    """The chain that a link describes: [[name, parameters, is on], …] as JSON. What is none of that is left out; a long
    one ends after MAX_STEPS."""
    try:
        entries = json.loads(text) if len(text) <= LONGEST_LINK else []
    except (ValueError, RecursionError):
        return ()
    links = [_read(entry) for entry in entries[: 10 * MAX_STEPS]] if isinstance(entries, list) else []
    return tuple(link for link in links if link is not None)[:MAX_STEPS]


def _read(entry: Any) -> Link | None:
    if not isinstance(entry, list) or not entry or not isinstance(entry[0], str) or entry[0] not in STEPS:
        return None
    values = entry[1] if len(entry) > 1 and isinstance(entry[1], dict) else {}
    return replace(link_of(entry[0], values), is_on=len(entry) < 3 or entry[2] is not False)


def text_of(chain: Chain) -> str:
    """The chain for a link: only what differs from the defaults."""
    return json.dumps([_written(link) for link in chain], separators=(",", ":"))


def _written(link: Link) -> list[Any]:
    defaults = link.step.read({})
    values = {name: value for name, value in link.values.items() if value != defaults[name]}
    return [link.step.name, values] + [False] * (not link.is_on)


@dataclass(frozen=True, eq=False)
class Trace:
    """What a chain made: the picture before each step and at last the one after the last, all uint8 (H, W, 3); the
    seconds of each step, and why one did nothing, by its place."""

    pictures: tuple[np.ndarray, ...]
    seconds: tuple[float, ...]
    failed: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.pictures) != len(self.seconds) + 1:
            raise ValueError("a trace has a picture more than it has steps")


def run(chain: Chain, rgb: np.ndarray) -> Trace:
    """Each step in turn over uint8 (H, W, 3), which is only read. A step that is off, or that can't do it with this
    picture, passes it on."""
    pictures, seconds, failed = [rgb], [], {}
    for place, link in enumerate(chain):
        began = time.perf_counter()
        before = pictures[-1]
        try:
            pictures.append(link.step.apply(before, link.given) if link.is_on else before)
        except (cv2.error, ValueError, MemoryError):
            failed[place] = f"{link.step.title} can't do this with such a picture, and leaves it as it is."
            pictures.append(before)
        seconds.append(time.perf_counter() - began)
    return Trace(tuple(pictures), tuple(seconds), failed)


def code_of(chain: Chain) -> str:
    """The chain as a program to copy."""
    lines = ["import cv2", "import numpy as np", "", 'rgb = cv2.cvtColor(cv2.imread("picture.jpg"), cv2.COLOR_BGR2RGB)']
    held = {link.step.held for link in chain if link.is_on and link.held is not None}
    lines += [f'{name} = cv2.cvtColor(cv2.imread("{name}.jpg"), cv2.COLOR_BGR2RGB)' for name in sorted(held)]
    for link in chain:
        if link.is_on:
            lines += [
                "",
                f"# {link.step.title}",
                link.step.code(link.given),
                "rgb = out if out.ndim == 3 else cv2.cvtColor(out, cv2.COLOR_GRAY2RGB)",
            ]
    return "\n".join([*lines, "", 'cv2.imwrite("out.png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))'])  # fmt: skip
