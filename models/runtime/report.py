"""How a loader reports where it is."""

from collections.abc import Callable

Report = Callable[[str, float | None], None]
"""A stage in plain words, and the fraction done in 0..1 or None."""
