"""A project comes back to the browser that has its key, to no other, and not once it was deleted or forgotten."""

import gc
import hashlib
import os
import secrets
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.teachable.keep import project_file
from models.teachable.keep import shelf as module
from models.teachable.keep.project_folder import default_folder
from models.teachable.keep.shelf import Shelf
from models.teachable.project import Project
from tests.models.teachable.keep.made_projects import a_head, a_project, add, shown

ROOT = Path(__file__).parents[4]
DAY_S = 86_400.0
GB = 10**9

Until = Callable[[Callable[[], object]], None]
Make = Callable[..., Shelf]


def a_key() -> str:
    return secrets.token_hex(32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "projects"


@pytest.fixture
def make(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A server's shelf; another one is another start of the server. Its thread looks at once, and then not again."""
    monkeypatch.setattr(project_file, "SYNCHRONOUS", "OFF")  # no test cuts the power
    monkeypatch.setattr(module, "POLL_S", 3600.0)
    made: list[Shelf] = []

    def start(keep_s: float = DAY_S, max_bytes: int = GB, in_folder: Path = folder) -> Shelf:
        made.append(Shelf(in_folder, keep_s, max_bytes, 50_000_000))
        return made[-1]

    yield start
    for one in made:
        one.close()


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def kept(shelf: Shelf, samples: int = 4) -> tuple[str, Project]:
    """A project in a file, under a key of its own."""
    key, project = a_key(), a_project(samples)
    assert shelf.keep(key, project)
    shelf.flush()
    return key, project


def left(make: Make, samples: int = 4) -> str:
    """The key of a project in a file, left there by a server that has ended."""
    shelf = make()
    key, _ = kept(shelf, samples)
    shelf.close()
    return key


def age(folder: Path, key: str, seconds: float) -> None:
    at = time.time() - seconds
    os.utime(path_of(folder, key), (at, at))


def path_of(folder: Path, key: str) -> Path:
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()}.project"


# coming back


def test_a_restarted_server_brings_the_project_back(make: Make) -> None:
    shelf = make()
    key, project = kept(shelf)
    add(project, 3)
    project.keep(a_head(project))
    shelf.close()
    again = make().open(key)
    assert again is not project and shown(again) == shown(project) and again.trained is not None


def test_it_is_written_in_the_background(make: Make, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.01)
    monkeypatch.setattr("models.teachable.keep.autosave.QUIET_S", 0.0)
    key, project, restarted = a_key(), a_project(), make()
    make().keep(key, project)
    for _ in range(2):
        until(lambda: (again := restarted.open(key)) is not None and shown(again) == shown(project))
        add(project, 1)


def test_a_server_that_ends_writes_first(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from models.teachable.keep.shelf import Shelf\n"
        "from tests.models.teachable.keep.made_projects import a_project\n"
        "project = a_project(4)\n"
        "Shelf(Path(sys.argv[1]), 1000, 10**9).keep('a' * 64, project)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, timeout=240, check=True)
    shelf = Shelf(folder, DAY_S, GB)
    project = shelf.open("a" * 64)
    shelf.close()
    assert project is not None and len(project.samples) == 4


def test_two_tabs_of_one_browser_share_one_project(make: Make) -> None:
    shelf = make()
    key, project = kept(shelf)
    assert shelf.open(key) is project
    del project
    gc.collect()
    again = shelf.open(key)
    assert shelf.open(key) is again and again is not None


def test_the_newer_state_of_another_process_is_opened_and_never_overwritten(make: Make) -> None:
    mine, theirs = make(), make()
    key, project = kept(mine)
    other = theirs.open(key)
    assert other is not None and mine.holds(key, project) and theirs.holds(key, other)
    other.rename(other.classes[0].id, "newer")
    theirs.flush()
    project.rename(project.classes[0].id, "older")
    assert not mine.holds(key, project), "seen before it is written"
    mine.flush()
    again = mine.open(key)
    assert again is not project and again is not None and shown(again) == shown(other)
    again.rename(again.classes[0].id, "newest")
    mine.flush()
    assert not theirs.holds(key, other) and shown(theirs.open(key)) == shown(again)


def test_two_processes_that_begin_at_once_do_not_overwrite_each_other(make: Make) -> None:
    mine, theirs, key = make(), make(), a_key()
    first, second = mine.open_or(key, Project.fresh), theirs.open_or(key, Project.fresh)
    first.call("first")
    mine.flush()
    second.call("second")
    theirs.flush()
    assert theirs.open(key).name == mine.open(key).name == "first"


def test_a_project_that_is_put_in_anothers_place_is_written_whatever_is_there(make: Make) -> None:
    mine, theirs = make(), make()
    key, _ = kept(mine)
    theirs.keep(key, new := a_project(2, "new"))
    theirs.flush()
    assert shown(mine.open(key)) == shown(new)


def test_a_deletion_that_is_taken_back_is_kept_again(make: Make) -> None:
    shelf = make()
    key, project = kept(shelf)
    shelf.delete(key)
    assert not shelf.keep(key, project) and not shelf.holds(key, project)
    shelf.undelete(project)
    assert shelf.keep(key, project) and shelf.holds(key, project)
    shelf.flush()
    assert shown(make().open(key)) == shown(project)


def test_what_was_noticed_is_held_until_it_is_written(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_S", 1000.0)  # the background sees nothing
    shelf = make()
    key, project = kept(shelf)
    project.keep(a_head(project))
    shelf.notice()
    del project
    gc.collect()
    shelf.flush()
    again = make().open(key)
    assert again is not None and again.trained is not None


def test_tabs_that_open_at_once_get_one_project(make: Make) -> None:
    for found in (True, False):
        key = left(make) if found else a_key()
        shelf, barrier, got = make(), threading.Barrier(8), []

        def tab(key: str = key, shelf: Shelf = shelf, barrier: threading.Barrier = barrier, got: list = got) -> None:
            barrier.wait()
            got.append(shelf.open_or(key, Project.fresh))

        tabs = [threading.Thread(target=tab) for _ in range(8)]
        for one in tabs:
            one.start()
        for one in tabs:
            one.join()
        assert len({id(project) for project in got}) == 1
        assert bool(got[0].samples) == found
        assert shelf.open(key) is got[0]


def test_a_project_that_nobody_holds_is_held_until_it_is_written(make: Make) -> None:
    shelf = make()
    key, project = a_key(), a_project()
    shelf.keep(key, project)
    before, there = shown(project), weakref.ref(project)
    del project
    gc.collect()
    assert there() is not None and shelf.open(key) is there()
    shelf.flush()
    gc.collect()
    assert there() is None
    assert shown(shelf.open(key)) == before


def test_a_project_that_nobody_touched_makes_no_file(make: Make, folder: Path) -> None:
    shelf, project = make(), Project.fresh()
    assert shelf.keep(a_key(), project)
    shelf.flush()
    assert files(folder) == []
    project.add_class()
    shelf.flush()
    assert len(files(folder)) == 1


def test_a_new_project_takes_the_place_of_the_old_one_though_nobody_touched_it(make: Make) -> None:
    shelf = make()
    key, old = kept(shelf)
    del old
    gc.collect()
    shelf.keep(key, fresh := Project.fresh())
    assert shelf.open(key) is fresh
    shelf.flush()
    assert make().open(key).samples == ()


def test_only_the_project_that_was_kept_last_is_written(make: Make) -> None:
    shelf = make()
    key, old = kept(shelf)
    add(old, 1)
    shelf.keep(key, new := a_project(2, "new"))
    add(old, 1)
    shelf.flush()
    assert shown(make().open(key)) == shown(new)


def test_a_camera_adds_while_the_shelf_writes_and_nothing_is_lost(make: Make) -> None:
    shelf = make()
    key, project = a_key(), a_project(0)
    shelf.keep(key, project)
    camera = threading.Thread(target=add, args=(project, 300))
    camera.start()
    while camera.is_alive():
        shelf.flush()
    shelf.flush()
    assert shown(make().open(key)) == shown(project)


# nobody else's


def test_a_key_that_was_never_kept_finds_nothing(make: Make) -> None:
    shelf = make()
    key, project = kept(shelf)
    first, last = ("1" if digit == "0" else "0" for digit in (key[0], key[-1]))
    for other in (a_key(), key[:-1] + last, first + key[1:], key[::-1], hashlib.sha256(key.encode()).hexdigest()):
        assert shelf.open(other) is None and make().open(other) is None
    assert shelf.open(key) is project


def test_two_keys_never_share(make: Make) -> None:
    shelf = make()
    keys = [a_key() for _ in range(20)]
    projects = [shelf.open_or(key, lambda: a_project(2)) for key in keys]
    for n, project in enumerate(projects):
        project.rename(project.classes[0].id, f"of {n}")
    assert shelf.delete(keys[0])
    shelf.close()
    again = make()
    assert again.open(keys[0]) is None
    for n, (key, project) in enumerate(zip(keys, projects, strict=True)):
        if n:
            assert again.open(key).classes[0].name == f"of {n}" and shown(again.open(key)) == shown(project)


HOSTILE = [
    "",
    "a" * 63,
    "a" * 65,
    "A" * 64,
    "g" * 64,
    "a" * 64 + "\n",
    "\n" + "a" * 63,
    "../" * 21 + "a",
    "/etc/passwd",
    "a" * 61 + "/..",
    "a" * 63 + "\0",
    "\uff11" * 64,
    "%2e%2e%2f" * 7 + "a",
]


@pytest.mark.parametrize("key", [*HOSTILE, None, 5, b"a" * 64, ["a"] * 64, {"a": 1}], ids=lambda key: repr(key)[:30])
def test_a_key_of_another_form_is_nobodys(make: Make, folder: Path, key: str) -> None:
    shelf, project = make(), a_project()
    assert not shelf.keep(key, project)
    assert shelf.open(key) is None and shelf.error(key) is None
    fresh = shelf.open_or(key, a_project)
    assert shelf.open_or(key, a_project) is not fresh, "not even shared between two who say the same"
    shelf.delete(key)
    shelf.flush()
    assert list(folder.parent.parent.rglob("*")) == []


def test_what_is_in_the_folder_does_not_open_a_project(make: Make, folder: Path) -> None:
    shelf = make()
    key, _ = kept(shelf)
    (file,) = files(folder)
    assert key not in file.name and key.encode() not in file.read_bytes()
    assert shelf.open(file.stem) is None


# going


def test_a_deleted_project_is_gone_at_once(make: Make, folder: Path) -> None:
    shelf = make()
    key, project = kept(shelf)
    add(project, 1)
    assert shelf.delete(key)
    assert files(folder) == [] and shelf.open(key) is None
    shelf.flush()
    shelf.close()
    assert files(folder) == [] and make().open(key) is None


def test_no_other_tab_brings_a_deleted_project_back(make: Make) -> None:
    shelf = make()
    key, project = kept(shelf)
    shelf.delete(key)
    add(project, 1)
    assert not shelf.keep(key, project)
    assert shelf.keep(key, new := a_project(1))
    assert shelf.open(key) is new


def test_a_write_under_way_does_not_bring_a_deleted_project_back(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, key, project = make(), a_key(), a_project()
    shelf.keep(key, project)
    under_way, go_on, deleted = threading.Event(), threading.Event(), threading.Event()
    write = project_file.ProjectFile.write

    def slow_write(file: project_file.ProjectFile, project: Project) -> None:
        under_way.set()
        go_on.wait(120)
        write(file, project)

    monkeypatch.setattr(project_file.ProjectFile, "write", slow_write)
    writer = threading.Thread(target=shelf.flush)
    writer.start()
    assert under_way.wait(120)
    deleter = threading.Thread(target=lambda: (shelf.delete(key), deleted.set()))
    deleter.start()
    go_on.set()
    writer.join()
    deleter.join()
    assert deleted.is_set() and files(folder) == [] and shelf.open(key) is None
    shelf.flush()
    assert files(folder) == []


def test_nor_does_one_that_is_about_to_begin(make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, key, project = make(), a_key(), a_project()
    shelf.keep(key, project)
    monkeypatch.setattr(shelf, "_no_room_for", lambda name, project: None if shelf.delete(key) else "")
    shelf.flush()
    assert files(folder) == [] and shelf.open(key) is None


def test_what_nobody_opens_or_changes_is_forgotten(make: Make, folder: Path) -> None:
    keys = [left(make, samples) for samples in (1, 2)]
    for key, days in zip(keys, (0.9, 1.1), strict=True):
        age(folder, key, days * DAY_S)
    shelf = make()
    shelf.sweep()
    assert files(folder) == [path_of(folder, keys[0])]
    assert shelf.open(keys[1]) is None and len(shelf.open(keys[0]).samples) == 1


def test_a_started_server_sweeps_by_itself(make: Make, folder: Path, until: Until) -> None:
    key = left(make)
    age(folder, key, 2 * DAY_S)
    make()
    until(lambda: not files(folder))


def test_opening_begins_the_time_anew(make: Make, folder: Path) -> None:
    key = left(make)
    age(folder, key, 0.9 * DAY_S)
    make().open(key)
    assert path_of(folder, key).stat().st_mtime > time.time() - DAY_S / 2


def test_what_is_open_in_a_tab_is_not_forgotten(make: Make, folder: Path) -> None:
    shelf = make()
    key, project = kept(shelf)
    age(folder, key, 2 * DAY_S)
    shelf.sweep()
    assert shelf.open(key) is project and make().open(key) is not None
    del project
    gc.collect()
    age(folder, key, 2 * DAY_S)
    shelf.sweep()
    assert files(folder) == []


def test_a_sweep_leaves_what_is_not_ours(make: Make, folder: Path) -> None:
    left(make)
    for name in ("notes.txt", "short.project", "x" * 64 + ".project"):
        (folder / name).write_text("mine")
        os.utime(folder / name, (0, 0))
    make().sweep()
    assert len(files(folder)) == 4


def test_the_oldest_go_when_all_take_too_much(make: Make, folder: Path) -> None:
    keys = [left(make) for _ in range(4)]
    size = path_of(folder, keys[0]).stat().st_size
    for hours, key in enumerate(keys, 1):
        age(folder, key, hours * 3600)
    make(max_bytes=2 * size + size // 2).sweep()
    assert set(files(folder)) == {path_of(folder, key) for key in keys[:2]}


def test_a_project_makes_its_own_room(make: Make, folder: Path) -> None:
    keys = [left(make) for _ in range(2)]
    size = path_of(folder, keys[0]).stat().st_size
    age(folder, keys[0], 3600)
    shelf = make(max_bytes=2 * size + size // 2)
    new, project = kept(shelf)
    assert shelf.error(new) is None
    assert set(files(folder)) == {path_of(folder, key) for key in (keys[1], new)}
    assert project.samples


def test_open_projects_are_not_deleted_for_another_and_it_is_told_why_it_is_not_kept(make: Make, folder: Path) -> None:
    shelf = make()
    key, project = kept(shelf)
    shelf.max_bytes = path_of(folder, key).stat().st_size + 1000
    late, other = kept(shelf)
    assert "full" in (shelf.error(late) or "") and shelf.error(key) is None
    assert files(folder) == [path_of(folder, key)]
    assert shelf.open(key) is project and shelf.open(late) is other
    shelf.max_bytes = GB
    shelf.flush()
    assert shelf.error(late) is None and len(files(folder)) == 2


def test_none_takes_more_than_its_share_and_others_stay(make: Make, folder: Path) -> None:
    shelf = make()
    key, _ = kept(shelf)
    shelf.project_bytes = 8_000
    large, _ = kept(shelf, samples=12)
    assert "larger" in (shelf.error(large) or "") and files(folder) == [path_of(folder, key)]
    small, _ = kept(shelf, samples=2)
    assert shelf.error(small) is None and len(files(folder)) == 2


def test_with_no_time_to_keep_nothing_is_kept_and_what_there_was_goes(make: Make, folder: Path) -> None:
    key, project = left(make), a_project()
    shelf = make(keep_s=0)
    assert not shelf.keep(key, project) and shelf.open(key) is None
    assert shelf.open_or(key, a_project) is not project
    shelf.sweep()
    shelf.flush()
    assert files(folder) == []


# what goes wrong


def test_a_damaged_file_is_as_none(make: Make, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = left(make)
    path_of(folder, key).write_bytes(b"SQLite format 3\0" + bytes(100))
    shelf = make()
    assert shelf.open(key) is None
    assert "damaged" in caplog.text and files(folder) == []
    assert shelf.keep(key, project := a_project())
    shelf.flush()
    assert shown(make().open(key)) == shown(project)


def test_a_file_that_another_process_begins_to_write_is_left_to_it(make: Make, folder: Path) -> None:
    key = a_key()
    folder.mkdir(parents=True)
    path_of(folder, key).touch()
    assert make().open(key) is None and files(folder) == [path_of(folder, key)]


def test_where_nothing_can_be_written_the_page_goes_on_and_says_so(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a file").write_text("no folder")
    shelf = make(in_folder=tmp_path / "a file" / "projects")
    key, project = kept(shelf)
    shelf.flush()
    shelf.sweep()
    words = shelf.error(key) or ""
    assert "does not keep" in words and "Save the project as a file" in words and str(tmp_path) not in words
    assert caplog.text.count("could not be saved") == 1, "it is logged once"
    assert shelf.open(key) is project and shelf.open(a_key()) is None
    (tmp_path / "a file").unlink()
    shelf.flush()
    assert shelf.error(key) is None and shown(make(in_folder=shelf._folder.path).open(key)) == shown(project)


def test_the_background_goes_on_after_a_bug(
    make: Make, folder: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.01)
    monkeypatch.setattr("models.teachable.keep.autosave.QUIET_S", 0.0)
    write, bugs = project_file.ProjectFile.write, iter([RuntimeError("a bug")])

    def buggy(file: project_file.ProjectFile, project: Project) -> None:
        for bug in bugs:
            raise bug
        write(file, project)

    monkeypatch.setattr(project_file.ProjectFile, "write", buggy)
    project = a_project()
    make().keep(a_key(), project)
    until(lambda: files(folder))


def test_projects_have_a_folder_of_their_own() -> None:
    assert default_folder().name == "projects" and "limelight" in default_folder().parts
