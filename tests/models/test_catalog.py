"""The table of models is whole: every row says what a visitor needs to know, and points at code that exists."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.catalog import CATALOG, ModelEntry, about, of_task, title_of

ROOT = Path(__file__).parents[2]
rows = pytest.mark.parametrize("entry", CATALOG.values(), ids=CATALOG)


@rows
def test_a_row_tells_a_visitor_everything(entry: ModelEntry) -> None:
    for text in (entry.title, entry.task, entry.licence, entry.origin, entry.note):
        assert text.strip() == text and text
    assert entry.memory_bytes > 1_000_000
    assert title_of(entry.name) == entry.title
    said = about(entry.name)
    assert all(word in said for word in (entry.licence, entry.note, entry.origin))
    assert said.startswith("Bundled." if entry.bundled else f"Download, {entry.download_mb} mb")


@rows
def test_a_row_points_at_a_function_that_exists(entry: ModelEntry) -> None:
    from importlib import import_module

    module, function = entry.loader.split(":")
    assert module.startswith("models.")
    assert callable(getattr(import_module(module), function))


@rows
def test_a_row_with_a_file_says_how_large_and_comes_over_https(entry: ModelEntry) -> None:
    assert (entry.file is None) == (entry.download_mb is None) == entry.bundled
    if entry.file is not None:
        assert entry.file.url.startswith("https://")
        assert len(entry.file.sha256) >= 8
        assert entry.memory_bytes > entry.download_mb * 1_000_000, "loaded it takes more than its file"


def test_names_are_those_of_the_rows_and_files_are_told_apart() -> None:
    assert all(name == entry.name for name, entry in CATALOG.items())
    files = [entry.file.filename for entry in CATALOG.values() if entry.file]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("task", sorted({entry.task for entry in CATALOG.values()}))
def test_the_first_model_of_each_task_is_bundled(task: str) -> None:
    entries = of_task(task)
    assert entries[0].bundled
    assert {entry.name for entry in entries} == {name for name, entry in CATALOG.items() if entry.task == task}
    assert [entry.bundled for entry in entries] == sorted((entry.bundled for entry in entries), reverse=True)


def test_an_unknown_task_has_no_models_and_an_unknown_name_is_a_key_error() -> None:
    assert of_task("juggling") == []
    with pytest.raises(KeyError):
        about("nonesuch")
    with pytest.raises(KeyError):
        title_of("nonesuch")


def test_the_table_opens_without_torch() -> None:
    code = "import sys, models.catalog, models.demos; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0
