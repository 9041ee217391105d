"""`make run` and `make setup` on machines that lack something: one line says what, and nothing is half done.

Each test has its own copy of the Makefile and scripts/, with a lock that names a package of a few bytes; make, venv and
pip are the real ones.
"""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKE = shutil.which("make")
PYTHON = str(Path(sys.executable).resolve())
NO_INDEX = "http://127.0.0.1:9/simple"  # the discard port: nothing listens there

pytestmark = pytest.mark.skipif(not MAKE, reason="needs make")


class Tree:
    """A fresh clone, small enough to install in a second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / ".venv" / "install.log"
        self.path: str | None = None
        folder.mkdir()
        shutil.copy(ROOT / "Makefile", folder)
        shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        make_wheel(folder / "wheels", "tiny", "1.0")
        make_wheel(folder / "wheels", "tiny", "2.0")
        make_wheel(folder / "wheels", "large", "1.0+cpu")
        self.lock("tiny==1.0")
        (folder / "requirements-dev.lock").write_text("")
        (folder / "requirements-torch.txt").write_text("--find-links wheels\nlarge==1.0\n")

    def lock(self, *pins: str) -> None:
        """Of a pin without a wheel the hash is any."""
        lines = [f"{pin} --hash=sha256:{self.hash_of(*pin.split('=='))}" for pin in pins]
        (self.folder / "requirements.lock").write_text("\n".join(["--find-links wheels", *lines, ""]))

    def hash_of(self, name: str, version: str) -> str:
        wheel = self.folder / "wheels" / f"{name}-{version}-py3-none-any.whl"
        return hashlib.sha256(wheel.read_bytes() if wheel.exists() else b"").hexdigest()

    def environment(self, **extra: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
        pip = {"PIP_INDEX_URL": NO_INDEX, "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
        return {**kept, **pip, "PATH": self.path or os.environ["PATH"], **extra}

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(MAKE), *arguments],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def version_of(self, package: str) -> str:
        python = self.folder / ".venv" / "bin" / "python"
        question = f"from importlib.metadata import version; print(version('{package}'))"
        return subprocess.run([python, "-c", question], capture_output=True, text=True).stdout.strip()


def make_wheel(folder: Path, name: str, version: str, requires: str = "") -> None:
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        files = {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}", "RECORD": ""}
        files["WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        for file, text in files.items():
            wheel.writestr(
                zipfile.ZipInfo(f"{info}/{file}"), text
            )  # without the time: made again, it has the same hash


def make_python(folder: Path, name: str, **modules: str) -> str:
    """A Python that differs from this one by what `modules` do when they are imported."""
    changed = folder / f"{name}-modules"
    changed.mkdir(parents=True)
    for module, source in modules.items():
        (changed / f"{module}.py").write_text(source)
    command = folder / name
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{changed}" exec "{PYTHON}" "$@"\n')
    command.chmod(0o755)
    return str(command)


def make_path(folder: Path) -> str:
    """A PATH without any Python: just what make and its shell need."""
    folder.mkdir()
    for tool in ("sh", "make", "awk"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    return str(folder)


def reported(run: subprocess.CompletedProcess[str]) -> str:
    """The one line a failed run says, make's own closing words left out."""
    assert run.returncode != 0
    lines = [line for line in run.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(lines) == 1, run.stderr
    return lines[0]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "limelight")


