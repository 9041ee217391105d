"""A project is held while it is to be written, and written when it rests, or after a while in any case."""

import errno
import gc
import sqlite3
import weakref
from itertools import pairwise
from pathlib import Path

import pytest

from models.teachable.keep.autosave import MAX_HOLD_S, MAX_WAIT_S, QUIET_S, RETRY_S, Autosave, state_of, words_for
from models.teachable.keep.project_file import ProjectFile
from models.teachable.project import Project

FILE = ProjectFile(Path("nowhere"))


def linked(project: Project) -> Autosave:
    """As it is in its file, and looked at."""
    link = Autosave(project, FILE, state_of(project))
    assert link.inspect(0.0)
    return link


def test_what_nobody_changes_is_never_due() -> None:
    link = linked(project := Project.fresh())
    assert link.inspect(1e6) and not link.is_unwritten and not link.is_due(1e6)
    assert link.project is project


def test_it_is_due_once_it_rests() -> None:
    link = linked(project := Project.fresh())
    project.add_class()
    link.inspect(10.0)
    assert link.is_unwritten and not link.is_due(10.0 + QUIET_S - 0.01)
    assert link.is_due(10.0 + QUIET_S)


def test_it_does_not_wait_for_ever_for_a_rest() -> None:
    link = linked(project := Project.fresh())
    due = []
    for tick in range(30):  # a camera records
        project.rename(project.classes[0].id, f"name {tick}")
        now = 10.0 + tick / 2
        link.inspect(now)
        if link.is_due(now):
            due.append(now)
            link.wrote(state_of(project), now)
    assert due[0] == 10.0 + MAX_WAIT_S and len(due) >= 2 and all(b - a >= MAX_WAIT_S for a, b in pairwise(due))


def test_what_changed_while_it_was_written_is_written_next_time() -> None:
    link = linked(project := Project.fresh())
    project.add_class()
    link.inspect(1.0)
    state = state_of(project)
    project.add_class()
    link.wrote(state, 4.0)
    link.inspect(4.5)
    assert link.is_unwritten and link.is_due(4.5 + QUIET_S)


@pytest.mark.parametrize("change", ["name", "refused", "trained"])
def test_what_counts_no_change_is_seen_too(change: str) -> None:
    link = linked(project := Project.fresh())
    setattr(project, change, "x" if change == "name" else 5)
    link.inspect(1.0)
    assert link.is_unwritten


def test_it_is_held_until_it_is_written_and_not_longer() -> None:
    project = Project.fresh()
    link, there = linked(project), weakref.ref(project)
    project.add_class()
    link.inspect(1.0)
    state = state_of(project)
    del project
    gc.collect()
    assert there() is not None
    link.wrote(state, 2.0)
    gc.collect()
    assert there() is None and link.project is None and not link.inspect(3.0)


def test_a_failure_is_told_and_tried_again_later() -> None:
    link = linked(project := Project.fresh())
    project.add_class()
    link.inspect(1.0)
    link.failed("full", 10.0)
    assert link.error == "full" and not link.is_due(10.0 + RETRY_S - 0.01) and link.is_due(10.0 + RETRY_S)
    link.wrote(state_of(project), 50.0)
    assert not link.error and not link.is_unwritten


def test_what_cannot_be_written_is_not_held_for_ever_but_tried_while_somebody_has_it() -> None:
    project = Project.fresh()
    link, there = linked(project), weakref.ref(project)
    project.add_class()
    link.inspect(1.0)
    link.failed("full", 2.0)
    link.failed("full", 500.0)
    link.inspect(2.0 + MAX_HOLD_S + 1)
    assert link.is_due(2.0 + MAX_HOLD_S + 1)
    del project
    gc.collect()
    assert there() is None


def test_a_full_disk_and_a_closed_one_are_told_apart() -> None:
    with sqlite3.connect(":memory:") as db:
        db.execute("PRAGMA max_page_count = 3")
        db.execute("CREATE TABLE t (a)")
        with pytest.raises(sqlite3.OperationalError) as full:
            db.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert "disk is full" in words_for(full.value)
    assert "disk is full" in words_for(OSError(errno.ENOSPC, "no space"))
    assert "can't write" in words_for(OSError(errno.EACCES, "denied"))
    assert "can't write" in words_for(sqlite3.OperationalError("unable to open database file"))
