"""The files that visitors have sent and the server holds in memory: which may come, and how many bytes.

Streamlit takes a file under any name and keeps it until the session ends. Here only a file comes in that a widget
of that session has asked an address for; a session has a budget of bytes, and all together have one.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import psutil

from components.versions import is_known

MAX_SESSIONS, MAX_FILES = 2000, 5000  # that are remembered, the newest; files of each session
SHARE_OF_MEMORY = 4  # all visitors' files together take a quarter of the machine's


class Uploads:
    """Budgets for the files in Streamlit's memory. `session_bytes` is for one session, with what is on its way."""

    def __init__(self, session_bytes: int, all_bytes: int | None = None) -> None:
        self._session_bytes = session_bytes
        self._all_bytes = all_bytes or max(2 * session_bytes, psutil.virtual_memory().total // SHARE_OF_MEMORY)
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, OrderedDict[str, int]] = OrderedDict()  # session → file → number of the request
        self._coming: dict[str, int] = {}  # session → bytes on their way
        self._requests = 0
        self._manager: Any = None
        self._exists: Callable[[str], bool] = lambda session: True

    def watch(self, manager: Any, exists: Callable[[str], bool]) -> None:
        """Note from now on which files Streamlit's `manager` gives an address to. `exists` says whether a session is
        there, connected or not."""
        if not is_known("streamlit"):
            return
        self._manager, self._exists, original = manager, exists, manager.get_upload_urls

        def get_upload_urls(session_id: str, file_names: Any) -> Any:
            addresses = original(session_id, file_names)
            self._note(session_id, [address.file_id for address in addresses])
            return addresses

        manager.get_upload_urls = get_upload_urls

    def is_asked_for(self, session: str, file: str) -> bool:
        """Whether a widget of that session asked for this file; without a manager that we know, whatever comes is."""
        with self._lock:
            return self._manager is None or file in self._asked.get(session, ())

    def take(self, session: str, file: str, count: int) -> str | None:
        """Count bytes of a file as coming in, which `done` ends. Why they can't, or None.

        Files that the session chose earlier make room: those of pages it has left, mostly. Not those chosen together
        with this one.
        """
        with self._lock:
            self._coming[session] = self._coming.get(session, 0) + count
            self._make_room(session, file)
            if self._coming[session] + self._stored(session) > self._session_bytes:
                return "budget of the session"
            stored = self._manager._total_bytes if self._manager is not None else 0
            if sum(self._coming.values()) + stored > self._all_bytes:
                return "budget of all"
        return None

    def done(self, session: str, count: int) -> None:
        """These bytes are not on their way any more: Streamlit has them, or nobody. A session that has ended meanwhile
        would keep them for good."""
        with self._lock:
            self._coming[session] = self._coming.get(session, 0) - count
            if not self._coming[session]:
                del self._coming[session]
        if self._manager is not None and not self._exists(session):
            self._manager.remove_session_files(session)

    def _note(self, session: str, files: list[str]) -> None:
        with self._lock:
            self._requests += 1
            asked = self._asked.setdefault(session, OrderedDict())
            self._asked.move_to_end(session)
            asked.update(dict.fromkeys(files, self._requests))
            while len(asked) > MAX_FILES:
                asked.popitem(last=False)
            while len(self._asked) > MAX_SESSIONS:
                self._asked.popitem(last=False)

    def _make_room(self, session: str, file: str) -> None:
        asked = self._asked.get(session, OrderedDict())
        for earlier in self._files(session):
            if self._coming[session] + self._stored(session) <= self._session_bytes:
                return
            if asked.get(earlier.file_id) != asked.get(file):
                self._manager.remove_file(session, earlier.file_id)

    def _files(self, session: str) -> list[Any]:
        return [] if self._manager is None else list(self._manager.file_storage.get(session, {}).values())

    def _stored(self, session: str) -> int:
        return sum(len(file.data) for file in self._files(session))
