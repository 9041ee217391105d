"""The table of models is whole: every row says what a visitor needs to know, and points at code that exists."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from models.catalog import CATALOG, about, hub_entry, of_task, title_of
from models.runtime.hub_files import HubAbout, HubRepository
from models.runtime.packaged import PackagedFile, PackagedFiles
from models.runtime.weights import WeightsFile

ROWS_OF_ONE_FILE = [entry for entry in CATALOG.values() if isinstance(entry.file, WeightsFile)]

ROOT = Path(__file__).parents[2]


def test_a_row_tells_a_visitor_everything() -> None:
    for entry in CATALOG.values():
        for text in (entry.title, entry.task, entry.licence, entry.origin, entry.note):
            assert text.strip() == text and text
        assert entry.memory_bytes > 1_000_000
        assert title_of(entry.name) == entry.title
        said = about(entry.name)
        assert all(word in said for word in (entry.licence, entry.note, entry.origin))
        if entry.bundled:
            assert said.startswith("Bundled.")
        elif entry.file is None:
            assert said.startswith(f"Debian package {entry.debian_package}")
        else:
            assert said.startswith(f"Download, {entry.download_mb} MB")


def test_a_row_points_at_a_function_that_exists() -> None:
    for entry in CATALOG.values():
        module, function = entry.loader.split(":")
        assert module.startswith("models.")
        assert callable(getattr(import_module(module), function))


def test_a_row_with_a_file_says_how_large_and_comes_over_https() -> None:
    for entry in CATALOG.values():
        assert (entry.file is None) == (entry.download_mb is None)
        packaged = isinstance(entry.file, PackagedFile | PackagedFiles)
        assert entry.bundled == (packaged or (entry.file is None and entry.debian_package is None))
        if isinstance(entry.file, WeightsFile):
            assert entry.file.url.startswith("https://")
            assert len(entry.file.sha256) == 64, "the whole of it: eight digits can be hit by trying"
        elif packaged:
            assert {file.url for file in entry.file.files} <= {other.file.url for other in ROWS_OF_ONE_FILE}
        elif entry.file is not None:
            assert entry.name == f"hub/{entry.file.name}"
        if entry.file is not None:
            assert entry.memory_bytes > entry.download_mb * 1_000_000, "loaded it takes more than its file"


def test_names_are_those_of_the_rows_and_files_are_told_apart() -> None:
    assert all(name == entry.name for name, entry in CATALOG.items())
    files = [entry.file for entry in CATALOG.values() if entry.file]
    assert len(set(files)) == len(files)
    names = [file.filename for file in files if isinstance(file, WeightsFile)]
    assert len(set(names)) == len(names)


def test_the_first_model_of_each_task_is_bundled() -> None:
    for task in {entry.task for entry in CATALOG.values()}:
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


def test_a_row_is_made_of_what_the_hub_says() -> None:
    entry = hub_entry(HubAbout("someone/model", 272_400_000, "mit", 135_000_000, True))
    assert (entry.name, entry.title, entry.task) == ("hub/someone/model", "model", "text generation")
    assert entry.file == HubRepository("someone/model") and not entry.bundled
    assert entry.source == "download, 272 MB"
    assert entry.memory_bytes == 4 * 135_000_000, "four bytes a weight"
    assert "135 million weights" in entry.note and entry.licence == "mit" and "someone/model" in entry.origin
    assert entry.loader == CATALOG["hub/distilbert/distilgpt2"].loader


def test_a_row_says_what_the_hub_does_not_tell() -> None:
    entry = hub_entry(HubAbout("old", 100, None, None, None))
    assert (entry.licence, entry.download_mb) == ("not stated", 1)
    assert "does not tell" in entry.note and entry.memory_bytes > 1_000_000


def test_a_model_of_the_catalogue_keeps_its_row() -> None:
    name = "distilbert/distilgpt2"
    assert hub_entry(HubAbout(name, 1, None, None, None)) is CATALOG[f"hub/{name}"]


def test_the_table_opens_without_torch() -> None:
    code = "import sys, models.catalog, models.demos; sys.exit(bool({'torch', 'huggingface_hub'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=240).returncode == 0
