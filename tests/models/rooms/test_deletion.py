"""What is deleted from a room is gone from the disk: not a piece of a picture is left in the database's files, also
when the server is killed at once."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from models.pictures.images import to_jpeg
from models.rooms.records import Member, Room
from models.rooms.store import RoomStore
from models.rooms.tables import Base
from tests.bench import REPO
from tests.models.rooms.test_store import ANNA, BERT

PIECE = 24  # bytes; a picture's first 700 are tables that all JPEGs share
SIDES = 24, 60, 170  # pixels: pictures that fit into a page of the database with others, alone, and not at all

Way = Callable[[RoomStore, Room, Member, dict[str, float]], object]


def picture(number: int) -> bytes:
    side = SIDES[number % len(SIDES)]
    return to_jpeg(np.random.default_rng(number).integers(0, 255, (side, side, 3), dtype=np.uint8))


def samples(count: int, first: int = 0) -> list[tuple[str, str, bytes]]:
    return [(f"Cup {n}", "Cup", picture(n)) for n in range(first, first + count)]


def expires(store: RoomStore, room: Room, member: Member, clock: dict[str, float]) -> None:
    clock["now"] += 3600
    store.sweep()


WAYS: dict[str, Way] = {
    "its end": lambda store, room, member, clock: store.end(room),
    "its time": expires,
    "leaving": lambda store, room, member, clock: store.leave(member),
    "removed": lambda store, room, member, clock: store.expel(member),
    "a class": lambda store, room, member, clock: store.remove(member, "Cup"),
    "one by one": lambda store, room, member, clock: store.withhold(member, [f"Cup {n}" for n in range(40)]),
}


def left_of(jpegs: list[bytes], folder: Path) -> int:
    """How many pieces of these pictures are in the folder's files."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    pieces = {jpeg[at : at + PIECE] for jpeg in jpegs for at in range(700, len(jpeg) - PIECE, len(jpeg) // 20)}
    assert len(pieces) > 5 * len(jpegs)
    return sum(piece in content for piece in pieces for content in files)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_a_picture_is_left_in_the_files(tmp_path: Path, way: str) -> None:
    clock = {"now": 1_000_000.0}
    store = RoomStore(f"sqlite:///{tmp_path / 'rooms.sqlite'}", 3600, clock=lambda: clock["now"])
    room, kept = store.open(), RoomStore(f"sqlite:///{tmp_path / 'rooms.sqlite'}", 9e9, clock=lambda: 1_000_000.0)
    anna, bert = store.join(room.code, ANNA), store.join(kept.open().code, BERT)
    mine, others = samples(40), samples(5, first=40)
    store.add(anna, mine)
    store.add(bert, others)
    gone, stay = [jpeg for _, _, jpeg in mine], [jpeg for _, _, jpeg in others]
    assert left_of(gone, tmp_path)
    WAYS[way](store, room, anna, clock)
    assert left_of(gone, tmp_path) == 0  # with the database open, as a kill −9 would leave it
    assert left_of(stay, tmp_path) and kept.share(bert).count == 5


def test_nothing_is_left_after_a_room_ended_and_the_server_was_killed(tmp_path: Path) -> None:
    code = f"""
import time
from models.rooms.store import RoomStore
from tests.models.rooms.test_deletion import samples
store = RoomStore("sqlite:///{tmp_path / "rooms.sqlite"}", 3600)
room = store.open()
store.add(store.join(room.code, "d" * 64), samples(30))
print("there", flush=True); input()
store.end(room)
print("ended", flush=True); time.sleep(60)
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "there\n"
        jpegs = [jpeg for _, _, jpeg in samples(30)]
        assert left_of(jpegs, tmp_path)
        server.stdin.write("\n")
        server.stdin.flush()
        assert server.stdout.readline() == "ended\n"
        server.kill()
    assert left_of(jpegs, tmp_path) == 0


def test_one_who_reads_meanwhile_only_delays_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RoomStore(f"sqlite:///{tmp_path / 'rooms.sqlite'}", 3600)
    room = store.open()
    store.add(store.join(room.code, ANNA), samples(10))
    jpegs = [jpeg for _, _, jpeg in samples(10)]
    with sqlite3.connect(tmp_path / "rooms.sqlite", isolation_level=None) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM samples").fetchone() == (10,)
        store.end(room)
        assert left_of(jpegs, tmp_path), "the reader still sees it"
        reader.execute("COMMIT")
    store.sweep()
    assert left_of(jpegs, tmp_path) == 0


def test_what_an_earlier_version_deleted_without_overwriting_it_goes_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "rooms.sqlite"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    with engine.begin() as old:
        old.execute(text("INSERT INTO rooms VALUES (1, 'AAAAAA', 'pictures', 1, 9e9)"))
        old.execute(text("INSERT INTO members VALUES (1, 1, 'x', 1, '', 1)"))
        for number in range(20):
            row = {"n": number, "jpeg": picture(number)}
            old.execute(text("INSERT INTO samples VALUES (:n, 1, 1, :n, 'Cup', 9, :jpeg)"), row)
    with engine.begin() as old:
        old.execute(text("PRAGMA secure_delete = OFF"))
        old.execute(text("DELETE FROM samples WHERE id < 15"))
    engine.dispose()
    gone = [picture(number) for number in range(15)]
    assert left_of(gone, tmp_path)
    store = RoomStore(f"sqlite:///{file}", 3600)
    assert left_of(gone, tmp_path) == 0
    assert store.rooms()[0].code == "AAAAAA" and left_of([picture(17)], tmp_path)


@pytest.mark.parametrize("was_there", [False, True])
def test_only_the_servers_user_can_read_the_files(tmp_path: Path, was_there: bool) -> None:
    file = tmp_path / "new" / "rooms.sqlite"
    before = os.umask(0)
    try:
        if was_there:  # of an earlier version, killed
            file.parent.mkdir(mode=0o700)
            for name in ("rooms.sqlite", "rooms.sqlite-wal", "rooms.sqlite-shm"):
                (file.parent / name).touch(0o666)
        store = RoomStore(f"sqlite:///{file}", 3600)
        store.add(store.join(store.open().code, ANNA), samples(1))
        modes = {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert modes == dict.fromkeys(("rooms.sqlite", "rooms.sqlite-wal", "rooms.sqlite-shm"), 0o600)


def test_postgresql_is_vacuumed(postgres: str) -> None:
    store = RoomStore(postgres, 3600)
    room = store.open()
    store.add(store.join(room.code, ANNA), samples(30))
    store.sweep()
    engine = create_engine(postgres)
    with engine.connect() as connection:
        size = text("SELECT pg_relation_size('samples')")
        assert connection.scalar(size) > 0
        connection.rollback()
        store.end(room)
        store.sweep()
        assert connection.scalar(size) == 0, "dead rows are cleared away and the file is cut short"
    engine.dispose()
    store.close()
