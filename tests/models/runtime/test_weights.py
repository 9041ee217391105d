"""Downloads against a real HTTP server on this machine that can break, stall, lie and refuse."""

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import filelock
import httpx
import pytest

from models.errors import DiskFull, DownloadCancelled, NotOnServer, Offline, WrongContent
from models.runtime import weights
from models.runtime.downloads import Progress
from models.runtime.weights import WeightsFile

fetch, is_present, path_of = WeightsFile.fetch, WeightsFile.is_present, WeightsFile.path

CONTENT = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(10_000))  # 320 000 bytes
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ROOT = Path(__file__).parents[3]
PATIENCE_S = 120  # how long a test waits for something that should happen before it says it did not


class Site(ThreadingHTTPServer):
    """A web server with one file and bad habits; it remembers every request and counts the bytes it sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.status, self.etag, self.modified = CONTENT, 200, '"v1"', ""
        self.ranges, self.announces = True, True
        self.breaks: list[int] = []  # per request to come: break the connection after so many bytes
        self.pause_at: int | None = None  # bytes after which to wait until `gate` opens
        self.drips = self.endless = False
        self.redirect: str | None = None
        self.gate, self.hung_up, self.requested = threading.Event(), threading.Event(), threading.Event()
        self.requests: list[dict[str, str]] = []
        self.bytes_sent = 0

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hangs up is part of the game

    def file(self, **changes: Any) -> WeightsFile:
        row: dict[str, Any] = {"sha256": hashlib.sha256(self.content).hexdigest(), "size": len(self.content)}
        url = f"http://127.0.0.1:{self.server_port}/weights.bin"
        return WeightsFile(**{"url": url, "filename": "weights.bin", **row, **changes})


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        site = self.server
        site.requests.append(dict(self.headers))
        site.requested.set()
        if site.redirect is not None and self.path != "/moved":
            self.send_response(302)
            self.send_header("Location", site.redirect)
            self.end_headers()
            return
        if site.status != 200:
            self.send_error(site.status)
            return
        start = self._start()
        if start >= len(site.content):
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = site.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(site.content) - 1}/{len(site.content)}")
        for name, value in (("ETag", site.etag), ("Last-Modified", site.modified)):
            if value:
                self.send_header(name, value)
        if site.announces:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if site.breaks:
            body = body[: site.breaks.pop(0)]
        try:
            self._send(body)
        except OSError:
            site.hung_up.set()

    def _start(self) -> int:
        """The first byte asked for; 0 where the range does not apply (RFC 9110, 13.1.5)."""
        site, asked = self.server, self.headers.get("Range")
        current = self.headers.get("If-Range") in (None, site.etag, site.modified)
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked and site.ranges and current else 0

    def _send(self, body: bytes) -> None:
        site = self.server
        step = 1 if site.drips else 16_000
        if site.pause_at is not None:
            self._write(body[: site.pause_at])
            site.gate.wait(PATIENCE_S)
            body = body[site.pause_at :]
        for i in range(0, len(body), step):
            self._write(body[i : i + step])
            if site.drips:
                threading.Event().wait(0.01)
        while site.endless:
            self._write(b"x" * step)

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.server.bytes_sent += len(data)


class Visitor:
    """Somebody who asks for the file on a thread of their own."""

    def __init__(self, pool: ThreadPoolExecutor, file: WeightsFile, folder: Path) -> None:
        self.cancel, self.waits = threading.Event(), threading.Event()
        self.seen: list[Progress] = []
        self.outcome: Future[Path] = pool.submit(fetch, file, folder, on_progress=self._on_progress, cancel=self.cancel)

    def _on_progress(self, progress: Progress) -> None:
        self.seen.append(progress)
        self.waits.set()

    def is_waiting(self) -> bool:
        return self.waits.wait(PATIENCE_S)

    def leaves(self) -> None:
        self.cancel.set()
        with pytest.raises(DownloadCancelled):
            self.outcome.result(PATIENCE_S)


Visit = Callable[[WeightsFile, Path], Visitor]


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "BACKOFF_S", 0.01)


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.gate.set()
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE_S)


@pytest.fixture
def visit() -> Iterator[Visit]:
    with ThreadPoolExecutor() as pool:
        visitors: list[Visitor] = []

        def start(file: WeightsFile, folder: Path) -> Visitor:
            visitors.append(Visitor(pool, file, folder))
            return visitors[-1]

        yield start
        for visitor in visitors:
            visitor.cancel.set()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system with room for 256 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def left_in(folder: Path) -> set[str]:
    """The names in the folder, without the empty lock file."""
    return {path.name for path in folder.iterdir()} - {"weights.bin.lock"}


def wait_for_downloads_to_end() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("fetch "):
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


# --- the plain case


def test_a_fetched_file_is_whole_and_alone_in_a_folder_made_for_it(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert not is_present(site.file(), folder)
    path = fetch(site.file(), folder)
    assert path == path_of(site.file(), folder) and path.read_bytes() == CONTENT
    assert is_present(site.file(), folder) and left_in(folder) == {"weights.bin"}


def test_a_file_that_is_here_is_not_downloaded_again(site: Site, tmp_path: Path) -> None:
    fetch(site.file(), tmp_path)
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT
    assert len(site.requests) == 1


def test_a_file_of_another_size_under_the_final_name_is_replaced(site: Site, tmp_path: Path) -> None:
    path_of(site.file(), tmp_path).write_bytes(CONTENT[:1000])
    assert not is_present(site.file(), tmp_path)
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT


def test_the_first_eight_digits_of_the_hash_are_enough(site: Site, tmp_path: Path) -> None:
    assert fetch(site.file(sha256=SHA256[:8]), tmp_path).read_bytes() == CONTENT


def test_redirects_are_followed(site: Site, tmp_path: Path) -> None:
    site.redirect = "/moved"
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT


def test_the_content_is_on_the_disk_before_it_gets_its_name(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def note(name: str, call: Callable[..., Any]) -> None:
        def noted(*args: Any) -> Any:
            calls.append(name)
            return call(*args)

        monkeypatch.setattr(os, name, noted)

    note("fsync", os.fsync)
    note("replace", os.replace)
    fetch(site.file(), tmp_path)
    assert calls == ["fsync", "replace"]


@pytest.mark.parametrize(
    "row",
    [{"filename": name} for name in ("../x", "/x", "a/b", "a\\b", "C:x", "", ".", "..")]
    + [{"url": url} for url in ("ftp://host/x", "file:///etc/passwd", "http:///x")]
    + [{"sha256": digits} for digits in ("", "abc1234", "ABCDEF12", "ghijklmn", "a" * 65)]
    + [{"size": 0}],
    ids=str,
)
def test_a_catalogue_row_that_cannot_be_right_is_a_value_error(row: dict[str, object], site: Site) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(row))} must be"):
        site.file(**row)


# --- progress


def test_progress_never_falls_and_ends_at_the_total(site: Site, tmp_path: Path) -> None:
    site.pause_at = 100_000
    seen: list[Progress] = []

    def on_progress(progress: Progress) -> None:
        seen.append(progress)
        if progress.done >= 100_000:
            site.gate.set()  # the server sends the rest only if the middle of the download was reported

    fetch(site.file(), tmp_path, on_progress=on_progress)
    done = [progress.done for progress in seen]
    assert done == sorted(done) and 100_000 in done
    assert seen[-1] == Progress(len(CONTENT), len(CONTENT)) and seen[-1].fraction == 1.0


@pytest.mark.parametrize(("announces", "total"), [(True, len(CONTENT)), (False, None)])
def test_where_the_catalogue_has_no_size_the_server_may_tell_the_total(
    site: Site, tmp_path: Path, announces: bool, total: int | None
) -> None:
    site.announces = announces
    seen: list[Progress] = []
    fetch(site.file(size=None), tmp_path, on_progress=seen.append)
    assert seen[-1] == Progress(len(CONTENT), total)
    assert seen[-1].fraction == (1.0 if announces else None)


def test_progress_is_reported_on_the_thread_that_asked(site: Site, tmp_path: Path) -> None:
    threads: set[threading.Thread] = set()
    fetch(site.file(), tmp_path, on_progress=lambda _: threads.add(threading.current_thread()))
    assert threads == {threading.current_thread()}


def test_a_file_fetches_itself_as_the_cache_asks_for_it(site: Site, tmp_path: Path) -> None:
    file, seen = site.file(), list[Progress]()
    assert not file.is_present(tmp_path)
    assert file.fetch(tmp_path, on_progress=seen.append) == path_of(file, tmp_path)
    assert file.is_present(tmp_path) and seen[-1] == Progress(len(CONTENT), len(CONTENT))


def test_a_file_that_fetches_itself_can_be_cancelled(site: Site, tmp_path: Path) -> None:
    site.pause_at, cancel = 0, threading.Event()
    cancel.set()
    with pytest.raises(DownloadCancelled):
        site.file().fetch(tmp_path, cancel=cancel)
    site.gate.set()
    wait_for_downloads_to_end()


# --- breaks


def test_a_broken_connection_heals_and_no_byte_is_sent_twice(site: Site, tmp_path: Path) -> None:
    site.breaks = [100_000, 0, 50_000]
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT
    starts = [request.get("Range") for request in site.requests]
    assert starts == [None, "bytes=100000-", "bytes=100000-", "bytes=150000-"]
    assert site.bytes_sent == len(CONTENT)


def test_a_connection_that_breaks_at_every_try_is_offline_and_the_next_visit_resumes(
    site: Site, tmp_path: Path
) -> None:
    site.breaks = [100_000, 0, 0, 0, 0]
    with pytest.raises(Offline, match=r"127\.0\.0\.1 .*weights\.bin.*0\.1 MB are here and are kept"):
        fetch(site.file(), tmp_path)
    assert not path_of(site.file(), tmp_path).exists()
    assert len(site.requests) == 1 + weights.TRIES
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT
    assert (site.requests[-1]["Range"], site.requests[-1]["If-Range"]) == ("bytes=100000-", '"v1"')
    assert site.bytes_sent == len(CONTENT)


def test_a_long_bad_line_is_not_given_up_while_bytes_arrive(site: Site, tmp_path: Path) -> None:
    site.breaks = [20_000] * (2 * weights.TRIES)
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT


def test_a_file_that_changed_on_the_server_is_not_glued_to_the_old_part(site: Site, tmp_path: Path) -> None:
    site.breaks = [100_000, 0, 0, 0, 0]
    with pytest.raises(Offline):
        fetch(site.file(), tmp_path)
    site.content, site.etag = CONTENT[::-1], '"v2"'
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT[::-1]


def test_a_weak_etag_gives_way_to_the_date(site: Site, tmp_path: Path) -> None:
    site.etag, site.modified, site.breaks = 'W/"v1"', "Wed, 21 Oct 2015 07:28:00 GMT", [100_000]
    fetch(site.file(), tmp_path)
    assert site.requests[1]["If-Range"] == site.modified


def test_a_server_without_ranges_starts_over(site: Site, tmp_path: Path) -> None:
    site.ranges, site.breaks = False, [100_000]
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT
    assert site.bytes_sent == 100_000 + len(CONTENT)


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_range_the_server_cannot_serve_makes_it_start_over(site: Site, tmp_path: Path, size: int | None) -> None:
    (tmp_path / "weights.bin.part").write_bytes(CONTENT + b"too much")
    assert fetch(site.file(size=size), tmp_path).read_bytes() == CONTENT
    assert [request.get("Range") for request in site.requests] == ["bytes=320008-", None]


def test_a_part_that_only_lacked_its_name_needs_no_server(site: Site, tmp_path: Path) -> None:
    (tmp_path / "weights.bin.part").write_bytes(CONTENT)
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT
    assert not site.requests


# --- several visitors


def test_two_visitors_share_one_download_and_both_see_it(site: Site, tmp_path: Path, visit: Visit) -> None:
    site.pause_at = 100_000
    visitors = [visit(site.file(), tmp_path) for _ in range(2)]
    assert all(visitor.is_waiting() for visitor in visitors)
    site.gate.set()
    assert [v.outcome.result(PATIENCE_S).read_bytes() for v in visitors] == [CONTENT, CONTENT]
    assert [v.seen[-1].done for v in visitors] == [len(CONTENT)] * 2
    assert len(site.requests) == 1


@pytest.mark.parametrize("who", ["the first", "the follower"])
def test_a_visitor_who_cancels_leaves_the_download_to_the_other(
    site: Site, tmp_path: Path, visit: Visit, who: str
) -> None:
    site.pause_at = 100_000
    first = visit(site.file(), tmp_path)
    assert first.is_waiting()
    follower = visit(site.file(), tmp_path)
    assert follower.is_waiting()
    leaver, stayer = (first, follower) if who == "the first" else (follower, first)
    leaver.leaves()
    site.gate.set()
    assert stayer.outcome.result(PATIENCE_S).read_bytes() == CONTENT
    assert len(site.requests) == 1


def test_when_everybody_cancels_the_download_stops_and_is_resumed_later(
    site: Site, tmp_path: Path, visit: Visit
) -> None:
    site.pause_at, site.drips = 100_000, True
    visitors = [visit(site.file(), tmp_path) for _ in range(2)]
    assert all(visitor.is_waiting() for visitor in visitors)
    for visitor in visitors:
        visitor.leaves()
    site.gate.set()  # one byte at a time: the whole file would take an hour
    wait_for_downloads_to_end()
    assert site.hung_up.wait(PATIENCE_S)
    assert left_in(tmp_path) == {"weights.bin.part", "weights.bin.part.tag"}
    site.pause_at, site.drips = None, False
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT
    assert int(site.requests[1]["Range"].strip("bytes=-")) >= 100_000


def test_cancel_frees_the_visitor_while_the_server_is_silent(site: Site, tmp_path: Path, visit: Visit) -> None:
    site.pause_at = 0
    visitor = visit(site.file(), tmp_path)
    assert site.requested.wait(PATIENCE_S)
    visitor.leaves()
    assert not site.gate.is_set() and site.bytes_sent == 0


def test_who_comes_back_before_the_silence_ends_finds_the_same_download(
    site: Site, tmp_path: Path, visit: Visit
) -> None:
    site.pause_at = 100_000
    visitor = visit(site.file(), tmp_path)
    assert visitor.is_waiting()
    visitor.leaves()
    back = visit(site.file(), tmp_path)
    assert back.is_waiting()
    site.gate.set()
    assert back.outcome.result(PATIENCE_S).read_bytes() == CONTENT
    assert len(site.requests) == 1


def test_who_comes_while_an_abandoned_download_ends_is_not_cancelled_with_it(
    site: Site, tmp_path: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pause_at = 100_000
    ending, go_on = threading.Event(), threading.Event()
    close = httpx.Client.__exit__

    def close_slowly(client: httpx.Client, *error: Any) -> None:
        ending.set()
        go_on.wait(PATIENCE_S)
        close(client, *error)

    monkeypatch.setattr(httpx.Client, "__exit__", close_slowly)
    leaver = visit(site.file(), tmp_path)
    assert leaver.is_waiting()
    leaver.leaves()
    site.gate.set()
    assert ending.wait(PATIENCE_S)
    newcomer = visit(site.file(), tmp_path)
    assert newcomer.is_waiting()
    go_on.set()
    assert newcomer.outcome.result(PATIENCE_S).read_bytes() == CONTENT


def test_a_callback_that_raises_hurts_only_its_own_visitor(site: Site, tmp_path: Path, visit: Visit) -> None:
    site.pause_at = 100_000
    other = visit(site.file(), tmp_path)
    assert other.is_waiting()

    def on_progress(_: Progress) -> None:
        raise RuntimeError("the page is gone")

    with pytest.raises(RuntimeError, match="the page is gone"):
        fetch(site.file(), tmp_path, on_progress=on_progress)
    site.gate.set()
    assert other.outcome.result(PATIENCE_S).read_bytes() == CONTENT


def test_two_processes_share_one_download(site: Site, tmp_path: Path, visit: Visit) -> None:
    site.pause_at = 100_000
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from models.runtime.weights import WeightsFile\n"
            "url, sha, size, folder = sys.argv[1:]\n"
            "WeightsFile(url, sha, int(size), 'weights.bin').fetch(pathlib.Path(folder))",
            *(site.file().url, SHA256, str(len(CONTENT)), str(tmp_path)),
        ],
        cwd=ROOT,
    )
    assert site.requested.wait(PATIENCE_S)
    visitor = visit(site.file(), tmp_path)
    assert visitor.is_waiting()
    site.gate.set()
    assert child.wait(PATIENCE_S) == 0
    assert visitor.outcome.result(PATIENCE_S).read_bytes() == CONTENT
    assert len(site.requests) == 1


def test_nobody_keeps_waiting_for_another_process_after_a_cancel(site: Site, tmp_path: Path, visit: Visit) -> None:
    with filelock.FileLock(tmp_path / "weights.bin.lock"):
        visitor = visit(site.file(), tmp_path)
        assert visitor.is_waiting()
        visitor.leaves()
        wait_for_downloads_to_end()
    assert not site.requests


# --- what can go wrong


def test_a_closed_port_is_offline(site: Site, tmp_path: Path) -> None:
    file = site.file()
    site.shutdown()
    site.server_close()
    with pytest.raises(Offline, match=r"127\.0\.0\.1 does not answer, so weights\.bin .* check the connection"):
        fetch(file, tmp_path)
    assert left_in(tmp_path) == set()


def test_a_server_that_stays_silent_is_offline_after_one_timeout(site: Site, tmp_path: Path) -> None:
    site.pause_at = 0
    with pytest.raises(Offline, match=r"127\.0\.0\.1 does not answer"):
        fetch(site.file(), tmp_path, timeout_s=0.2)
    assert len(site.requests) == 1


def test_a_silence_in_the_middle_is_tried_again(site: Site, tmp_path: Path) -> None:
    site.pause_at = 200_000  # of each answer: the second one has fewer bytes than that
    assert fetch(site.file(), tmp_path, timeout_s=0.3).read_bytes() == CONTENT
    assert [request.get("Range") for request in site.requests] == [None, "bytes=200000-"]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_error_status_is_not_on_server(site: Site, tmp_path: Path, status: int) -> None:
    site.status = status
    with pytest.raises(NotOnServer, match=rf"127\.0\.0\.1 answered with status {status} .*weights\.bin"):
        fetch(site.file(), tmp_path)
    assert left_in(tmp_path) == set() and len(site.requests) == 1


@pytest.mark.parametrize("where", ["/weights.bin", "ftp://127.0.0.1/weights.bin"])
def test_a_redirect_that_leads_nowhere_is_not_on_server(site: Site, tmp_path: Path, where: str) -> None:
    site.redirect = where
    with pytest.raises(NotOnServer, match="address that leads nowhere"):
        fetch(site.file(), tmp_path)


@pytest.mark.parametrize("digits", [64, 8])
def test_another_content_of_the_same_size_is_wrong_and_nothing_is_left(site: Site, tmp_path: Path, digits: int) -> None:
    file = site.file(sha256=SHA256[:digits])
    site.content = CONTENT[::-1]
    with pytest.raises(WrongContent, match=rf"weights\.bin, expected {SHA256[:8]}"):
        fetch(file, tmp_path)
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize("announces", [True, False])
@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x"], ids=["short", "long"])
def test_another_size_is_wrong_and_nothing_is_left(site: Site, tmp_path: Path, content: bytes, announces: bool) -> None:
    file = site.file()
    site.content, site.announces = content, announces
    told = "announces" if announces else "sen(t|ds)"  # an announcement is believed before anything is read
    with pytest.raises(WrongContent, match=rf"127\.0\.0\.1 {told} .* weights\.bin, expected 320,000 bytes"):
        fetch(file, tmp_path)
    assert left_in(tmp_path) == set()


def test_a_server_that_never_stops_sending_is_left(site: Site, tmp_path: Path) -> None:
    site.announces, site.endless = False, True
    with pytest.raises(WrongContent, match="sends more"):
        fetch(site.file(), tmp_path)
    assert site.hung_up.wait(PATIENCE_S) and left_in(tmp_path) == set()


def test_a_failed_download_is_tried_afresh_by_the_next_visit(site: Site, tmp_path: Path) -> None:
    site.status = 404
    with pytest.raises(NotOnServer):
        fetch(site.file(), tmp_path)
    site.status = 200
    assert fetch(site.file(), tmp_path).read_bytes() == CONTENT


# --- the disk


def test_a_file_larger_than_the_free_space_is_not_even_asked_for(site: Site, tiny_disk: Path) -> None:
    with pytest.raises(DiskFull, match=r"weights\.bin cannot be saved in .* needs 0\.3 MB more .* are free"):
        fetch(site.file(), tiny_disk)
    assert not site.requests and left_in(tiny_disk) == set()


def test_a_part_that_is_here_counts_as_room(site: Site, tiny_disk: Path) -> None:
    site.content = CONTENT[:200_000]
    (tiny_disk / "weights.bin.part").write_bytes(site.content[:150_000])
    assert fetch(site.file(), tiny_disk).read_bytes() == site.content


def test_a_disk_that_becomes_full_is_said_and_freed(site: Site, tiny_disk: Path) -> None:
    with pytest.raises(DiskFull, match=r"No space left on device.*choose another cache folder"):
        fetch(site.file(size=None), tiny_disk)
    assert site.requests and left_in(tiny_disk) == set()


def test_a_limit_on_file_sizes_is_a_full_disk_too(site: Site, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(DiskFull, match="File too large"):
            fetch(site.file(), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert left_in(tmp_path) == set()


def test_a_read_only_disk_is_said(site: Site, tiny_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(DiskFull, match="Read-only file system"):
        fetch(site.file(), tiny_disk)


def test_a_cache_folder_that_is_a_file_is_said(site: Site, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(DiskFull, match=r"cannot be saved in .*taken"):
        fetch(site.file(), tmp_path / "taken")
