"""A Streamlit server in its own process on a free port of 127.0.0.1: start, watch, stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from tests.bench import REPO
from tests.bench.figures import read_stats
from tests.bench.target import Target

START_SECONDS = 60
MB = 1e6


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def plain(text: str) -> str:
    """Without the colours of a page's tracebacks, which split the words."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class Server:
    """`with Server(target) as server:` runs until the block ends; RuntimeError if it does not come up. `after` is a
    module to import in its process first."""

    def __init__(
        self, target: Target, environment: dict[str, str] | None = None, port: int = 0, after: str = ""
    ) -> None:
        self.target, self.port, self._more, self._after = target, port or free_port(), environment or {}, after
        self._path = self._more.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
        self._path += "/" * bool(self._path)
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self._log = Path(self._folder.name) / "server.log"
        self._stats = Path(self._folder.name) / "stats.jsonl"

    def __enter__(self) -> "Server":
        if not self.target.script.exists():
            raise RuntimeError(f"there is no {self.target.script} to run")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
        environment |= {
            "PYTHONPATH": str(REPO),
            "MALLOC_ARENA_MAX": "2",  # as scripts/serve.py sets it
            "LIMELIGHT_ICE_LOOPBACK": "1",
            "LIMELIGHT_STATS_FILE": str(self._stats),
            "LIMELIGHT_PROJECT_FOLDER": str(Path(self._folder.name) / "projects"),
            **self._more,
        }
        flags = {"server.address": "127.0.0.1", "server.port": self.port, "server.headless": "true"}
        flags["browser.gatherUsageStats"] = "false"
        start = ["-m", "streamlit"]
        if self._after:
            start = ["-c", f"import {self._after}; from streamlit.web.cli import main; main(prog_name='streamlit')"]
        command = [sys.executable, *start, "run", str(self.target.script)]
        self._process = subprocess.Popen(
            command + [f"--{name}={value}" for name, value in flags.items()],
            cwd=REPO if self.target.own_config else self._folder.name,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        self._folder.cleanup()

    def _wait_until_healthy(self) -> None:
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{self._path}_stcore/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"{self.target.script} was not up in {START_SECONDS} s:\n{self.log()[-2000:]}")

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Its exit code; subprocess.TimeoutExpired if it does not end."""
        return self._process.wait(seconds)

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def log_errors(self) -> int:
        """Tracebacks in the log so far."""
        return plain(self.log()).count("Traceback (most recent call last)")

    def stats(self) -> list[dict]:
        return read_stats(self._stats)

    def has_mapped(self, library: str) -> bool:
        """Whether the server has loaded a shared library whose path contains `library`."""
        return any(library in mapped.path for mapped in psutil.Process(self._process.pid).memory_maps())

    def sample(self) -> dict:
        """Now: unix time; CPU seconds so far, RSS in MB, threads, open files, sockets of the process tree."""
        parent = psutil.Process(self._process.pid)
        tree = [parent, *parent.children(recursive=True)]
        sums = {"cpu_s": 0.0, "rss_mb": 0.0, "threads": 0, "fds": 0, "sockets": 0}
        for process in tree:
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    sums["cpu_s"] += times.user + times.system
                    sums["rss_mb"] += process.memory_info().rss / MB
                    sums["threads"] += process.num_threads()
                    sums["fds"] += process.num_fds()
                    sums["sockets"] += len(process.net_connections(kind="inet"))
            except psutil.NoSuchProcess:
                continue
        return {"t": time.time()} | sums
