"""What draws digits: made ones are read as what was asked for, the map is smooth, a morph ends where it should."""

import numpy as np
import pytest

from models.digits.bundled import Digits
from models.digits.making import STEPS, signal_and_noise, time_features
from models.digits.reading import prepared
from tests.models.digits.test_reading import written


def digit(number: int) -> np.ndarray:
    seen = prepared(written(number))
    assert seen is not None
    return seen


def test_of_a_hundred_made_digits_ninety_are_read_as_what_was_asked_for(digits: Digits) -> None:
    right = []
    for wanted in range(10):
        film = digits.maker.film(wanted, 10, seed=wanted)
        assert film.shape == (STEPS + 1, 10, 28, 28) and 0 <= film.min() <= film.max() <= 1
        right.append((digits.reader.probabilities(film[-1]).argmax(1) == wanted).mean())
    assert np.mean(right) >= 0.9


def test_made_digits_differ_and_the_same_seed_makes_the_same(digits: Digits) -> None:
    one, same, other = (digits.maker.film(3, 2, seed=seed)[-1] for seed in (1, 1, 2))
    assert (one == same).all() and np.abs(one - other).max() > 0.3 and np.abs(one[0] - one[1]).max() > 0.3


def test_the_map_has_nearly_all_digits_and_is_smooth(digits: Digits) -> None:
    sheet = digits.maker.map_sheet(16)
    assert sheet.shape == (448, 448) and sheet.dtype == np.uint8
    tiles = sheet.reshape(16, 28, 16, 28).swapaxes(1, 2).astype(np.float32) / 255
    said = digits.reader.probabilities(tiles.reshape(-1, 28, 28)).argmax(1)
    assert len(set(said.tolist())) >= 8
    beside = np.abs(np.diff(tiles, axis=1)).mean()
    assert beside < np.abs(tiles[:, :8] - tiles[:, 8:]).mean() / 2


def test_a_digit_has_its_place_on_the_map(digits: Digits) -> None:
    x, y = digits.maker.on_map(digit(0))
    assert 0 <= x <= 1 and 0 <= y <= 1 and (x, y) != digits.maker.on_map(digit(1))


def test_a_morph_goes_from_one_to_the_other(digits: Digits) -> None:
    morph = digits.maker.morph(digit(0), digit(7), 9)
    assert morph.shape == (9, 28, 28)
    said = digits.reader.probabilities(morph).argmax(1)
    assert said[0] == 0 and said[-1] == 7


def test_what_is_like_a_digit_is_mostly_that_digit(digits: Digits) -> None:
    for number in (0, 3, 7):
        picture, counts = digits.maker.similar(digit(number))
        assert counts.sum() == 20 and counts.argmax() == number
        assert digits.reader.read(picture).best == number


@pytest.mark.parametrize(("number", "wanted"), [(0, 6), (3, 8), (7, 9), (5, 3)])
def test_a_digit_is_changed_into_another_with_little_change(digits: Digits, number: int, wanted: int) -> None:
    seen = digit(number)
    changed = digits.maker.changed_to(seen, wanted, digits.reader.probabilities)
    said = digits.reader.probabilities(changed[None])[0]
    assert said[wanted] > 0.5
    assert np.abs(changed - seen).mean() < 0.25


def test_the_schedule_goes_from_a_digit_to_noise() -> None:
    signal, noise = signal_and_noise()
    assert signal[0] > 0.99 and noise[-1] > 0.99 and signal**2 + noise**2 == pytest.approx(np.ones(STEPS))
    told = time_features(np.arange(STEPS))
    assert len(np.unique(told.round(4), axis=0)) == STEPS
