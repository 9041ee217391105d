"""The presenter's sign-ins: what a token opens, and when it no longer does."""

import pytest

from models.hosting.sign_ins import ABSENT_S, HOURS, SignIn, SignIns


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sign_ins(clock: Clock) -> SignIns:
    return SignIns(clock)


def test_its_token_leads_back_to_it_and_no_other_does(sign_ins: SignIns) -> None:
    mine, other = sign_ins.open("tab 1"), sign_ins.open("tab 2")
    assert mine.token != other.token and len(mine.token) == 64
    assert sign_ins.back(mine.token, "tab 3") is mine
    for wrong in ("", mine.token[:-1], mine.token.upper(), "0" * 64):
        assert sign_ins.back(wrong, "tab 4") is None


def test_the_token_is_in_no_log_line_and_not_in_the_registry(sign_ins: SignIns) -> None:
    mine = sign_ins.open("tab 1")
    assert mine.token not in repr(mine)
    assert mine.token not in sign_ins._by_hash, "only its hash"


def test_signing_out_ends_it_for_every_tab(sign_ins: SignIns) -> None:
    mine = sign_ins.open("tab 1")
    again = sign_ins.back(mine.token, "tab 2")
    assert again is not None
    again.end()
    assert not mine.holds() and sign_ins.back(mine.token, "tab 3") is None


def test_it_is_over_after_its_hours_however_often_one_comes_back(sign_ins: SignIns, clock: Clock) -> None:
    mine = sign_ins.open("tab 1")
    clock.now += 3600 * HOURS - 1
    assert sign_ins.back(mine.token, "tab 2") is mine
    clock.now += 2
    assert not mine.holds() and sign_ins.back(mine.token, "tab 3") is None
    sign_ins.sweep(lambda tab: True)
    assert not sign_ins.any()


def test_a_browser_that_was_closed_stays_closed(sign_ins: SignIns, clock: Clock) -> None:
    mine = sign_ins.open("tab 1")
    for _ in range(10):  # a long talk with the tab open
        clock.now += ABSENT_S
        sign_ins.sweep(lambda tab: True)
    assert mine.holds()
    clock.now += ABSENT_S - 1
    sign_ins.sweep(lambda tab: False)
    assert sign_ins.back(mine.token, "tab 2") is mine, "a reload"
    sign_ins.sweep(lambda tab: tab == "tab 2")
    clock.now += ABSENT_S + 1
    sign_ins.sweep(lambda tab: False)
    assert not mine.holds() and sign_ins.back(mine.token, "tab 3") is None


def test_two_of_them_are_two(sign_ins: SignIns) -> None:
    mine, other = sign_ins.open("tab 1"), sign_ins.open("tab 2")
    mine.end()
    assert other.holds() and isinstance(other, SignIn)
