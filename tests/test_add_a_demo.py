"""docs/add-a-demo.md, done once: its files, laid into a copy of the repository, make a demo whose tests pass."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "add-a-demo.md").read_text(encoding="utf-8")
FILES: dict[str, str] = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', TEXT, re.DOTALL | re.MULTILINE))
TABLE = "models/demos.py"  # of this file the document has the new row alone
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".cache", "*_cache", "__pycache__", "build", "shared")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "limelight"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    for name, text in FILES.items():
        path = folder / name
        if name == TABLE:
            before, end, after = path.read_text(encoding="utf-8").partition("\n)\n\n\ndef")
            text = f"{before}\n{indent(text.rstrip(), '    ')},{end}{after}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280)


def test_a_demo_costs_nine_files_350_lines_and_seven_borders() -> None:
    assert TABLE in FILES and len(FILES) <= 9
    assert sum(len(text.splitlines()) for text in FILES.values()) <= 350
    borders = TEXT.partition("## Borders")[2].partition("\n## ")[0]
    assert 0 < len(re.findall(r"^\d+\. ", borders, re.MULTILINE)) <= 7


def test_its_tests_and_those_of_the_contracts_pass(copy: Path, tmp_path: Path) -> None:
    own = [name for name in FILES if name.startswith("tests/")]
    of_all = ["tests/test_contracts.py", "tests/models/test_demos.py"]
    of_each = ["tests/pages/test_pages.py", "tests/pages/test_sharing.py"]  # here the new one's alone
    ended = ran(
        copy,
        *("pytest", "-q", "-p", "no:cacheprovider", "-k", "colours or test_demos or test_contracts"),
        *(*own, *of_all, *of_each),
        f"--basetemp={tmp_path / 'own'}",  # in the shared folder pytest would shut out the PostgreSQL of other tests
    )
    assert ended.returncode == 0, ended.stdout[-5000:]


def test_its_files_are_formatted_and_free_of_lint(copy: Path) -> None:
    python = [name for name in FILES if name.endswith(".py")]
    for tool in (("check",), ("format", "--check")):
        ended = ran(copy, "ruff", *tool, "--no-cache", *python)
        assert ended.returncode == 0, ended.stdout
