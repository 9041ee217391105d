"""Verified, atomic, resumable downloads of model weights, with progress.

A file arrives under a `.part` name, is checked against the catalogue's size and SHA-256, and only then
renamed: what has its final name is whole. A break or a cancel keeps the `.part` file; the next try asks for the rest.
"""

import hashlib
import logging
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from urllib.parse import urlsplit

import filelock
import httpx

from models.errors import DownloadCancelled, NotOnServer, WrongContent
from models.runtime import downloads
from models.runtime.downloads import FULL, POLL_S, Download, OnProgress, Progress, mb

log = logging.getLogger(__name__)

TRIES = 4  # requests in a row that bring no new byte before we say the server is gone
BACKOFF_S = 0.25  # pause after the first of them, doubled each time: 1.75 s in all


@dataclass(frozen=True)
class WeightsFile:
    """What the catalogue says about a file: http(s) URL; SHA-256 in lower-case hex, whole or its first 8 or
    more digits (torchvision publishes 8); bytes or None when not known; name in the cache folder.

    Raises ValueError for a row that cannot be right, such as a name that leads out of the folder.
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

    def path(self, folder: Path) -> Path:
        """Where the file is, or will be once fetched."""
        return folder / self.filename

    def is_present(self, folder: Path) -> bool:
        """Whether the complete file is there. Cheap: looks at the size only; a name was earned by the hash."""
        path = self.path(folder)
        return path.is_file() and self.size in (None, path.stat().st_size)

    def fetch(
        self,
        folder: Path,
        *,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        timeout_s: float = 20.0,
    ) -> Path:
        """The path of the verified file, downloaded if `folder` has it not; all who ask share one download.

        `on_progress` runs on the caller's thread, at most ten times a second; `done` falls only when the server
        makes us start over. A set `cancel` frees its caller within about 0.1 s. Once the last one has left, the
        download stops at its next byte, or after `timeout_s`: the longest silence, as the first caller gave it.
        Raises Offline, NotOnServer, WrongContent, DiskFull or DownloadCancelled.
        """
        if self.is_present(folder):
            return self.path(folder)
        whole = folder.absolute()
        downloads.shared(self, whole, lambda: _FileDownload(self, whole, timeout_s), on_progress, cancel)
        return self.path(folder)


class _FileDownload(Download):
    def __init__(self, file: WeightsFile, folder: Path, timeout_s: float) -> None:
        super().__init__(file.filename, urlsplit(file.url).hostname, folder, file.size)
        self.file, self.timeout_s = file, timeout_s
        self.part = folder / f"{file.filename}.part"
        self.tag = folder / f"{file.filename}.part.tag"  # what the server calls the version we have a part of

    def kept(self) -> str:
        """What stays where it is cancelled, in a sentence."""
        return f"What had arrived ({mb(self.progress.done)}) is kept."

    def run(self) -> Path:
        """Complete, verify and name the file."""
        final = self.file.path(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(f"{final}.lock")  # against other processes with the same folder
            with lock.acquire(poll_interval=POLL_S, cancel_check=self.is_abandoned):
                if not self.file.is_present(self.folder):
                    downloads.check_room(self.name, self.folder, (self.file.size or 0) - self._have())
                    self._receive_in_spite_of_breaks()
                    self._verify()
                    os.replace(self.part, final)
                    self.tag.unlink(missing_ok=True)
        except filelock.Timeout:
            raise DownloadCancelled(self.name) from None  # nobody is left to read a message
        except WrongContent:
            self._discard_part()
            raise
        except OSError as error:
            if (words := downloads.unwritable(self.name, self.folder, error)) is None:
                raise
            if error.errno in FULL:
                self._discard_part()  # a full disk hurts everything else on this machine
            raise words from error
        return final

    def _receive_in_spite_of_breaks(self) -> None:
        """Complete the .part file, going on where a broken connection stopped, until that leads nowhere."""
        failures, furthest = 0, self._have()
        timeout = httpx.Timeout(self.timeout_s, connect=min(self.timeout_s, 10.0))
        with httpx.Client(follow_redirects=True, timeout=timeout) as client:
            while True:
                try:
                    return self._receive(client)
                except (httpx.TooManyRedirects, httpx.UnsupportedProtocol) as error:
                    raise self._not_on_server("sent us on to an address that leads nowhere") from error
                except httpx.TransportError as error:
                    log.warning("%s from %s: %r", self.name, self.host, error)
                    have = self._have()
                    failures = 0 if have > furthest else failures + 1
                    furthest = max(have, furthest)
                    silent = failures > 0 and isinstance(error, httpx.TimeoutException)
                    if silent or failures == TRIES:  # one full silence is enough waiting for anybody
                        kept = f" ({mb(have)} are here and are kept)" if have else ""
                        raise downloads.offline(self.host, self.name, kept) from error
                time.sleep(BACKOFF_S * 2 ** max(failures - 1, 0))

    def _receive(self, client: httpx.Client) -> None:
        """One request for the bytes that are missing, appended to the .part file."""
        size, have = self.file.size, self._have()
        if have and have == size:
            return  # an earlier run ended between the last byte and the rename
        headers = {"Accept-Encoding": "identity"}  # sizes, ranges and hashes are of the file itself
        if have:
            headers["Range"] = f"bytes={have}-"
            if self.tag.exists():
                headers["If-Range"] = self.tag.read_text("utf-8")
        with client.stream("GET", self.file.url, headers=headers) as response:
            status, span = response.status_code, response.headers.get("Content-Range", "")
            if have and (status == 416 or (status == 206 and not span.startswith(f"bytes {have}-"))):
                self._discard_part()
                return self._receive(client)  # once: a request without a range cannot come back here
            if status != 200 and not (status == 206 and have):
                raise self._not_on_server(f"answered with status {status}")
            have = have if status == 206 else 0  # 200: the whole file, from its first byte
            length = response.headers.get("Content-Length")
            announced = have + int(length) if length else None
            if size and announced and announced != size:
                raise self._wrong_content(f"announces {announced:,} bytes", f"{size:,} bytes")
            self._store(response, have, size or announced)

    def _store(self, response: httpx.Response, have: int, total: int | None) -> None:
        with self.part.open("ab" if have else "wb") as out:
            if not have:  # written once the part is empty: an old part must never meet a new tag
                tag = response.headers.get("ETag", "")
                if not tag.startswith('"'):  # RFC 9110, 13.1.5: a weak tag cannot vouch for single bytes
                    tag = response.headers.get("Last-Modified", "")
                self.tag.write_text(tag, "utf-8") if tag else self.tag.unlink(missing_ok=True)
            self.advance(Progress(have, total))
            for chunk in response.iter_raw():
                out.write(chunk)
                have += len(chunk)
                if total is not None and have > total:
                    raise self._wrong_content("sends more", f"{total:,} bytes")
                self.advance(Progress(have, total))
                if self.is_abandoned():
                    raise DownloadCancelled(self.name)

    def _verify(self) -> None:
        """Compare the .part file with the catalogue, and see that it is on the disk."""
        size, expected = self._have(), self.file.size
        if expected not in (None, size):
            raise self._wrong_content(f"sent {size:,} bytes", f"{expected:,} bytes")
        with self.part.open("rb+") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            os.fsync(content.fileno())  # or a power cut could leave the final name on an empty file
        if not sha256.startswith(self.file.sha256):
            raise self._wrong_content(f"sent SHA-256 {sha256[:8]}…", f"{self.file.sha256[:8]}…")

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _discard_part(self) -> None:
        self.part.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)

    def _not_on_server(self, what: str) -> NotOnServer:
        return NotOnServer(
            f"{self.host} {what} when asked for {self.name}, which should be at {self.file.url}. "
            "Try again later, or choose another model; if it stays so, that address is out of date."
        )

    def _wrong_content(self, what: str, expected: str) -> WrongContent:
        return WrongContent(
            f"{self.host} {what} for {self.name}, expected {expected}; what arrived was deleted. "
            "Try again (on a Wi-Fi with a sign-in page, sign in first) or choose another model."
        )
