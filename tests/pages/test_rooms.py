"""Rooms on the pages: joining, sharing, taking out, the presenter's part; in a real database of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Toggle

from components.hosting.house import house
from components.rooms import shared
from components.teachable import desk
from components.teachable.gallery import Change
from components.teachable.shared import shelf
from models.pictures.images import to_jpeg
from models.rooms.records import Room
from models.rooms.store import RoomStore
from models.settings import settings
from models.teachable.project import Project
from tests.pages.teaching_visitor import Galleries, Teacher
from tests.pages.visit import opened, ran, said, sample

ANNA, BERT = "a" * 64, "b" * 64
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def with_rooms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("LIMELIGHT_ROOMS_HOURS", "8")
    monkeypatch.setenv("LIMELIGHT_ROOMS_URL", f"sqlite:///{tmp_path / 'rooms.sqlite'}")
    monkeypatch.setenv("LIMELIGHT_PRESENTER_PASSWORD", PASSWORD)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Whose browser it is from now on."""
    return lambda key: monkeypatch.setattr(desk, "browser_key", lambda: key)


@pytest.fixture
def room() -> Room:
    return store().open()


def store() -> RoomStore:
    return shared.rooms()


def sharing(visitor: Teacher) -> Toggle:
    (toggle,) = (one for one in visitor.at.toggle if one.key and one.key.startswith("room/sharing"))
    return toggle


def cups(count: int = 3, name: str = "Cup") -> Project:
    project = Project.fresh("pictures", [name, "Cat"])
    for number in range(count):
        picture = sample("coffee")[number * 4 : 200 + number * 4, :200].copy()
        project.add(project.find(name).id, to_jpeg(picture))
    return project


def joins(visitor: Teacher, code: str, name: str = "") -> None:
    visitor.at.text_input(key="room/code").set_value(code)
    visitor.at.text_input(key="room/name").set_value(name)
    ran(next(b for b in visitor.at.button if b.label == "Join and share my samples").click().run())
    visitor.looks()


def presenter() -> AppTest:
    at = opened("console")
    at.text_input[0].set_value(PASSWORD)
    return ran(at.button[0].click().run())


def test_where_no_room_is_open_nothing_speaks_of_rooms(teacher: Callable[..., Teacher], browser: Any) -> None:
    browser(ANNA)
    assert "room" not in " ".join(e.label for e in teacher(cups()).at.expander).lower()


