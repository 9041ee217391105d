"""What can be set of a step: sliders, choices, colours, kernels. Each reads what a link or a page gives and keeps
within its bounds.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.errors import BadInput

MAX_WEIGHT = 1000.0  # of a kernel's number


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high` in steps of `step`; whole where all four are. `odd`: only odd numbers, as sizes of
    windows that have a middle."""

    name: str
    label: str
    low: float
    high: float
    default: float
    step: float = 1
    help: str = ""

    @property
    def is_odd(self) -> bool:
        """Whether it takes odd numbers only."""
        return self.step == 2 and self.low % 2 == 1

    def read(self, given: Any) -> float:
        """The nearest number that it can stand at; its default for what is no number."""
        if type(given) not in (int, float) or not math.isfinite(given):
            return self.default
        steps = round((min(max(given, self.low), self.high) - self.low) / self.step)
        number = min(self.low + steps * self.step, self.high)
        return int(number) if self.is_whole else round(number, 6)

    @property
    def is_whole(self) -> bool:
        """Whether it counts in whole numbers."""
        return all(float(number).is_integer() for number in (self.low, self.high, self.default, self.step))


@dataclass(frozen=True)
class Choice:
    """One of `options`, the first by default."""

    name: str
    label: str
    options: tuple[str, ...]
    help: str = ""

    @property
    def default(self) -> str:
        """The first."""
        return self.options[0]

    def read(self, given: Any) -> str:
        """The option, or the first for what is none."""
        return given if isinstance(given, str) and given in self.options else self.default


@dataclass(frozen=True)
class Colour:
    """A colour as #rrggbb."""

    name: str
    label: str
    default: str
    help: str = ""

    def read(self, given: Any) -> str:
        """In lower case, or the default for what is none."""
        is_one = isinstance(given, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", given)
        return given.lower() if is_one else self.default


@dataclass(frozen=True)
class Matrix:
    """A kernel as text: 3 × 3 or 5 × 5 numbers, a row a line."""

    name: str
    label: str
    default: str
    help: str = ""

    def read(self, given: Any) -> str:
        """The text as it was written, or the default for what is no kernel."""
        try:
            kernel_of(given if isinstance(given, str) else "")
        except BadInput:
            return self.default
        return str(given)


@dataclass(frozen=True)
class Cells:
    """Some of `side` × `side` cells, row by row from 0; none at first."""

    name: str
    label: str
    side: int
    help: str = ""

    @property
    def default(self) -> tuple[int, ...]:
        """None."""
        return ()

    def read(self, given: Any) -> tuple[int, ...]:
        """Those that there are, each once."""
        if not isinstance(given, (list, tuple)) or len(given) > self.side**2:
            return ()
        return tuple(sorted({cell for cell in given if type(cell) is int and 0 <= cell < self.side**2}))


Parameter = Slider | Choice | Colour | Matrix | Cells


def kernel_of(text: str) -> np.ndarray:
    """The kernel as float32 (3, 3) or (5, 5). Raises BadInput, in words for the visitor, for anything else."""
    rows = [re.split(r"[\s,;]+", line.strip()) for line in text.strip().splitlines() if line.strip()]
    if len(rows) not in (3, 5) or any(len(row) != len(rows) for row in rows):
        raise BadInput("A kernel has 3 rows of 3 numbers, or 5 rows of 5: its window needs a middle.")
    try:
        kernel = np.array([[_number(word) for word in row] for row in rows], np.float32)
    except ValueError as error:
        raise BadInput(f"A kernel is made of numbers, such as -1 or 0.5. {error}") from None
    return kernel


def _number(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        raise ValueError(f"“{word[:20]}” is none.") from None
    if not abs(number) <= MAX_WEIGHT:
        raise ValueError(f"“{word[:20]}” is too large: {MAX_WEIGHT:.0f} is the most.")
    return number
