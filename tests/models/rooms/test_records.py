"""What a room holds, summed."""

from models.rooms.records import Member, Room, Share, totals

ROOM = Room(1, "ABCDEF", "pictures", 0.0)


def share(number: int, **samples: int) -> Share:
    return Share(Member(number, ROOM, number, "", True), samples, 0)


def test_classes_of_all_are_summed_and_alike_names_are_one() -> None:
    shares = [share(1, Cup=3, Cat=1), share(2, cup=2, Dog=4), share(3)]
    assert totals(shares) == {"Cup": 5, "Cat": 1, "Dog": 4}
    assert list(totals(shares)) == ["Cup", "Cat", "Dog"], "in the order in which they came, so that none jumps"


def test_an_empty_room_has_no_classes() -> None:
    assert totals([]) == {}
