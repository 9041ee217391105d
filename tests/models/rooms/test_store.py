"""Rooms, on SQLite and on PostgreSQL alike: joining, pooling, taking out, expiring; what is acknowledged stays."""

import contextlib
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from models.errors import BadInput, RoomsDown
from models.pictures.images import to_jpeg
from models.rooms import codes, pool
from models.rooms.records import Member, Room
from models.rooms.store import MAX_BYTES, RoomStore
from models.teachable.classes import MAX_CLASSES
from tests.bench import REPO

ANNA, BERT = "a" * 64, "b" * 64


def picture(seed: int = 0) -> bytes:
    return to_jpeg(np.random.default_rng(seed).integers(0, 255, (24, 24, 3), dtype=np.uint8))


def samples(count: int, label: str = "Cup", first: int = 0) -> list[tuple[str, str, bytes]]:
    return [(f"{label} {n}", label, picture(n)) for n in range(first, first + count)]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rooms.sqlite'}"
        return
    address = request.getfixturevalue("postgres")
    yield address
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE rooms, members, samples RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture
def clock() -> dict[str, float]:
    return {"now": 1_000_000.0}


@pytest.fixture
def open_store(url: str, clock: dict[str, float]) -> Iterator[Callable[..., RoomStore]]:
    stores: list[RoomStore] = []

    def open_(**options: object) -> RoomStore:
        stores.append(RoomStore(url, 3600, clock=lambda: clock["now"], **options))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., RoomStore]) -> RoomStore:
    return open_store()


@pytest.fixture
def room(store: RoomStore) -> Room:
    return store.open()


def test_people_join_by_the_code_however_it_is_typed(store: RoomStore, room: Room) -> None:
    typed = f" {room.code[:3].lower()}-{room.code[3:].lower()} "
    anna, bert = store.join(typed, ANNA, "  Anna\n<b> "), store.join(room.code, BERT)
    assert (anna.title, bert.title) == ("Anna <b> (1)", "Member 2")
    again = store.join(room.code, ANNA)
    assert again == anna, "who is in already stays who they are"
    assert store.membership(ANNA) == anna and store.membership("c" * 64) is None


@pytest.mark.parametrize("wrong", ["", "XXXXXX", "' OR 1=1 --", "%", "\0", "A" * 10_000])
def test_a_wrong_code_opens_nothing(store: RoomStore, room: Room, wrong: str) -> None:
    with pytest.raises(BadInput, match="no room of that code"):
        store.join(wrong, ANNA)


def test_everybodys_samples_become_one_project_by_the_names_of_classes(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT)
    store.add(anna, samples(3, "Cup") + samples(2, "Cat", 10))
    store.add(bert, samples(4, "cup", 20))
    project = store.pooled(room)
    assert {one.name: len(one.samples) for one in project.classes} == {"Cup": 7, "Cat": 2}
    assert {s.jpeg for s in project.samples} == {picture(n) for n in (0, 1, 2, 10, 11, 20, 21, 22, 23)}
    assert [len({s.recording for s in one.samples}) for one in project.classes] == [2, 1], "a member is a recording"
    assert project.name == f"Room {room.code}" and project.kind.name == "pictures"
    assert [(share.member.id, share.samples) for share in store.shares(room)] == [
        (anna.id, {"Cat": 2, "Cup": 3}),
        (bert.id, {"cup": 4}),
    ] or store.shares(room)[0].samples == {"Cup": 3, "Cat": 2}


def test_names_that_look_the_same_are_one_class_of_the_room(store: RoomStore, room: Room) -> None:
    for number, label in enumerate(("café", "cafe\u0301", "CAFÉ", "👩‍🏫", "👩‍🏫" * 40)):
        store.add(store.join(room.code, f"{number}" * 64), [(f"key{number}", label, picture())])
    pooled = store.pooled(room)
    assert {one.name: len(one.samples) for one in pooled.classes} == {"café": 3, "👩‍🏫": 1, "👩‍🏫" * 13: 1}


