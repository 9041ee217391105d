"""PDF files from visitors: bytes in, pages as pictures out, or a BadDocument that says what to do.

pdfium works in child processes (pdf_child.py), a few at a time, which are reused for the next page while there is
work. Bounds on a stranger's bytes: the file's size, the pixels and the sides of a drawn page, the pixels of each
picture in it, and per page processor time, time by the clock and memory: a page that needs more, or on which pdfium
breaks, is refused, and its child ends. JavaScript in forms is not run: this pdfium is built without it.
"""

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import BadDocument, Cancelled, LockedDocument

MAX_PAGE_SIDE = 30_000  # pixels
MAX_CHILDREN = 3
CPU_LIMIT_S, TIME_LIMIT_S = 5, 8.0
"""Of a page: of a processor, and by the clock; its wait for a free child not counted."""

WAIT_LIMIT_S = 30.0  # for a free child
_MAX_IDLE_S = 10.0  # before a child is replaced: half of the time after which it ends by itself
_POLL_S = 0.05
_MAX_TEXT_BYTES = 50_000_000
_PASSED_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")  # and no secrets

_AGAIN = "Download or export it again."
_REFUSALS = {
    "damaged": "{name} starts like a PDF, but is damaged or cut short. " + _AGAIN,
    "no pages": "{name} is a PDF without pages. " + _AGAIN,
    "security": "{name} is locked in a way that cannot be opened here. Print it to a new PDF and use that.",
    "no size": "Page {number} of {name} has a size of 0: there is nothing to see on it.",
    "page damaged": "Page {number} of {name} is damaged or cut short. " + _AGAIN,
    "picture": "Page {number} of {name} has a picture of {0} × {1} pixels, and at most {2:g} million can be opened "
    "here. Print it to a new PDF and use that.",
}


def is_pdf(data: bytes) -> bool:
    """Whether the bytes begin like a PDF; as in Acrobat and pdfium, up to 1 KB of something else may stand before."""
    return b"%PDF-" in data[:1024]


class Pdf:
    """An open PDF of `pages` pages. Any thread may use it, several at once too. A context manager, or `close` it.

    What it holds is the file's bytes; a child that drew of it holds them for some seconds longer.
    """

    def __init__(
        self, data: bytes, *, name: str = "document", password: str | None = None, max_bytes: int = 100_000_000
    ) -> None:
        """Raises BadDocument, naming the file by `name`, if it is not a PDF, broken, empty or over `max_bytes`;
        LockedDocument if it is locked with another password than `password`."""
        name = " ".join(name.split())
        self.name = name if len(name) <= 80 else f"{name[:50]}…{name[-29:]}"  # the end holds the extension
        if not data:
            raise BadDocument(f"{self.name} is empty (0 bytes). Pick it again, or export it again.")
        if not is_pdf(data):
            raise BadDocument(f"{self.name} is not a PDF. Pick a PDF, or a picture such as JPEG or PNG.")
        if len(data) > max_bytes:
            raise BadDocument(
                f"{self.name} is {len(data) / 1e6:.1f} MB, and at most {max_bytes / 1e6:.1f} MB can be opened here. "
                "Save only the pages you need as a PDF of their own."
            )
        self._data: bytes | None = data
        self._password, self._key = password, next(_keys)
        self.pages = int(self._ask({"ask": "open"}, 0, None)[0]["pages"])

    def page(
        self, number: int, *, dpi: int = 200, max_pixels: int = 20_000_000, cancel: threading.Event | None = None
    ) -> np.ndarray:
        """Page `number`, from 1, as a reader shows it, with notes and filled-in forms: RGB uint8 (H, W, 3), contiguous.

        Its size is as the page means it, in its UserUnit. A page of more than `max_pixels`, or with a side over
        MAX_PAGE_SIDE, is drawn at fewer dpi. Raises BadDocument if the page is broken, has no size or takes too long,
        IndexError if there is none of that number, Cancelled soon after `cancel` was set.
        """
        self._check(number)
        request = {"ask": "draw", "number": number, "dpi": dpi, "max_pixels": max_pixels, "max_side": MAX_PAGE_SIDE}
        about, pixels = self._ask(request, 4 * max_pixels + 4 * MAX_PAGE_SIDE, cancel)
        width, height, stride = (int(about[key]) for key in ("width", "height", "stride"))
        rows = np.frombuffer(pixels, np.uint8).reshape(height, stride)[:, : 3 * width]
        return np.ascontiguousarray(rows).reshape(height, width, 3)

    def text(self, number: int, *, cancel: threading.Event | None = None) -> str:
        """The text that page `number`, from 1, already holds, in the file's order, with line breaks; "" for a scan.
        Raises as `page`."""
        self._check(number)
        _, written = self._ask({"ask": "text", "number": number}, _MAX_TEXT_BYTES, cancel)
        text = written.decode("utf-8", "surrogatepass")
        # pdfium writes a hyphen that ends a line as one of these, and leaves the line break out.
        for hyphen in ("\x02", "\ufffe"):
            text = text.replace(hyphen, "-\n")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip("\n")

    def close(self) -> None:
        """Lets go of the document; may be called twice."""
        self._data = None

    def __enter__(self) -> "Pdf":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self, number: int) -> None:
        if not 1 <= number <= self.pages:
            raise IndexError(f"page must be 1 to {self.pages}, got {number}")

    def _ask(
        self, request: dict[str, Any], max_bytes: int, cancel: threading.Event | None
    ) -> tuple[dict[str, Any], bytearray]:
        """A child's answer. Raises what it refuses in words."""
        data = self._data
        if data is None:
            raise ValueError(f"{self.name} is closed")
        opening = {"ask": "open", "password": self._password}
        where = f"Page {request['number']} of {self.name}" if "number" in request else self.name
        try:
            with _child_for(self._key, cancel) as child:
                about, body = child.open(self._key, opening, data, cancel)
                if request["ask"] != "open" and "refused" not in about:
                    about, body = child.ask(request, b"", max_bytes, cancel)
        except _Ended as ended:
            raise BadDocument(f"{where} {ended}") from ended
        except Cancelled:
            raise Cancelled(f"{where} was cancelled before it was drawn.") from None
        if "refused" in about:
            kind, *values = about["refused"]
            if kind == "password":
                raise LockedDocument(self._locked())
            raise BadDocument(
                _REFUSALS.get(kind, _REFUSALS["damaged"]).format(*values, name=self.name, number=request.get("number"))
            )
        return about, body

    def _locked(self) -> str:
        if self._password:
            return f"{self.name} was not opened by this password. Type it again; capital letters count."
        return f"{self.name} is locked with a password. Type the password, or save the PDF without one."


