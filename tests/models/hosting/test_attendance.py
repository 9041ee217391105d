"""Attendance: who is here, on which page, with the camera on."""

from models.hosting.attendance import Attendance


def test_a_session_is_counted_once_wherever_it_goes() -> None:
    here = Attendance()
    first, came = here.seen("a", "pose")
    assert came and first.number == 1
    assert here.seen("a", "pose")[1] is False, "a rerun is no arrival"
    moved, came = here.seen("a", "ocr")
    assert came and moved.number == 1
    here.seen("b", "ocr")
    assert here.per_page() == {"ocr": (2, 0)} and here.peak == 2


def test_a_camera_belongs_to_its_page() -> None:
    here = Attendance()
    here.seen("a", "pose")
    assert here.camera("a", True) and not here.camera("a", True), "only the first telling is new"
    assert here.per_page() == {"pose": (1, 1)}
    here.seen("a", "ocr")
    assert not here.cameras(), "it went off with the page"
    assert not here.camera("stranger", True)


def test_cameras_come_in_the_order_they_were_turned_on() -> None:
    now = 0.0
    here = Attendance(lambda: now)
    for session in "abc":
        here.seen(session, "pose")
    for session in "bca":
        now += 1
        here.camera(session, True)
    assert [guest.session for guest in here.cameras()] == ["b", "c", "a"]


def test_who_is_gone_is_forgotten_and_comes_back_as_a_new_one() -> None:
    here = Attendance()
    here.seen("a", "pose"), here.seen("b", "pose")
    assert [guest.session for guest in here.keep(lambda session: session == "b")] == ["a"]
    assert here.number("a") is None and here.number("b") == 2
    assert here.seen("a", "pose")[0].number == 3
