"""A server that nobody visits: what has expired is deleted all the same, from before its start and from since."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models.rooms.store import RoomStore
from models.teachable.keep.shelf import Shelf
from models.teachable.project import Project
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.models.rooms.test_store import ANNA, samples

PATIENCE_S = 60
LATER_S = 6.0  # a server is up by then; it looks for what has expired every ten seconds


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up, "it is still there"
        time.sleep(0.2)


@pytest.mark.parametrize("rooms_hours", ["8", "0"], ids=["rooms on", "rooms switched off since"])
def test_what_has_expired_goes_without_a_visitor(tmp_path: Path, rooms_hours: str) -> None:
    url, projects = f"sqlite:///{tmp_path / 'rooms.sqlite'}", tmp_path / "projects"
    store = RoomStore(url, LATER_S)
    later = store.open()
    store.add(store.join(later.code, ANNA), samples(1))
    earlier = RoomStore(url, 3600, clock=lambda: time.time() - 7200)
    earlier.open()
    lasting = RoomStore(url, 3600).open()
    shelf = Shelf(projects, 3600, 10**9)
    shelf.keep("a" * 64, Project.fresh())
    shelf.open_or("a" * 64, Project.fresh).call("Mine")
    shelf.close()
    (file,) = projects.iterdir()
    os.utime(file, (time.time() - 7200,) * 2)
    environment = {"LIMELIGHT_ROOMS_HOURS": rooms_hours, "LIMELIGHT_ROOMS_URL": url}
    environment |= {"LIMELIGHT_PROJECT_FOLDER": str(projects), "LIMELIGHT_PROJECT_HOURS": "1"}
    with Server(TARGETS["app"], environment):
        wait_until(lambda: [room.code for room in earlier.rooms()] == [lasting.code])
        wait_until(lambda: not file.exists())
    assert not (tmp_path / "rooms.sqlite-wal").exists() or not (tmp_path / "rooms.sqlite-wal").stat().st_size