def test_all_who_open_a_room_have_the_same_pictures_in_memory(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT)
    store.add(anna, samples(3) + samples(2, "Cat"))
    store.add(bert, samples(2))
    first, second = store.pooled(room), store.pooled(room)
    assert first is not second and set(map(id, first.samples)) == set(map(id, second.samples))
    first.looked_at(first.samples[0], np.ones(first.kind.size, np.float32))
    assert second.samples[0].features is not None, "one computes them for all"
    first.delete([first.samples[0].key])
    first.rename(first.classes[0].id, "Mug")
    assert len(second.samples) == 7 and second.classes[0].name == "Cup", "changes are one's own"
    store.withhold(anna, ["Cup 1"])
    store.add(bert, samples(1, first=9))
    third = store.pooled(room)
    assert len(set(map(id, third.samples)) & set(map(id, second.samples))) == 6 and len(third.samples) == 7
    assert {s.jpeg for s in third.samples} == {picture(n) for n in (0, 1, 2, 9)} and len(third.find("Cup").samples) == 5
    alive = [weakref.ref(sample) for sample in third.samples]
    del first, second, third
    gc.collect()
    assert not any(sample() for sample in alive), "nothing is held once the last has closed it"


def test_a_picture_in_the_place_of_another_is_not_taken_for_it(store: RoomStore, room: Room) -> None:
    def of_one_size(seed: int) -> bytes:
        return picture(seed).ljust(3000, b"\0")

    anna = store.join(room.code, ANNA)
    store.add(anna, [("k", "Cup", of_one_size(1))])
    before = store.pooled(room)
    store.remove(anna, "Cup")
    store.add(anna, [("k", "Cup", of_one_size(2))])
    assert [s.jpeg for s in (*before.samples, *store.pooled(room).samples)] == [of_one_size(1), of_one_size(2)]


def test_a_room_of_more_than_one_query_is_whole_and_in_order(
    store: RoomStore, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "CHUNK", 2)
    store.add(store.join(room.code, ANNA), samples(7))
    assert [s.jpeg for s in store.pooled(room).samples] == [picture(n) for n in range(7)]


def test_sending_again_keeps_one(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT)
    sent = samples(3)
    assert store.add(anna, sent) == store.add(anna, sent) == {key for key, _, _ in sent}
    assert store.add(anna, [*sent, *sent, *samples(1, first=3)]) >= {"Cup 3"}
    assert store.shares(room)[0].count == 4
    store.add(bert, sent)
    assert store.shares(room)[1].count == 3, "another member's key is another key"


def test_one_takes_out_ones_own_and_nobody_elses(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT)
    store.add(anna, samples(3) + samples(2, "Cat"))
    store.add(bert, samples(2))
    assert store.remove(anna, "Cat") == 2 and store.keys(anna) == {"Cup 0", "Cup 1", "Cup 2"}
    store.leave(anna)
    assert store.membership(ANNA) is None and store.keys(bert) == {"Cup 0", "Cup 1"}
    assert [share.member.id for share in store.shares(room)] == [bert.id]
    with pytest.raises(BadInput, match="no longer in this room"):
        store.add(anna, samples(1))


def test_who_does_not_share_puts_nothing_in_whatever_a_page_still_believes(store: RoomStore, room: Room) -> None:
    anna = store.join(room.code, ANNA)
    store.add(anna, samples(2))
    store.set_sharing(anna, False)
    store.remove(anna, "Cup")
    assert anna.sharing and store.add(anna, samples(3)) == set() and store.keys(anna) == set()
    store.set_sharing(anna, True)
    store.add(anna, samples(3))
    assert store.share(anna).count == 3, "what is taken out with its class comes back when it is shared again"


def test_what_was_taken_out_one_by_one_stays_out_after_leaving_and_joining(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT)
    store.add(anna, samples(3))
    store.withhold(anna, ["Cup 1"])
    for _ in range(2):
        store.leave(anna)
        anna = store.join(room.code, ANNA)
        assert store.keys(anna) == {"Cup 1"}, "it need not be sent"
        store.add(anna, samples(3))
        assert [key for key, _ in store.pictures(anna, None, 9)] == ["Cup 2", "Cup 0"]
    store.add(anna, [("another key", "Cup", picture(1))])
    assert store.share(anna).count == 2, "the same picture under another key"
    assert "another key" in store.keys(anna)
    other = store.open()
    for member, count in ((bert, 3), (store.join(other.code, ANNA), 3)):
        store.add(member, samples(3))
        assert store.share(member).count == count, "in another room, and for others, it is a picture like any other"


def test_who_was_taken_out_stays_out_until_let_in(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA, "Anna"), store.join(room.code, BERT, "Bert")
    store.add(bert, samples(2))
    store.expel(bert)
    assert store.share(bert) is None and store.pictures(bert, None, 9) == [] and store.membership(BERT) is None
    for name in ("", "Bert", "Anna"):
        with pytest.raises(BadInput, match="took you out"):
            store.join(room.code, BERT, name)
    with pytest.raises(BadInput, match="no longer in this room"):
        store.add(bert, samples(1))
    assert store.expelled(room) == {bert.number: "Bert"}
    assert store.join(store.open().code, BERT), "of this room only"
    store.let_in(room, anna.number)
    assert store.expelled(room) == {bert.number: "Bert"}, "that was somebody else's number"
    store.let_in(room, bert.number)
    assert store.expelled(room) == {} and store.join(room.code, BERT).number == bert.number


