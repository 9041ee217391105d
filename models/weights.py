"""Verified, atomic, resumable downloads of model weights, with progress.

A file arrives under a `.part` name, is checked against the catalogue's size and SHA-256, and only then renamed: what
has its final name is whole. One thread per file downloads, however many ask; each of them waits in `fetch` and may
leave at any time. A break or a cancel keeps the `.part` file, and the next try asks for the missing bytes only.
"""

import errno
import hashlib
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from urllib.parse import urlsplit

import filelock
import httpx
import platformdirs

from models.errors import DiskFull, DownloadCancelled, NotOnServer, Offline, WrongContent

log = logging.getLogger(__name__)

TRIES = 4  # requests in a row that bring no new byte before we say the server is gone
BACKOFF_S = 0.25  # pause after the first of them, doubled each time: 1.75 s in all
POLL_S = 0.1  # how often a waiting caller looks at its cancel event and reports progress
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


@dataclass(frozen=True)
class WeightsFile:
    """What the catalogue says about a file: http(s) URL, SHA-256 in lower-case hex (all of it, or its first 8 digits
    or more, which is what torchvision publishes), size in bytes or None when not known, name in the cache folder.

    Raises ValueError for a row that cannot be right; a name that leads out of the folder is one.
    """

    url: str
    sha256: str
    size: int | None
    filename: str

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https") or not urlsplit(self.url).hostname:
            raise ValueError(f"url must be http(s)://host/…, got {self.url!r}")
        if not re.fullmatch(r"[0-9a-f]{8,64}", self.sha256):
            raise ValueError(f"sha256 must be 8 to 64 lower-case hex digits, got {self.sha256!r}")
        if self.size is not None and self.size <= 0:
            raise ValueError(f"size must be a positive number of bytes or None, got {self.size}")
        # Windows rules are the stricter ones: they refuse /, \ and drive letters
        if PureWindowsPath(self.filename).name != self.filename or self.filename in ("", ".", ".."):
            raise ValueError(f"filename must be a plain name without folders, got {self.filename!r}")

    @property
    def host(self) -> str:
        """The server's name, as a visitor knows it."""
        return urlsplit(self.url).hostname or self.url


@dataclass(frozen=True)
class Progress:
    """Bytes of the file that are here, and bytes of the whole file or None when nobody told."""

    done: int
    total: int | None

    @property
    def fraction(self) -> float | None:
        """Part done in 0..1, or None when the total is not known."""
        return self.done / self.total if self.total else None


def default_folder() -> Path:
    """The platform's cache folder for Limelight; not created yet."""
    return platformdirs.user_cache_path("limelight", appauthor=False)


def path_of(file: WeightsFile, folder: Path) -> Path:
    """Where the file is, or will be once fetched."""
    return folder / file.filename


def is_present(file: WeightsFile, folder: Path) -> bool:
    """Whether the complete file is there. Cheap: looks at its size only, the hash was checked before it got its name."""
    path = path_of(file, folder)
    return path.is_file() and file.size in (None, path.stat().st_size)


def fetch(
    file: WeightsFile,
    folder: Path,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    timeout_s: float = 20.0,
) -> Path:
    """The path of the verified file; downloads it when it is not in `folder`, together with all who ask meanwhile.

    `on_progress` is called on the caller's thread, at most ten times a second; `done` falls only when the server makes
    us start over. Setting `cancel` frees the caller within about 0.1 s; when the last one has left, the download stops
    at its next byte or after `timeout_s` (the server's longest silence; the first caller's value counts).
    Raises Offline, NotOnServer, WrongContent, DiskFull or DownloadCancelled.
    """
    if is_present(file, folder):
        return path_of(file, folder)
    key = (file, folder.absolute())
    with _lock:
        download = _under_way.get(key)
        if download is None:
            download = _under_way[key] = _Download(file, key[1], timeout_s)
            threading.Thread(target=download.run, name=f"fetch {file.filename}", daemon=True).start()
        download.waiting += 1
    try:
        shown = None
        while True:
            # an order that matters: whoever sees the end has yet to report the last progress
            ended = bool(wait([download.future], POLL_S).done)
            progress = download.progress
            if on_progress and progress != shown:
                on_progress(progress)
                shown = progress
            if ended:
                download.future.result()
                return path_of(file, folder)
            if cancel and cancel.is_set():
                kept = f"{_mb(progress.done)} had arrived and are kept; start again to get the rest."
                raise DownloadCancelled(f"The download of {file.filename} was cancelled. {kept}")
    finally:
        with _lock:
            download.waiting -= 1


