"""Admission: places, the line, and a rush at the door. The clock is ours."""

import pytest

from models.hosting.admission import ASKED_S, HELD_S, STARTS, STARTS_S, Admission


class Door:
    def __init__(self) -> None:
        self.now, self.capacity = 0.0, None
        self.admission = Admission(lambda: self.capacity, lambda: self.now)

    def fill(self, *sessions: str) -> None:
        for session in sessions:
            self.now += STARTS_S
            assert self.admission.start(session)
        self.now += STARTS_S


@pytest.fixture
def door() -> Door:
    return Door()


def test_without_a_limit_everybody_gets_in(door: Door) -> None:
    door.fill(*"abcdefghijklmnop")
    assert door.admission.counts() == (16, 0)


def test_a_rush_is_let_in_a_few_at_a_time_and_nobody_is_forgotten(door: Door) -> None:
    people = [f"p{number}" for number in range(20)]
    inside = [person for person in people if door.admission.start(person)]
    assert len(inside) == STARTS
    for _ in range(10):
        door.now += STARTS_S
        for person in people:
            if person not in inside and door.admission.ask(person) == 0 and door.admission.start(person):
                inside.append(person)
    assert inside == people, "in the order in which they came"


def test_who_finds_no_place_stands_in_line_and_moves_up(door: Door) -> None:
    door.capacity = 1
    door.fill("a")
    assert not door.admission.may_start("b") and not door.admission.start("b")
    assert door.admission.ask("b") == 1 and door.admission.ask("c") == 2 and door.admission.counts() == (1, 2)
    door.admission.stop("a")
    assert door.admission.ask("b") == 0 and door.admission.ask("c") == 1
    assert door.admission.is_called("b") and not door.admission.is_called("c")
    assert not door.admission.start("c"), "the place is kept for b"
    assert not door.admission.start("d"), "nor can a newcomer take it"
    assert door.admission.may_start("b") and door.admission.start("b")


def test_a_turn_that_is_not_taken_passes_on(door: Door) -> None:
    door.capacity = 1
    door.fill("a")
    door.admission.ask("b"), door.admission.ask("c")
    door.admission.stop("a")
    assert door.admission.ask("b") == 0
    for _ in range(int(HELD_S // 5) + 1):
        door.now += 5
        door.admission.ask("b"), door.admission.ask("c")
    assert door.admission.ask("c") == 0 and door.admission.ask("b") == 1


def test_who_stops_asking_has_left_the_line(door: Door) -> None:
    door.capacity = 1
    door.fill("a")
    door.admission.ask("b"), door.admission.ask("c")
    door.now += ASKED_S + 1
    assert door.admission.ask("c") == 1


def test_when_the_capacity_shrinks_the_newest_go_to_the_head_of_the_line(door: Door) -> None:
    door.fill("a", "b", "c")
    door.capacity = 1
    door.admission.ask("d")
    assert door.admission.surplus() == ["c", "b"] and door.admission.surplus() == []
    assert [door.admission.ask(s) for s in "bcd"] == [1, 2, 3]
    assert door.admission.may_start("a") and not door.admission.may_start("b")


def test_who_leaves_makes_room_at_once(door: Door) -> None:
    door.capacity = 1
    door.fill("a")
    door.admission.leave("a")
    assert door.admission.may_start("b") and door.admission.start("b")