def test_a_number_is_one_persons_for_good(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT, "Bert")
    store.leave(bert)
    mallory = store.join(room.code, "c" * 64, "Bert")
    assert mallory.number == 3, "not the number of the Bert who left"
    bert = store.join(room.code, BERT, "Bert")
    assert (anna.number, bert.number) == (1, 2) and bert.title != mallory.title


def test_marks_of_an_earlier_version_are_taken_over(open_store: Callable[..., RoomStore], url: str) -> None:
    store = open_store()
    anna = store.join(store.open().code, ANNA)
    store.add(anna, samples(2))
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE samples SET size = 0, jpeg = '' WHERE key = 'Cup 1'"))
    store = open_store()
    assert [key for key, _ in store.pictures(anna, None, 9)] == ["Cup 0"] and store.keys(anna) == {"Cup 0", "Cup 1"}
    store.add(anna, samples(2))
    assert store.share(anna).count == 1


def test_one_picture_is_taken_out_and_does_not_come_back(store: RoomStore, room: Room, url: str) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT)
    store.add(anna, samples(3) + samples(1, "Cat"))
    store.add(bert, samples(3))
    assert store.withhold(anna, ["Cup 1", "Cup 9"]) == 1 and store.withhold(anna, ["Cup 1"]) == 0
    assert store.withhold(bert, ["Cat 0"]) == 0, "it is Anna's"
    store.add(anna, samples(3))
    assert [key for key, _ in store.pictures(anna, "Cup", 9)] == ["Cup 2", "Cup 0"]
    assert store.share(anna).samples == {"Cup": 2, "Cat": 1} and store.shares(room)[0] == store.share(anna)
    assert sum(len(one.samples) for one in store.pooled(room).classes) == 6
    with create_engine(url).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM samples WHERE length(jpeg) > 0")) == 6
    assert store.remove(anna, "Cup") == 2 and store.share(bert).count == 3
    store.add(anna, samples(3))
    assert [key for key, _ in store.pictures(anna, "Cup", 9)] == ["Cup 2", "Cup 0"], "nor with its whole class"


def test_ones_pictures_are_seen_the_newest_first(store: RoomStore, room: Room) -> None:
    anna, bert = store.join(room.code, ANNA), store.join(room.code, BERT)
    store.add(anna, samples(2) + samples(1, "Cat"))
    store.add(bert, samples(1, "Dog"))
    assert store.pictures(anna, None, 2) == [("Cat 0", picture(0)), ("Cup 1", picture(1))]
    assert store.pictures(anna, "Dog", 9) == []
    store.leave(anna)
    assert store.share(anna) is None and store.pictures(anna, None, 9) == []


def test_who_reads_waits_for_no_writer(store: RoomStore, room: Room, url: str) -> None:
    store.add(store.join(room.code, ANNA), samples(2))
    with create_engine(url).connect() as writer:
        if writer.dialect.name == "sqlite":
            writer.connection.driver_connection.isolation_level = None
            writer.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            writer.execute(text("LOCK TABLE samples IN EXCLUSIVE MODE"))
        assert store.shares(room)[0].count == 2


def test_a_room_ends_with_everything_in_it(store: RoomStore, room: Room, url: str) -> None:
    other = store.open()
    store.add(store.join(room.code, ANNA), samples(2))
    store.end(room)
    assert store.membership(ANNA) is None and store.rooms() == [other]
    with create_engine(url).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM samples")) == 0
        assert connection.scalar(text("SELECT count(*) FROM members")) == 0


def test_a_room_expires(store: RoomStore, room: Room, clock: dict[str, float]) -> None:
    store.join(room.code, ANNA)
    clock["now"] += 3599
    assert store.membership(ANNA) and store.rooms() == [room]
    clock["now"] += 1
    assert store.membership(ANNA) is None
    with pytest.raises(BadInput):
        store.join(room.code, BERT)
    assert store.rooms() == []