class _Ended(Exception):
    """The child gave no answer; why not, and what to do."""


_TOO_SLOW = "takes more time or memory to draw than can be spent on it here. Print it to a new PDF and use that."
_BUSY = "was not drawn: too many documents are waiting. Try again in a minute."


class _Child:
    """One process. Used by one thread at a time."""

    def __init__(self) -> None:
        self.key: int | None = None  # the document that it holds
        self.used_at = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("pdf_child.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _PASSED_ENVIRONMENT if name in os.environ},
        )

    @property
    def alive(self) -> bool:
        """Whether it runs, and is not about to end for want of work."""
        return self._process.poll() is None and time.monotonic() - self.used_at < _MAX_IDLE_S

    def open(
        self, key: int, request: dict[str, Any], data: bytes, cancel: threading.Event | None
    ) -> tuple[dict[str, Any], bytearray]:
        """Have it hold this document; how many pages it has."""
        if self.key == key:
            return {}, bytearray()
        self.key = None
        about, body = self.ask(request, data, 0, cancel)
        if "refused" not in about:
            self.key = key
        return about, body

    def ask(
        self, request: dict[str, Any], data: bytes, max_bytes: int, cancel: threading.Event | None
    ) -> tuple[dict[str, Any], bytearray]:
        """Its answer. Raises _Ended and Cancelled; the child is gone then."""
        answer: Future[tuple[dict[str, Any], bytearray]] = Future()
        threading.Thread(target=self._exchange, args=(request, data, max_bytes, answer), daemon=True).start()
        until = time.monotonic() + TIME_LIMIT_S
        try:
            while not (cancel is not None and cancel.is_set()):
                with suppress(TimeoutError):
                    return answer.result(_POLL_S)
                if time.monotonic() > until:
                    raise _Ended(_TOO_SLOW)
            raise Cancelled
        except (_Ended, Cancelled):
            raise
        except Exception as error:  # it ended, or what it wrote is no answer
            raise _Ended(_TOO_SLOW) from error
        finally:
            if not answer.done() or answer.exception():
                self.kill()

    def _exchange(
        self, request: dict[str, Any], data: bytes, max_bytes: int, answer: "Future[tuple[dict[str, Any], bytearray]]"
    ) -> None:
        requests: Any = self._process.stdin
        answers: Any = self._process.stdout
        try:
            requests.write(json.dumps({**request, "cpu_s": CPU_LIMIT_S, "bytes": len(data)}).encode() + b"\n")
            requests.write(data)
            requests.flush()
            about = json.loads(answers.readline(10_000))
            size = int(about["bytes"])
            if not 0 <= size <= max_bytes:
                raise ValueError(f"an answer of {size} bytes")
            body = bytearray(size)
            if answers.readinto(body) != size:
                raise OSError("the answer breaks off")
            answer.set_result((about, body))
        except BaseException as error:
            answer.set_exception(error)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError, ValueError):
                    pipe.close()


@contextmanager
def _child_for(key: int, cancel: threading.Event | None) -> Iterator["_Child"]:
    """A child for one request: one that is idle, preferably the one that holds document `key`, or a new one; at most
    MAX_CHILDREN are at work. Raises _Ended after WAIT_LIMIT_S, Cancelled once `cancel` is set."""
    until = time.monotonic() + WAIT_LIMIT_S
    while not _places.acquire(timeout=_POLL_S):
        if cancel is not None and cancel.is_set():
            raise Cancelled
        if time.monotonic() > until:
            raise _Ended(_BUSY)
    try:
        child = _idle_child(key) or _Child()
        try:
            yield child
        finally:
            with _lock:
                child.used_at = time.monotonic()
                if child.alive:
                    _idle.append(child)
    finally:
        _places.release()


def _idle_child(key: int) -> "_Child | None":
    with _lock:
        for child in [child for child in _idle if not child.alive]:
            _idle.remove(child)
            child.kill()
        _idle.sort(key=lambda child: child.key == key)
        return _idle.pop() if _idle else None


_keys = itertools.count()
_places = threading.BoundedSemaphore(MAX_CHILDREN)
_lock = threading.Lock()  # guards:
_idle: list[_Child] = []