class _Download:
    """One download on a thread of its own, for as long as somebody waits for it."""

    def __init__(self, file: WeightsFile, folder: Path, timeout_s: float) -> None:
        self.file, self.folder, self.timeout_s = file, folder, timeout_s
        self.path = path_of(file, folder)
        self.part = folder / f"{file.filename}.part"
        self.tag = folder / f"{file.filename}.part.tag"  # the server's name for the version we have a part of
        self.future: Future[None] = Future()
        self.progress = Progress(0, file.size)
        self.waiting = 0  # callers inside fetch; guarded by _lock

    def run(self) -> None:
        """The thread: fetch the file, then wake everybody with the outcome."""
        try:
            self._run()
        except BaseException as error:
            self._forget()
            self.future.set_exception(error)
        else:
            self._forget()
            self.future.set_result(None)

    def _run(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(f"{self.path}.lock")  # for other processes with the same folder
            with lock.acquire(poll_interval=POLL_S, cancel_check=self._abandoned):
                if not is_present(self.file, self.folder):
                    self._make_sure_it_fits()
                    self._receive_in_spite_of_breaks()
                    self._verify()
                    os.replace(self.part, self.path)
                    self.tag.unlink(missing_ok=True)
        except WrongContent:
            self._discard_part()
            raise
        except filelock.Timeout:
            raise DownloadCancelled(self.file.filename) from None  # abandoned: nobody is left to read a message
        except OSError as error:
            if error.errno in FULL:
                self._discard_part()  # a full disk hurts everything else on this machine
                raise DiskFull(self._no_room(f"The disk became full at {_mb(self.progress.done)}.")) from error
            if error.errno in NOT_WRITABLE:
                raise DiskFull(
                    f"{self.file.filename} could not be saved: {self.folder} cannot be written ({error.strerror}). "
                    "The cache folder must be a folder that Limelight may write to; change its permissions or the "
                    "cache folder setting, then try again."
                ) from error
            raise

    def _receive_in_spite_of_breaks(self) -> None:
        """Complete the .part file, going on where a broken connection stopped. Raises Offline when that leads nowhere."""
        failures, furthest = 0, self._have()
        timeout = httpx.Timeout(self.timeout_s, connect=min(self.timeout_s, 10.0))
        with httpx.Client(follow_redirects=True, timeout=timeout) as client:
            while True:
                try:
                    return self._receive(client)
                except (httpx.TooManyRedirects, httpx.UnsupportedProtocol) as error:
                    raise NotOnServer(self._not_there("sent us on to an address that leads nowhere")) from error
                except httpx.TransportError as error:
                    log.warning("%s from %s: %r", self.file.filename, self.file.host, error)
                    have = self._have()
                    failures = failures + 1 if have <= furthest else 0
                    silent = isinstance(error, httpx.TimeoutException) and failures > 0
                    furthest = max(have, furthest)
                    if silent or failures == TRIES:  # a silence was long enough as it is
                        raise Offline(
                            f"{self.file.host} does not answer, so {self.file.filename} is not complete "
                            f"({_mb(have)} arrived and are kept). This download needs the internet: check the "
                            "connection and try again, or choose a model that is already here."
                        ) from error
                self._pause(BACKOFF_S * 2 ** max(failures - 1, 0))

    def _receive(self, client: httpx.Client) -> None:
        """One request for the bytes that are missing, appended to the .part file."""
        size, have = self.file.size, self._have()
        if size is not None and have >= size:
            return  # a crash came between the last byte and the rename, or the part is of no use: _verify tells
        headers = {"Accept-Encoding": "identity"}  # ranges and hashes are about the file, not a packed form of it
        if have:
            headers["Range"] = f"bytes={have}-"
            if self.tag.exists():
                headers["If-Range"] = self.tag.read_text("utf-8")
        with client.stream("GET", self.file.url, headers=headers) as response:
            resumed = response.status_code == 206
            fits = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            if have and (response.status_code == 416 or (resumed and not fits)):
                self._discard_part()
                return self._receive(client)  # start over; once, as without a part there is no range to refuse
            if response.status_code != 200 and not (have and resumed):
                raise NotOnServer(self._not_there(f"answered with status {response.status_code}"))
            have = have if resumed else 0
            length = response.headers.get("Content-Length")
            announced = have + int(length) if length else None
            if size and announced and announced != size:
                raise WrongContent(self._wrong(f"announces {announced:,} bytes", f"{size:,} bytes"))
            self._store(response, have, size or announced)

    def _store(self, response: httpx.Response, have: int, total: int | None) -> None:
        with self.part.open("ab" if have else "wb") as out:
            if not have:  # after the part was emptied: an old part must never meet a new tag
                self._remember_version(response)
            self.progress = Progress(have, total)
            for chunk in response.iter_raw():
                out.write(chunk)
                have += len(chunk)
                if total is not None and have > total:
                    raise WrongContent(self._wrong("sends more", f"{total:,} bytes"))
                self.progress = Progress(have, total)
                if self._abandoned():
                    raise DownloadCancelled(self.file.filename)

    def _remember_version(self, response: httpx.Response) -> None:
        tag = response.headers.get("ETag", "")
        if not tag.startswith('"'):  # a weak tag (W/"…") may not be used with ranges, RFC 9110 section 13.1.5
            tag = response.headers.get("Last-Modified", "")
        self.tag.write_text(tag, "utf-8") if tag else self.tag.unlink(missing_ok=True)

    def _verify(self) -> None:
        """Compare the .part file with the catalogue, and put it on the disk for good."""
        with self.part.open("rb+") as content:
            size = content.seek(0, os.SEEK_END)
            if self.file.size not in (None, size):
                raise WrongContent(self._wrong(f"sent {size:,} bytes", f"{self.file.size:,} bytes"))
            content.seek(0)
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            if not sha256.startswith(self.file.sha256):
                raise WrongContent(self._wrong(f"sent SHA-256 {sha256[:8]}…", f"{self.file.sha256[:8]}…"))
            os.fsync(content.fileno())  # or a power cut could leave the final name on an empty file

    def _make_sure_it_fits(self) -> None:
        missing = (self.file.size or 0) - self._have()
        free = shutil.disk_usage(self.folder).free
        if missing > free:
            raise DiskFull(self._no_room(f"It needs {_mb(missing)} more and {_mb(free)} are free."))

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _discard_part(self) -> None:
        self.part.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._abandoned():
                raise DownloadCancelled(self.file.filename)
            time.sleep(POLL_S)

    def _abandoned(self) -> bool:
        """Whether nobody waits any more. If so, who asks from now on starts a download of their own."""
        with _lock:
            if self.waiting == 0:
                self._forget_locked()
            return self.waiting == 0
