"""What Limelight needs of the machine it runs on: a Python and two system libraries. Standard library only.

Runs on Python 3.8 and later, to be able to say that one is too old.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import NamedTuple, NoReturn

SUPPORTED = ((3, 11), (3, 12), (3, 13))
# MediaPipe's wheel brings everything but these: file → Debian package
SYSTEM_LIBRARIES = {"libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2"}


class Interpreter(NamedTuple):
    """A Python that runs, and whether the module that `probe` looked for is there."""

    command: str
    version: tuple[int, ...]  # (major, minor, micro)
    has_module: bool

    @property
    def supported(self) -> bool:
        return self.version[:2] in SUPPORTED

    @property
    def release(self) -> str:
        return ".".join(map(str, self.version))


def stop(line: str) -> NoReturn:
    """Ends the program with one line on stderr."""
    sys.exit(f"limelight: {line}")


def probe(command: str, module: str) -> Interpreter | None:
    """What `command` is; None if it does not run (missing, or the empty shell of a version manager)."""
    question = f"import sys; print('%d %d %d' % sys.version_info[:3]); sys.stdout.flush(); import {module}"
    try:
        answer = subprocess.run(
            [command, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )
        version = tuple(int(number) for number in answer.stdout.split())
    except (OSError, ValueError):
        return None
    return Interpreter(command, version, answer.returncode == 0) if len(version) == 3 else None


def find_python(wanted: str = "") -> Interpreter:
    """The first Python that can make .venv: `wanted`, or without it one of the PATH."""
    names = [wanted] if wanted else ["python3.11", "python3.12", "python3.13", "python3", sys.executable]
    found = [python for python in (probe(name, "ensurepip") for name in names) if python]
    supported = [python for python in found if python.supported]
    for python in supported:
        if python.has_module:
            return python
    if supported:
        command, (major, minor, _), _ = supported[0]
        package = f"python{major}.{minor}-venv"
        stop(f"{command} has no venv module: install it (Debian: apt install {package}) and run make again")
    seen = f"{found[0].command} is {found[0].release}" if found else f"{names[0]} does not run"
    stop(f"needs Python 3.11, 3.12 or 3.13, but {seen}: install one, or name it: make run PYTHON=/path/to/python3.11")


def require_system_libraries() -> None:
    """Checked before gigabytes are fetched, not reported by an OSError afterwards. Linux only: elsewhere MediaPipe
    needs nothing."""
    missing = [name for name in SYSTEM_LIBRARIES if not _loads(name)]
    if missing and sys.platform.startswith("linux"):
        packages = " ".join(SYSTEM_LIBRARIES[name] for name in missing)
        stop(
            f"MediaPipe cannot load {' and '.join(missing)} of this machine: "
            f"install what is missing (Debian: apt install {packages}) and run make again"
        )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
