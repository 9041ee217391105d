"""Makes .venv ready, with the pinned packages in it. The Makefile runs it; standard library only.

First what the lock files name, each file held to its hash, then torch, whose build is this machine's own choice. Quick
when nothing changed: a stamp in .venv keeps the Python version and the hash of each file that is installed. Whatever
stops it is one line on stderr that says what to do.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, TextIO

from host import Interpreter, find_python, probe, require_system_libraries, stop

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LOG = VENV / "install.log"
LOCK, DEV_LOCK, BUILDS = "requirements.lock", "requirements-dev.lock", "requirements-torch.txt"
# what a program prints and what it complains of, in their order
ONE_STREAM: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8", "errors": "replace"}

# What pip's complaint means; the first that fits is reported.
CAUSES = (
    (
        r"DO NOT MATCH THE HASHES",
        "a package is not the one that requirements.lock names: try another index (PIP_INDEX_URL) and run make again",
    ),
    (r"No space left on device", "the disk is full: free about 4 GB and run make again"),
    (
        r"from versions: none|Max retries exceeded|[Tt]imed out|IncompleteRead|name resolution|"
        r"(Connection|Protocol|Proxy|SSL)\w*Error",
        "pip reaches no package index: check the network (or the proxy, or PIP_INDEX_URL) and run make again",
    ),
)


def prepare(python: str = "", dev: bool = False) -> None:
    """Returns when .venv holds what the lock files and BUILDS name; else the program ends with one line.

    `python` names the interpreter for .venv; without it a working .venv stays, or the PATH is searched.
    """
    require_system_libraries()
    locks = [LOCK, DEV_LOCK] if dev else [LOCK]
    wanted = find_python(python) if python else None
    try:
        with one_at_a_time():
            inside = find_venv(wanted) or make_venv(wanted or find_python())
            state = {"python": inside.release, **{name: digest(ROOT / name) for name in [*locks, BUILDS]}}
            if not state.items() <= read_stamp().items():
                install(locks)
                STAMP.write_text(json.dumps(state, indent=1))
                prepare_networks()
    except KeyboardInterrupt:
        stop("interrupted: run make again to go on")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two `make` at the same moment: the second waits for the first one's install, not to mix into it."""
    folder = os.open(str(ROOT), os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make is installing here: waiting for it...", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def find_venv(wanted: Interpreter | None) -> Interpreter | None:
    """The Python of .venv; None if there is none to keep: unfinished, its Python gone or not the wanted."""
    inside = probe(str(VENV_PYTHON), "pip")
    if not inside or not inside.supported or not inside.has_module:
        return None
    return inside if not wanted or wanted.version[:2] == inside.version[:2] else None


def make_venv(python: Interpreter) -> Interpreter:
    print(f"Making .venv with {python.command} ({python.release})", flush=True)
    made = subprocess.run([python.command, "-m", "venv", "--clear", str(VENV)], **ONE_STREAM)
    inside = find_venv(None)
    if made.returncode or not inside:
        stop(f"{python.command} could not make .venv: {last_line(made.stdout)}")
    return inside


def install(locks: list[str]) -> None:
    """Has pip install `locks` and BUILDS. Its words go to the log; a terminal sees what it is at."""
    what = "what changed in the requirements" if STAMP.exists() else "about 2.7 GB, once: takes a few minutes"
    print(f"Installing packages ({what})...", flush=True)
    STAMP.unlink(missing_ok=True)  # an interrupted install has none, so the next run does it again
    began = time.monotonic()
    clear = "\x1b[K" if sys.stdout.isatty() else ""  # to the end of the line, over what stood there
    # a lock names all that is needed; with a file it does not name, or one of another hash, pip stops
    locked = ["--no-deps", "--require-hashes", *(f"--requirement={name}" for name in locks)]
    with LOG.open("w", encoding="utf-8") as log:
        done = all(pip_installs(options, log, clear) for options in (locked, [f"--requirement={BUILDS}"]))
    if not done:
        print(clear, end="", flush=True)
        stop(why_pip_failed(LOG.read_text(encoding="utf-8")))
    print(f"{clear}Installed in {time.monotonic() - began:.0f} s", flush=True)


def prepare_networks() -> None:
    """Writes the bundled networks as files for ONNX Runtime. Where that fails, the first visitor's page does it."""
    print("Preparing the networks...", flush=True)
    made = subprocess.run([str(VENV_PYTHON), "-m", "models.classifier.onnx_files"], cwd=str(ROOT), **ONE_STREAM)
    if made.returncode:
        print(f"  not now: {last_line(made.stdout)[:120]}", flush=True)


def pip_installs(options: list[str], log: TextIO, clear: str) -> bool:
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    with subprocess.Popen([*command, "--progress-bar=off", *options], cwd=str(ROOT), **ONE_STREAM) as pip:
        for line in pip.stdout or ():
            log.write(line)
            if clear and line.startswith(("Collecting", "Installing")):
                print(f"{clear}  {line.strip()[:76]}", end="\r", flush=True)
    return not pip.returncode


def why_pip_failed(log: str) -> str:
    complaint = log[max(log.find("ERROR:"), 0) :]
    cause = next((cause for pattern, cause in CAUSES if re.search(pattern, complaint)), "see why and run make again")
    return f"could not install the packages; {cause}. .venv/install.log ends: {last_line(complaint)[:120]}"


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["(nothing)"])[-1]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the checks and tests need")
    parser.add_argument("--python", default="", help="the Python for .venv")
    options = parser.parse_args()
    prepare(options.python, options.dev)


if __name__ == "__main__":
    main()