@pytest.fixture(scope="module")
def installed_once(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree(tmp_path_factory.mktemp("installed") / "limelight")
    first = tree.make("setup", PYTHON=PYTHON)
    assert first.returncode == 0, first.stderr
    return tree


@pytest.fixture
def installed(installed_once: Tree, tree: Tree) -> Tree:
    """A tree after its first `make setup`."""
    shutil.copytree(installed_once.folder / ".venv", tree.folder / ".venv", symlinks=True)
    return tree


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_first_run_installs_and_the_second_does_not_call_pip(installed: Tree) -> None:
    assert installed.version_of("tiny") == "1.0"
    installed.log.unlink()
    (installed.folder / "requirements.lock").touch()  # a new time is no new content

    second = installed.make("setup")

    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert not installed.log.exists()


def test_what_changed_in_the_lock_is_installed(installed: Tree) -> None:
    installed.lock("tiny==2.0")
    assert installed.make("setup").returncode == 0
    assert installed.version_of("tiny") == "2.0"


def test_what_make_test_installed_is_enough_for_make_run(installed: Tree) -> None:
    installed.log.unlink()
    run = subprocess.run([PYTHON, "scripts/setup.py"], cwd=installed.folder, env=installed.environment())
    assert run.returncode == 0
    assert not installed.log.exists()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as at a terminal: who runs the tests in the background has it ignored, by all their children too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_install_is_done_again(installed: Tree, ctrl_c: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as index:
        url = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
        installed.lock("tiny==2.0", "absent==1.0")
        setup = subprocess.Popen(
            [str(MAKE), "setup"],
            cwd=installed.folder,
            env=installed.environment(PIP_INDEX_URL=url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        index.accept()  # pip now waits for an answer
        os.killpg(setup.pid, signal.SIGINT)  # what Ctrl-C does
        _, errors = setup.communicate()
    assert setup.returncode != 0
    lines = [line for line in errors.splitlines() if not line.startswith("make: ***")]
    assert lines == ["limelight: interrupted: run make again to go on"]

    installed.lock("tiny==1.0")  # as it was before: the old stamp would have called this done
    installed.log.unlink()
    assert installed.make("setup").returncode == 0
    assert installed.log.exists()


def test_a_venv_left_without_pip_is_made_again(installed: Tree) -> None:
    for pip in installed.folder.glob(".venv/lib/python3*/site-packages/pip"):
        shutil.rmtree(pip)
    again = installed.make("setup", PYTHON=PYTHON)
    assert again.returncode == 0, again.stderr
    assert installed.version_of("tiny") == "1.0"


def test_no_network_says_what_is_missing_and_where_pips_words_are(installed: Tree) -> None:
    installed.lock("absent==1.0")
    line = reported(installed.make("setup"))
    assert "no package index" in line
    assert "absent==1.0" in line
    assert ".venv/install.log" in line
    assert "absent==1.0" in installed.log.read_text()
    reported(installed.make("setup"))  # a failure is not remembered as done


def test_a_wrong_pin_is_not_called_a_network_failure(installed: Tree) -> None:
    installed.lock("tiny==3.0")
    line = reported(installed.make("setup"))
    assert "network" not in line
    assert "tiny==3.0" in line


def test_a_package_that_is_not_the_locked_one_is_refused(installed: Tree) -> None:
    installed.lock("tiny==2.0")
    with zipfile.ZipFile(installed.folder / "wheels" / "tiny-2.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("tiny.py", "changed = True")
    line = reported(installed.make("setup"))
    assert "requirements.lock" in line and "network" not in line
    assert installed.version_of("tiny") == "1.0"


def test_a_package_that_the_lock_does_not_name_does_not_come_with_it(installed: Tree) -> None:
    make_wheel(installed.folder / "wheels", "tiny", "4.0", requires="absent")
    installed.lock("tiny==4.0")
    assert installed.make("setup").returncode == 0
    assert installed.version_of("tiny") == "4.0"


def test_the_build_of_torch_is_the_machines_own_choice(installed: Tree) -> None:
    assert installed.version_of("large") == "1.0+cpu"  # of a hash that nothing names
    make_wheel(installed.folder / "wheels", "large", "2.0+cu130", requires="tiny")
    (installed.folder / "requirements-torch.txt").write_text("--find-links wheels\nlarge==2.0\n")
    assert installed.make("setup").returncode == 0
    assert installed.version_of("large") == "2.0+cu130"


def test_an_old_python_is_refused(tree: Tree, tmp_path: Path) -> None:
    old = make_python(
        tmp_path / "old", "python3.10", sitecustomize="import sys; sys.version_info = (3, 10, 13, 'final', 0)"
    )
    line = reported(tree.make("setup", f"PYTHON={old}"))
    assert "3.11, 3.12 or 3.13" in line
    assert "3.10.13" in line
    assert not (tree.folder / ".venv").exists()


def test_a_path_with_only_an_old_python_is_refused(tree: Tree, tmp_path: Path) -> None:
    tree.path = make_path(tmp_path / "bin")
    make_python(tmp_path / "bin", "python3", sitecustomize="import sys; sys.version_info = (3, 9, 18, 'final', 0)")
    assert "3.9.18" in reported(tree.make("setup"))


def test_a_path_without_python_is_reported(tree: Tree, tmp_path: Path) -> None:
    tree.path = make_path(tmp_path / "bin")
    run = tree.make("setup")
    assert run.returncode != 0
    assert len(run.stderr.splitlines()) == 1  # make's own line carries it
    assert "install Python 3.11, 3.12 or 3.13" in run.stderr


def test_a_python_on_the_path_that_does_not_run_is_passed_over(tree: Tree, tmp_path: Path) -> None:
    tree.path = make_path(tmp_path / "bin")
    shim = tmp_path / "bin" / "python3.11"
    shim.write_text("#!/bin/sh\necho no such version >&2\nexit 127\n")
    shim.chmod(0o755)
    make_python(tmp_path / "bin", "python3", ensurepip="raise ImportError")
    assert "python3 has no venv module" in reported(tree.make("setup"))


def test_a_python_without_venv_names_the_package(tree: Tree, tmp_path: Path) -> None:
    bare = make_python(tmp_path / "bare", "python3.11", ensurepip="raise ImportError('left out by Debian')")
    line = reported(tree.make("setup", f"PYTHON={bare}"))
    assert f"apt install python3.{sys.version_info.minor}-venv" in line


@pytest.mark.skipif(sys.platform != "linux", reason="libEGL is asked for on Linux only")
def test_a_server_without_libegl_is_reported_before_anything_is_installed(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "libEGL.so.1").write_bytes(b"")  # found first, and no library
    line = reported(tree.make("setup", LD_LIBRARY_PATH=str(tmp_path)))
    assert "libEGL.so.1" in line
    assert "apt install libegl1)" in line
    assert not (tree.folder / ".venv").exists()


def test_a_busy_port_is_reported_before_anything_is_installed(tree: Tree, taken_port: int) -> None:
    line = reported(tree.make("run", f"PORT={taken_port}"))
    assert f"port {taken_port} is busy" in line
    assert "make run PORT=" in line
    assert not (tree.folder / ".venv").exists()


@pytest.mark.parametrize("port", ["web", "0", "65536", "-1", ""])
def test_a_port_that_is_none_is_refused(tree: Tree, port: str) -> None:
    assert "is not a port" in reported(tree.make("run", f"PORT={port}"))


def test_make_run_says_where_it_serves_and_becomes_streamlit(installed: Tree) -> None:
    (installed.folder / "streamlit.py").write_text("import sys; print(*sys.argv[1:])")
    with socket.create_server(("127.0.0.1", 0)) as freed:
        port = freed.getsockname()[1]
    said, arguments = installed.make("run", f"PORT={port}").stdout.splitlines()
    assert said.startswith(f"Limelight: http://localhost:{port}  on your network: ")
    assert arguments.startswith(f"run server.py --server.port={port} --server.headless=true")


@pytest.mark.parametrize("path", ["demo/room", "/demo/room/"])
def test_make_run_says_the_path_that_a_proxy_serves_it_under(installed: Tree, path: str) -> None:
    (installed.folder / "streamlit.py").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as freed:
        port = freed.getsockname()[1]
    said = installed.make("run", f"PORT={port}", STREAMLIT_SERVER_BASE_URL_PATH=path).stdout
    assert re.search(rf"Limelight: http://localhost:{port}/demo/room\s", said)
    said = installed.make("run", f"PORT={port}", "ADDRESS=127.0.0.1", STREAMLIT_SERVER_BASE_URL_PATH=path).stdout
    assert said.splitlines()[0] == f"Limelight: http://127.0.0.1:{port}/demo/room"


def test_make_alone_lists_the_targets(tree: Tree) -> None:
    listing = tree.make().stdout
    for target in ("run", "test", "check", "bench", "clean"):
        assert f"make {target} " in listing


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_is_readable(mode: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"][mode]
    page, button = theme["backgroundColor"], theme["primaryColor"]
    pairs = [
        (button, "#ffffff"),
        (button, page),
    ]  # Streamlit writes white on buttons, and tabs in their colour
    grounds = [page, theme["secondaryBackgroundColor"], *theme["sidebar"].values()]
    pairs += [(theme[words], ground) for words in ("textColor", "linkColor") for ground in grounds]
    for one, other in pairs:
        darker, lighter = sorted((luminance(one), luminance(other)))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{one} on {other}"
