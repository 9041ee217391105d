"""What all downloads have in common: a thread for each, which all who ask for it share, and what they report.

A download runs for as long as somebody waits for it. Who waits may leave, and sees how far it is.
"""

import errno
import math
import os
import shutil
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.errors import DiskFull, DownloadCancelled, Offline

POLL_S = 0.1  # how often a waiting caller looks at its cancel event and reports progress
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


@dataclass(frozen=True)
class Progress:
    """Bytes that are here, and bytes of the whole download or None when nobody told."""

    done: int
    total: int | None

    @property
    def fraction(self) -> float | None:
        """Part done in 0..1, or None when the total is not known."""
        return self.done / self.total if self.total else None


OnProgress = Callable[[Progress], None]


class Remote(Protocol):
    """What a catalogue row has to fetch before its model can load: a `WeightsFile`, or a repository of the hub."""

    def is_present(self, folder: Path) -> bool:
        """Whether all of it is in the cache folder. Cheap, and asks nobody."""

    def fetch(
        self, folder: Path, *, on_progress: OnProgress | None = None, cancel: threading.Event | None = None
    ) -> Path:
        """The path that the model's loader gets, fetched if it is not here. Raises MissingWeights or a kind of it."""


class Download(ABC):
    """The download of `name` from `host` into `folder`, on a thread of its own. Who waits for it gives up after
    `max_silence_s` without a call of `advance`."""

    def __init__(
        self, name: str, host: str | None, folder: Path, total: int | None = None, max_silence_s: float = math.inf
    ) -> None:
        self.name, self.host, self.folder, self.max_silence_s = name, host, folder, max_silence_s
        self.outcome: Future[Path] = Future()
        self.waiting = 0  # callers; guarded by _lock
        self.advance(Progress(0, total))

    @abstractmethod
    def run(self) -> Path:
        """On the thread: download, and return the path."""

    @abstractmethod
    def kept(self) -> str:
        """What stays where it is cancelled, in a sentence."""

    def advance(self, progress: Progress) -> None:
        """So much is here now."""
        self.progress, self.last_sign = progress, time.monotonic()

    def is_abandoned(self) -> bool:
        """Whether nobody waits any more; if so, whoever asks next starts a download of their own."""
        with _lock:
            if self.waiting == 0:
                self.forget()
            return self.waiting == 0

    def forget(self) -> None:
        """Who asks next does not share this one."""
        with _lock:
            for key in [key for key, download in _under_way.items() if download is self]:
                del _under_way[key]

    def _run(self) -> None:
        try:
            path = self.run()
        except BaseException as error:
            self.forget()
            self.outcome.set_exception(error)
        else:
            self.forget()
            self.outcome.set_result(path)


_lock = threading.RLock()  # guards _under_way and every Download.waiting
_under_way: dict[tuple[Remote, Path], Download] = {}


def shared(
    remote: Remote,
    folder: Path,
    start: Callable[[], Download],
    on_progress: OnProgress | None,
    cancel: threading.Event | None,
) -> Path:
    """The path that the download of `remote` under way ends with, or the one that `start` makes. Raises what it does,
    DownloadCancelled and Offline. `on_progress` runs on the caller's thread."""
    with _lock:
        download = _under_way.get((remote, folder))
        if download is None:
            download = _under_way[remote, folder] = start()
            threading.Thread(target=download._run, name=f"fetch {download.name}", daemon=True).start()
        download.waiting += 1
    shown = None
    try:
        while True:
            ended = wait([download.outcome], POLL_S).done
            progress = download.progress  # read after `ended`, so that the last one is reported too
            if on_progress and progress != shown:
                on_progress(progress)
                shown = progress
            if ended:
                return download.outcome.result()
            if cancel and cancel.is_set():
                raise DownloadCancelled(
                    f"The download of {download.name} was cancelled. {download.kept()} Start it again to get the rest."
                )
            if time.monotonic() - download.last_sign > download.max_silence_s:
                download.forget()
                raise offline(download.host, download.name)
    finally:
        with _lock:
            download.waiting -= 1


def check_room(name: str, folder: Path, needed: int) -> None:
    """Raises DiskFull where `folder` has no room for so many bytes more."""
    if needed > (free := shutil.disk_usage(folder).free):
        raise disk_full(name, folder, f"it needs {mb(needed)} more and only {mb(free)} are free")


def unwritable(name: str, folder: Path, error: OSError) -> DiskFull | None:
    """What the system says when a disk is full or may not be written to, in words; None for another error."""
    if error.errno not in FULL | NOT_WRITABLE:
        return None
    return disk_full(name, folder, f"the system says '{os.strerror(error.errno or errno.EIO)}'")


def disk_full(name: str, folder: Path, why: str) -> DiskFull:
    """The folder has no room or cannot be written; `why` in a few words."""
    return DiskFull(
        f"{name} cannot be saved in {folder}: {why}. Free some room there, or choose another cache folder in the "
        "settings, and try again."
    )


def offline(host: str | None, name: str, kept: str = "") -> Offline:
    """The host does not answer, or fell silent."""
    return Offline(
        f"{host} does not answer, so {name} was not fetched{kept}. Downloads need the internet: check the connection "
        "and try again, or choose a model that needs no download."
    )


def mb(size: int) -> str:
    """Bytes as a message says them."""
    return f"{size / 1e6:.1f} MB"