def test_with_rooms_off_a_link_to_one_changes_nothing(
    teacher: Callable[..., Teacher], browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMELIGHT_ROOMS_HOURS", "0")
    settings.cache_clear()
    browser(ANNA)
    assert not teacher(cups(), room="ABCDEF").at.expander


def test_a_link_fills_the_code_in_but_joining_is_a_press_after_being_told(
    teacher: Callable[..., Teacher], browser: Any, room: Room
) -> None:
    browser(ANNA)
    visitor = teacher(cups(), room=room.code)
    assert visitor.at.text_input(key="room/code").value == room.code
    assert "pictures and the names" in said(visitor.at) and "take yours out at any time" in said(visitor.at)
    assert store().membership(ANNA) is None and store().shares(room) == []


def test_ones_samples_go_to_the_room_and_so_do_those_to_come(
    teacher: Callable[..., Teacher], browser: Any, room: Room
) -> None:
    browser(ANNA)
    visitor = teacher(cups(3))
    joins(visitor, room.code.lower(), "Anna *b*")
    assert "3 samples of yours** are in the room" in said(visitor.at) and "Anna \\*b\\*" in said(visitor.at)
    visitor.project.add(visitor.named("Cat").id, to_jpeg(sample("cat")[:100, :100].copy()))
    visitor.looks()
    assert store().shares(room)[0].samples == {"Cat": 1, "Cup": 3}


def test_one_comes_back_into_the_room_and_nobody_else_does(
    teacher: Callable[..., Teacher], browser: Any, room: Room
) -> None:
    browser(ANNA)
    joins(teacher(cups()), room.code)
    again = teacher()  # a reload, or a server that was started again
    assert f"Room {room.code}" in said(again.at)
    browser(BERT)
    assert "you are" not in said(teacher(cups()).at)


def test_a_class_is_taken_out_and_stays_out(teacher: Callable[..., Teacher], browser: Any, room: Room) -> None:
    browser(ANNA)
    visitor = teacher(cups())
    joins(visitor, room.code)
    visitor.presses("room/out Cup")
    visitor.looks()
    assert store().shares(room)[0].count == 0 and "0 samples of yours" in said(visitor.at)
    assert visitor.counts["Cup"] == 3, "one's own project keeps them"


def test_a_second_tab_stops_sharing_with_the_first(teacher: Callable[..., Teacher], browser: Any, room: Room) -> None:
    browser(ANNA)
    first = teacher(cups())
    joins(first, room.code)
    second = teacher()
    first.presses("room/out Cup")
    second.looks()
    first.looks()
    second.looks()
    assert store().shares(room)[0].count == 0
    assert sharing(second).value is False, "it shows what is so"
    ran(sharing(second).set_value(True).run())
    first.looks()
    assert store().shares(room)[0].count == 3


def test_what_a_slow_browser_still_believes_does_not_share_again(
    teacher: Callable[..., Teacher], browser: Any, room: Room
) -> None:
    browser(ANNA)
    first = teacher(cups())
    joins(first, room.code)
    second = teacher()
    believed = sharing(second)._widget_state
    first.presses("room/out Cup")
    second.looks()
    second.looks()
    # a fragment's timer sends what the browser shows, and that is still the switch of the run before
    states = [one for one in second.at._tree.get_widget_states().widgets if one.id != sharing(second).id]
    ran(second.at._run(WidgetStates(widgets=[*states, believed])))
    first.looks()
    assert store().shares(room)[0].count == 0


def test_who_was_taken_out_is_told_and_cannot_join_until_let_in(
    teacher: Callable[..., Teacher], browser: Any, room: Room
) -> None:
    browser(ANNA)
    visitor = teacher(cups())
    joins(visitor, room.code, "Anna")
    at = presenter()
    ran(at.button(key=f"rooms/out {room.id}").click().run())
    visitor.looks()
    joins(visitor, room.code, "Bert")
    assert store().membership(ANNA) is None and store().shares(room) == []
    ran(at.run())
    ran(at.button(key=f"rooms/in {room.id} 1").click().run())
    joins(visitor, room.code, "Bert")
    assert [share.member.title for share in store().shares(room)] == ["Bert (1)"]


def test_ones_pictures_are_seen_and_one_is_taken_out_for_good(
    teacher: Callable[..., Teacher], browser: Any, room: Room, galleries: Galleries
) -> None:
    browser(ANNA)
    visitor = teacher(cups())
    joins(visitor, room.code)
    ran(visitor.at.toggle(key="room/show Cup").set_value(True).run())
    tiles = galleries.tiles["Cup"]
    assert {tile.jpeg for tile in tiles} == {one.jpeg for one in visitor.project.samples}
    galleries.does["Cup"] = Change("delete", (tiles[0].key,))
    visitor.looks()
    visitor.looks()
    assert "2 samples of yours** are in the room" in said(visitor.at) and len(galleries.tiles["Cup"]) == 2
    assert store().share(store().membership(ANNA)).count == 2
    assert visitor.counts["Cup"] == 3, "one's own project keeps it"


def test_leaving_takes_everything_along(teacher: Callable[..., Teacher], browser: Any, room: Room) -> None:
    browser(ANNA)
    visitor = teacher(cups())
    joins(visitor, room.code)
    visitor.presses("room/leave")
    assert store().shares(room) == [] and store().membership(ANNA) is None


def test_the_rooms_project_is_visited_and_ones_own_comes_back(
    teacher: Callable[..., Teacher], browser: Any, room: Room
) -> None:
    browser(BERT)
    joins(teacher(cups(2, "cup")), room.code)
    browser(ANNA)
    visitor = teacher(cups(3))
    joins(visitor, room.code)
    own = visitor.project
    visitor.presses("room/open")
    visitor.looks()
    assert visitor.project is not own and sum(visitor.counts.values()) == 5
    assert shelf().open(ANNA) is own, "what the server keeps for this browser is still one's own"
    rooms = visitor.project
    visitor.presses("room/back")
    visitor.looks()
    assert visitor.project is own and own.undo_words is None
    visitor.presses("room/open")
    rooms = visitor.project
    rooms.begin_training()
    rooms.delete([rooms.samples[0].key])
    visitor.presses("room/back")
    assert visitor.project is own
    visitor.presses("teach/undo")
    assert visitor.project is rooms, "what was done there is still there"
    visitor.presses("room/back")
    assert visitor.project is own


def test_a_wrong_code_is_said_and_guessing_is_slowed_down(
    teacher: Callable[..., Teacher], browser: Any, room: Room
) -> None:
    browser(ANNA)
    visitor = teacher(cups())
    joins(visitor, "XXXXXX")
    for _ in range(9):
        joins(visitor, "YYYYYY")
    joins(visitor, room.code)
    assert store().membership(ANNA) is None
    assert house().events.counts()["room code wrong"] == 10


def test_a_room_that_closes_is_said_without_an_error(teacher: Callable[..., Teacher], browser: Any, room: Room) -> None:
    browser(ANNA)
    visitor = teacher(cups())
    joins(visitor, room.code)
    store().end(room)
    visitor.looks()
    assert "Room " not in said(visitor.at) and visitor.counts["Cup"] == 3


def test_a_database_that_fails_leaves_the_page_as_it_is(
    teacher: Callable[..., Teacher], browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMELIGHT_ROOMS_URL", "postgresql+psycopg://u:secret@127.0.0.1:9/none")
    settings.cache_clear()
    browser(ANNA)
    at = teacher(cups()).at
    assert "cannot be used" in said(at) and "secret" not in said(at)
    assert "cannot be used" in said(presenter())


def test_the_presenter_opens_a_room_sees_who_is_in_it_and_takes_one_out() -> None:
    at = presenter()
    ran(at.button(key="rooms/open").click().run())
    (room,) = store().rooms()
    anna = store().join(room.code, ANNA, "<img src=x>")
    store().add(anna, [("k", "Cup", to_jpeg(sample("coffee")))])
    ran(at.run())
    people = next(frame.value for frame in at.dataframe if "Member" in frame.value)
    assert list(people["Member"]) == ["<img src=x>"] and list(people["Samples"]) == [1]
    ran(at.button(key=f"rooms/out {room.id}").click().run())
    assert store().membership(ANNA) is None
    ran(at.button(key=f"rooms/end {room.id}").click().run())
    assert store().rooms() == []


def test_names_that_are_formulas_are_text_in_what_the_presenter_may_download() -> None:
    room = store().open()
    anna = store().join(room.code, ANNA, "=1+1")
    store().add(anna, [("k", "@SUM(A1)", to_jpeg(sample("coffee")))])
    people = next(frame.value for frame in presenter().dataframe if "Member" in frame.value)
    assert list(people["Member"]) == ["'=1+1"] and list(people["Classes"]) == ["'@SUM(A1) 1"]


def test_the_presenter_sees_pictures_and_takes_one_out(galleries: Galleries) -> None:
    room = store().open()
    anna, bert = store().join(room.code, ANNA), store().join(room.code, BERT)
    store().add(anna, [("k", "Cup", to_jpeg(sample("coffee"))), ("l", "Cat", to_jpeg(sample("cat")))])
    store().add(bert, [("k", "Cup", to_jpeg(sample("coffee")))])
    at = presenter()
    ran(at.toggle(key=f"rooms/show {room.id}").set_value(True).run())
    assert [tile.key for tile in galleries.tiles[str(anna.id)]] == ["l", "k"]
    galleries.does[str(anna.id)] = Change("delete", ("k",))
    ran(at.run())
    assert [share.samples for share in store().shares(room)] == [{"Cat": 1}, {"Cup": 1}]


def test_the_presenter_opens_the_pooled_project() -> None:
    room = store().open()
    store().add(store().join(room.code, ANNA), [("k", "Cup", to_jpeg(sample("coffee")))])
    at = presenter()
    ran(at.button(key=f"rooms/project {room.id}").click().run())
    assert at.title[0].value == "Teachable machine"
    assert at.session_state["teach/desk"].project.name == f"Room {room.code}"


def test_without_the_password_nobody_sees_rooms_or_closes_them() -> None:
    room = store().open()
    at = opened("console")
    assert room.code not in said(at) and not [b for b in at.button if b.key and b.key.startswith("rooms/")]
