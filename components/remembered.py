"""What was computed for a page, so that the next run need not compute it again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import streamlit as st

T = TypeVar("T")
R = TypeVar("R")


def remembered(key: str, items: Iterable[tuple[Hashable, T]], compute: Callable[[T], R]) -> Iterator[R]:
    """What `compute` makes of each (name, item), one after the other; not again of what the last run had by that name.

    The session keeps under `key` those of the last run that came to their end, and no others: it must not grow. What
    `compute` raises passes through, and nothing is saved of that run.
    """
    before: dict[Hashable, Any] = st.session_state.get(key, {})
    now: dict[Hashable, Any] = {}
    for name, item in items:
        if name not in now:
            now[name] = before[name] if name in before else compute(item)
        yield now[name]
    st.session_state[key] = now


def remembered_one(key: str, name: Hashable, compute: Callable[[], R]) -> R:
    """The same for a single value: computed again when its name is another than in the last run."""
    (value,) = remembered(key, [(name, None)], lambda _: compute())
    return value


def remembered_of(key: str, owner: object, name: Hashable, compute: Callable[[], R]) -> R:
    """The same, a value for each `owner`, a model say, which is not kept alive for it."""
    known: WeakKeyDictionary[object, tuple[Hashable, R]] = st.session_state.setdefault(key, WeakKeyDictionary())
    if (found := known.get(owner)) is None or found[0] != name:
        found = known[owner] = name, compute()
    return found[1]


class Recent(Generic[R]):
    """The last `limit` values of all sessions by name, those used last. Thread-safe: two threads may compute the same
    value at once, none waits for another."""

    def __init__(self, limit: int) -> None:
        self._limit, self._lock = limit, threading.Lock()
        self._values: OrderedDict[Hashable, R] = OrderedDict()

    def get(self, name: Hashable, compute: Callable[[], R]) -> R:
        """The value of that name, computed where it is not there."""
        with self._lock:
            if name in self._values:
                self._values.move_to_end(name)
                return self._values[name]
        value = compute()
        with self._lock:
            self._values[name] = value
            if len(self._values) > self._limit:
                self._values.popitem(last=False)
        return value
