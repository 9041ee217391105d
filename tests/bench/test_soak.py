"""The soak's verdict on what should stay flat."""

import pytest

from tests.bench.soak import flatness


def test_warming_up_does_not_count_and_growing_does() -> None:
    assert flatness([500, 900, *[1000] * 10]) == 0
    assert flatness([1000 * 1.02**minute for minute in range(30)]) > 0.2
    assert flatness([100.0] * 8 + [70.0] * 8) == pytest.approx(-0.3)


def test_of_a_few_minutes_nothing_is_said() -> None:
    assert flatness([1.0] * 7) is None
