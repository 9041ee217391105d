"""The trie of n-grams: what was counted is found again, and probabilities written out are those of the counts."""

import numpy as np
import pytest

from models.errors import BadInput
from models.textgen.trie import Level, dense_rows, require_sound, smallest


def level(symbols: list[int], counts: list[int], children: list[int]) -> Level:
    return Level(np.array(symbols, np.int64), np.array(counts, np.int64), np.array(children, np.int64))


@pytest.fixture
def abac() -> list[Level]:
    """ "abac" with a, b, c = 1, 2, 3: a twice, b and c once; ab, ac, ba once each."""
    return [level([1, 2, 3], [2, 1, 1], [3]), level([2, 3, 1], [1, 1, 1], [2, 1, 0])]


def test_the_children_of_a_parent_lie_together_and_their_counts_add_up(abac: list[Level]) -> None:
    _, pairs = abac
    assert pairs.first.tolist() == [0, 2, 3, 3]
    assert pairs.children.tolist() == [2, 1, 0]
    assert pairs.totals.tolist() == [2, 1, 0]


def test_a_continuation_is_found_where_it_was_seen_and_only_there(abac: list[Level]) -> None:
    _, pairs = abac
    seen = {(0, 2): 0, (0, 3): 1, (1, 1): 2}
    for parent in range(3):
        for symbol in range(5):
            assert pairs.child(parent, symbol) == seen.get((parent, symbol), -1)


def test_many_are_found_as_one_by_one_and_nothing_continues_what_was_never_seen() -> None:
    draw = np.random.default_rng(3)
    keys = np.unique(draw.integers(0, 40 * 30, 500))
    parents, symbols = np.divmod(keys, 30)
    many = Level(symbols, np.ones(len(keys), np.int64), np.bincount(parents, minlength=40))
    asked_parents, asked_symbols = draw.integers(-1, 40, 2000), draw.integers(0, 31, 2000)
    expected = [
        -1 if parent < 0 else many.child(parent, symbol)
        for parent, symbol in zip(asked_parents.tolist(), asked_symbols.tolist(), strict=True)
    ]
    assert many.find(asked_parents, asked_symbols).tolist() == expected
    assert max(expected) > 0


def test_an_empty_level_has_nothing_to_find() -> None:
    assert level([], [], [0, 0]).find(np.array([0, 1, -1]), np.array([1, 1, 1])).tolist() == [-1, -1, -1]
    assert level([], [], [0, 0]).child(1, 1) == -1


@pytest.mark.parametrize(
    ("largest", "dtype"), [(0, np.uint8), (255, np.uint8), (256, np.uint16), (65536, np.uint32), (1 << 40, np.uint64)]
)
def test_numbers_take_as_few_bytes_as_hold_them(largest: int, dtype: type) -> None:
    small = smallest(np.array([0, largest]))
    assert small.dtype == dtype and small.tolist() == [0, largest]
    assert smallest(np.zeros(0, np.int64)).dtype == np.uint8


def test_the_memory_is_that_of_the_four_arrays(abac: list[Level]) -> None:
    _, pairs = abac
    assert pairs.nbytes == 3 + 3 + 4 + 3


def test_written_out_rows_are_witten_and_bells_mixture(abac: list[Level]) -> None:
    root, pairs = dense_rows(abac, 4)
    # N = 4, T = 3: shares of 7. After a: N = 2, T = 2. After b: N = 1, T = 1. After c: nothing, so as without context
    np.testing.assert_allclose(root, [np.array([3, 2, 1, 1]) / 7])
    after_a = (np.array([0, 0, 1, 1]) + 2 * root[0]) / 4
    after_b = (np.array([0, 1, 0, 0]) + 1 * root[0]) / 2
    np.testing.assert_allclose(pairs, [after_a, after_b, root[0]])


def test_rows_are_written_out_only_while_they_are_few(abac: list[Level], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.textgen.trie.DENSE_VALUES", 11)  # three contexts of four tokens are 12
    assert len(dense_rows(abac, 4)) == 1


def test_an_ngram_whose_own_last_tokens_were_never_seen_is_refused(abac: list[Level]) -> None:
    contradiction = [*abac, level([2], [1], [1, 0, 0])]  # abb, though bb was never seen
    with pytest.raises(BadInput, match="own last tokens are missing"):
        dense_rows(contradiction, 4)


def test_damage_is_named_and_soundness_passes() -> None:
    require_sound(True, "nothing")
    with pytest.raises(BadInput, match=r"damaged: counts are missing\. Save the model again"):
        require_sound(False, "counts are missing")