def test_what_is_no_picture_is_left_out_and_the_rest_is_kept(store: RoomStore, room: Room) -> None:
    anna = store.join(room.code, ANNA)
    bad = [("b1", "Cup", b"\xff\xd8garbage"), ("b2", "Cup", b""), ("b3", "Cup", b"x" * (MAX_BYTES + 1))]
    nameless = [("b4", " \n ", picture())]
    assert store.add(anna, [*bad, *nameless, *samples(1)]) == {"Cup 0"}
    assert store.keys(anna) == {"Cup 0"}


def test_limits_keep_all_of_a_batch_or_nothing(open_store: Callable[..., RoomStore]) -> None:
    store = open_store(most_bytes=10 * len(picture()))
    room = store.open()
    anna = store.join(room.code, ANNA)
    with pytest.raises(BadInput, match="room is full"):
        store.add(anna, samples(30))
    assert not store.keys(anna)
    roomy = open_store()
    with pytest.raises(BadInput, match=f"{MAX_CLASSES} classes"):
        roomy.add(anna, [(str(n), f"Class {n}", picture()) for n in range(MAX_CLASSES + 1)])
    assert not store.keys(anna)


def test_nothing_in_the_database_lets_one_pass_for_somebody_else(store: RoomStore, room: Room, url: str) -> None:
    store.join(room.code, ANNA)
    with create_engine(url).connect() as connection:
        (kept,) = connection.scalars(text("SELECT browser FROM members"))
    assert kept == codes.hidden(ANNA) and ANNA not in kept
    assert store.membership(kept) is None, "the hash is no key"


def test_all_who_send_at_once_are_held_to_the_rooms_size(open_store: Callable[..., RoomStore]) -> None:
    batch = samples(4)
    store = open_store(most_bytes=sum(len(jpeg) for _, _, jpeg in batch))
    for _ in range(3):
        room = store.open()
        members = [store.join(room.code, f"{number:064x}") for number in range(6)]
        together = threading.Barrier(len(members))

        def send(member: Member, together: threading.Barrier = together) -> None:
            together.wait()
            with contextlib.suppress(BadInput):  # it is full for all but one
                store.add(member, batch)

        threads = [threading.Thread(target=send, args=(member,)) for member in members]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(share.count for share in store.shares(room)) == len(batch)


def test_many_write_at_the_same_time(store: RoomStore, room: Room) -> None:
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            member = store.join(room.code, f"{number:064x}")
            for start in range(0, 12, 4):
                store.add(member, samples(4, first=start))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    shares = store.shares(room)
    assert sorted(share.member.number for share in shares) == [1, 2, 3, 4, 5, 6]
    assert all(share.count == 12 for share in shares)


def test_what_was_acknowledged_survives_kill_nine(url: str, room: Room, store: RoomStore) -> None:
    code = f"""
import sys
from models.rooms.store import RoomStore
from tests.models.rooms.test_store import samples
store = RoomStore({url!r}, 3600, clock=lambda: 1_000_000.0)
member = store.join({room.code!r}, "d" * 64)
for number in range(10_000):
    for key in store.add(member, samples(1, first=number)):
        print(key, flush=True)
"""
    writer = subprocess.Popen([sys.executable, "-c", code], cwd=REPO, stdout=subprocess.PIPE, text=True)
    acknowledged = [writer.stdout.readline().strip() for _ in range(25)]
    writer.kill()
    acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    member = store.membership("d" * 64)
    assert set(acknowledged) <= store.keys(member)
    assert store.add(member, samples(30)), "the database is not locked"


def test_codes_are_hard_to_guess_and_easy_to_read() -> None:
    drawn = {codes.new_code() for _ in range(1000)}
    assert len(drawn) == 1000 and not set("".join(drawn)) & set("0O1IL")
    assert all(len(code) == 6 for code in drawn)


@pytest.mark.parametrize("wrong", ["nonsense", "postgresql+psycopg://nobody@127.0.0.1:9/none", "mysql://x/y"])
def test_a_database_that_cannot_be_reached_is_said_in_words_without_its_password(wrong: str) -> None:
    with pytest.raises(RoomsDown, match="LIMELIGHT_ROOMS_URL") as error:
        RoomStore(wrong, 3600)
    assert "nobody" not in str(error.value)


def test_a_database_that_goes_away_is_said_in_words(tmp_path: Path) -> None:
    store = RoomStore(f"sqlite:///{tmp_path / 'rooms.sqlite'}", 3600)
    with create_engine(f"sqlite:///{tmp_path / 'rooms.sqlite'}").begin() as connection:
        connection.execute(text("DROP TABLE members"))
    with pytest.raises(RoomsDown, match="sent again by itself"):
        store.membership(ANNA)
    store.close()
