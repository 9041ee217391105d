"""N-gram models: probabilities checked by hand, texts that come back, files that lie, and text of every kind."""

import json
import math
import random
from itertools import islice
from typing import Any

import numpy as np
import pytest

from models.errors import BadInput
from models.textgen.language_model import UNICODE_BITS
from models.textgen.ngram import NGram, words_of
from models.textgen.sampling import Sampling

RHYME = (
    "Peter Piper picked a peck of pickled peppers;\nA peck of pickled peppers Peter Piper picked.\n"
    "If Peter Piper picked a peck of pickled peppers,\nWhere's the peck of pickled peppers Peter Piper picked?\n"
)
ODD = "naïve\0 \u200f\u202eשלום עליכם\t🦜🦜 e\u0301 don't — ‘tis 3.5%\r\n\u2028\ufffd \ud800"


@pytest.fixture(scope="module")
def characters() -> NGram:
    return NGram.fit(RHYME, "characters", 5, "rhyme, characters")


@pytest.fixture(scope="module")
def words() -> NGram:
    return NGram.fit(RHYME, "words", 3, "rhyme, words")


@pytest.fixture(params=["characters", "words"])
def model(request: pytest.FixtureRequest) -> NGram:
    fitted: NGram = request.getfixturevalue(request.param)
    return fitted


def chance(model: NGram, context: str, piece: str) -> float:
    return 2 ** -model.surprise(context + piece)[-1].bits


def test_it_tells_how_often_each_piece_stood_in_its_text() -> None:
    text = "to be or not to be, to"
    assert NGram.fit(text, "words", 3).counts() == {"to": 1, " to": 2, " be": 2, " or": 1, " not": 1, ",": 1}
    kept = NGram.from_state(*NGram.fit(text, "characters", 4).state())
    assert kept.counts() == {char: text.count(char) for char in text}


# by hand: "abab" has a, b twice each, N = 4 and T = 2: p(a) = 2/6, p(b) = 2/6, p(unknown) = T/(N + T) = 2/6


def test_without_context_a_token_has_its_share_and_the_unknown_the_rest() -> None:
    model = NGram.fit("abab", order=1)
    assert chance(model, "", "a") == pytest.approx(2 / 6)
    assert chance(model, "b", "b") == pytest.approx(2 / 6)
    assert model.surprise("?")[0].bits == pytest.approx(math.log2(6 / 2) + UNICODE_BITS)


def test_a_context_mixes_its_counts_with_the_shorter_context_as_witten_and_bell_do() -> None:
    model = NGram.fit("abab", order=3)
    # after a: b twice, N = 2, T = 1. After ab: a once, N = 1, T = 1 (the text ends after the second)
    after_a = {"b": (2 + 1 * 2 / 6) / 3, "a": (0 + 1 * 2 / 6) / 3}
    after_b = {"a": (1 + 1 * 2 / 6) / 2}
    after_ab = {"a": (1 + 1 * after_b["a"]) / 2}
    assert chance(model, "a", "b") == pytest.approx(after_a["b"])
    assert chance(model, "a", "a") == pytest.approx(after_a["a"])
    assert chance(model, "ab", "a") == pytest.approx(after_ab["a"])
    unknown = 2 / 6 / 2 / 2
    (_, b), (_, a) = sorted(zip(model.pieces[1:], model.read(model.encode("ab")).probs()[1:], strict=True))[::-1]
    assert (a, a + b) == (pytest.approx(after_ab["a"] / (1 - unknown)), pytest.approx(1))


def test_a_context_that_only_ended_the_text_says_nothing() -> None:
    model = NGram.fit("aab", order=2)
    for piece in "ab":
        assert chance(model, "b", piece) == pytest.approx(chance(model, "", piece))
    np.testing.assert_allclose(model.read(model.encode("b")).probs(), model.read([]).probs())


# every distribution


def contexts(text: str) -> list[str]:
    draw = random.Random(7)
    cuts = [draw.randrange(len(text)) for _ in range(15)]
    return ["", *(text[:cut] for cut in cuts), "Peter 🦜", "zzz", "of of of", text]


def test_all_tokens_and_the_unknown_share_a_probability_of_one() -> None:
    model = NGram.fit(RHYME, order=5)
    for context in contexts(RHYME):
        known = math.fsum(chance(model, context, piece) for piece in model.pieces[1:])
        unknown = 2 ** (UNICODE_BITS - model.surprise(context + "🦜")[-1].bits)
        assert known + unknown == pytest.approx(1)


def test_what_is_written_is_distributed_as_what_is_read_but_never_unknown(model: NGram) -> None:
    for context in contexts(RHYME):
        probs = model.read(model.encode(context)).probs()
        assert probs.shape == (len(model.pieces),)
        assert probs[0] == 0
        assert probs.min() >= 0
        assert probs.sum() == pytest.approx(1, abs=1e-12)
        read = np.array([model._probs_of(np.array([*model.encode(context), t]))[-1] for t in range(len(probs))])
        np.testing.assert_allclose(probs[1:], read[1:] / (1 - read[0]), rtol=1e-9)


def test_contexts_written_out_beforehand_and_those_looked_up_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    written_out = NGram.fit(RHYME, order=6)
    for few in (0, 1000):  # by numpy, one by one
        monkeypatch.setattr("models.textgen.trie.DENSE_VALUES", 0)
        monkeypatch.setattr("models.textgen.ngram.MAX_ADDED_SINGLY", few)
        looked_up = NGram.fit(RHYME, order=6)
        assert looked_up.nbytes < written_out.nbytes
        for context in contexts(RHYME):
            ours, theirs = (model.read(model.encode(context)).probs() for model in (looked_up, written_out))
            np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_reader_pushed_token_by_token_is_one_that_read_at_once(model: NGram) -> None:
    tokens = model.encode(RHYME[:60])
    reader = model.read([])
    for token in tokens:
        reader.push(token)
    np.testing.assert_array_equal(reader.probs(), model.read(tokens).probs())


def test_probs_stay_as_they_were_when_the_reader_reads_on(characters: NGram) -> None:
    reader = characters.read(characters.encode("Pe"))
    before = reader.probs()
    kept = before.copy()
    reader.push(characters.encode("t")[0])
    reader.probs()
    np.testing.assert_array_equal(before, kept)


def test_more_context_predicts_its_own_text_better() -> None:
    model = NGram.fit(RHYME, order=8)
    bits = [model.at_order(order).bits_per_char(RHYME) for order in range(1, 9)]
    assert bits == sorted(bits, reverse=True)


# orders


@pytest.mark.parametrize(("unit", "highest"), [("characters", 8), ("words", 4)])
def test_a_lower_order_of_a_model_is_the_model_fitted_with_it(unit: str, highest: int) -> None:
    model = NGram.fit(RHYME, unit, highest)
    for order in range(1, highest + 1):
        lower, fitted = model.at_order(order), NGram.fit(RHYME, unit, order)
        assert lower.order == order
        assert lower.surprise("Peter picked Paul") == fitted.surprise("Peter picked Paul")
        assert list(lower.stream("Pe", 40, seed=3)) == list(fitted.stream("Pe", 40, seed=3))
        assert lower.state()[1] == fitted.state()[1]
        for name, array in fitted.state()[0].items():
            np.testing.assert_array_equal(lower.state()[0][name], array)
    for order in (0, highest + 1):
        with pytest.raises(BadInput, match=f"1 to {highest}"):
            model.at_order(order)


def test_an_order_sees_one_token_less_than_it_counts() -> None:
    model = NGram.fit("xab yac", order=2)
    assert chance(model, "xa", "c") == chance(model, "ya", "c")
    model = NGram.fit("xab yac", order=3)
    assert chance(model, "xa", "c") < chance(model, "ya", "c")


@pytest.mark.parametrize(
    ("unit", "order"),
    [("characters", 0), ("characters", 9), ("words", 5), ("words", 2.0), ("words", True), ("letters", 2), (None, 2)],
)
def test_an_order_or_unit_that_does_not_exist_is_refused(unit: Any, order: Any) -> None:
    with pytest.raises(BadInput, match=r"1\.\.[48]|one of characters, words"):
        NGram.fit("text", unit, order)


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_an_empty_text_is_refused(unit: str) -> None:
    with pytest.raises(BadInput, match="no text to learn from"):
        NGram.fit("", unit, 2)


def test_fitting_reports_each_length() -> None:
    steps: list[tuple[int, int]] = []
    NGram.fit(RHYME, order=3, on_step=lambda length, order: steps.append((length, order)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


# writing


def test_temperature_zero_writes_the_most_probable_token_each_time(model: NGram) -> None:
    text = "Pe"
    for piece in model.stream("Pe", 20, sampling=Sampling(0)):
        assert piece == model.next_probs(text, 1)[0][0]
        text += piece


def test_the_same_seed_writes_the_same_text_and_another_seed_another(model: NGram) -> None:
    texts = ["".join(model.stream("Peter", 80, sampling=Sampling(0.9), seed=seed)) for seed in (5, 5, 6)]
    assert texts[0] == texts[1] != texts[2]


def test_only_the_last_tokens_of_a_prompt_matter() -> None:
    model = NGram.fit(RHYME, order=4)
    long = list(model.stream("🦜" * 100_000 + "pec", 30, seed=1))
    assert long == list(model.stream("pec", 30, seed=1))


@pytest.mark.parametrize("prompt", ["", "🦜", "\0", "שלום", ODD])
def test_any_prompt_is_continued_in_the_models_own_tokens(model: NGram, prompt: str) -> None:
    pieces = list(model.stream(prompt, 30, seed=2))
    assert len(pieces) == 30
    assert set(pieces) <= set(model.pieces[1:])


# texts


@pytest.mark.parametrize("text", [RHYME, ODD, "", " ", "\n\n \n", "rock'n'roll 'quoted' a' 'b", "x" * 1000, "🦜" * 50])
def test_the_pieces_of_any_text_are_the_text_and_cost_finite_bits(model: NGram, text: str) -> None:
    surprises = model.surprise(text)
    assert "".join(surprise.piece for surprise in surprises) == text
    assert len(surprises) == len(model.encode(text)) == len(model.tokens_of(text))
    assert all(0 < surprise.bits < math.inf for surprise in surprises)


def test_words_keep_their_apostrophes_and_take_the_space_before_them() -> None:
    assert words_of("Don't  stop,\n I’m (here) 'now'") == [
        *("Don't", " ", " stop", ",", "\n", " I’m", " (", "here", ")", " '", "now", "'")
    ]


def test_an_unseen_word_costs_more_the_less_it_looks_like_the_known_ones(words: NGram) -> None:
    known, alike, unlike, foreign = (words.surprise(word)[0].bits for word in ("peck", "picker", "krpcie", "שלוםשל"))
    assert known < alike < unlike < foreign
    assert foreign > 6 * UNICODE_BITS


def test_the_spelling_of_an_unseen_word_does_not_depend_on_the_one_before(words: NGram) -> None:
    model = words.at_order(1)
    alone = [model.surprise(word)[0].bits for word in ("Paper", "\n", "Paddy")]
    assert [surprise.bits for surprise in model.surprise("Paper\nPaddy")] == pytest.approx(alone)


@pytest.mark.parametrize("order", [1, 3, 8])
@pytest.mark.parametrize("text", ["a", "ab", "\0", "🦜", "\ufffd", "\ud800"])
def test_a_text_shorter_than_the_order_is_enough(text: str, order: int) -> None:
    model = NGram.fit(text, order=order)
    assert set(model.stream("b", 20, seed=0)) == set(text)
    assert math.isfinite(model.bits_per_char(text + "?"))
    assert model.order == order


def test_a_text_of_twenty_thousand_different_characters_has_them_all() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 20_000))) * 2
    model = NGram.fit(text, order=3)
    assert "".join(model.stream(text[500:502], 10, sampling=Sampling(0))) == text[502:512]
    assert model.bits_per_char(text) < 5
    assert model.read(model.encode("?")).probs().sum() == pytest.approx(1)


def test_a_mark_for_the_unknown_in_the_text_itself_is_not_the_unknown_token() -> None:
    model = NGram.fit("a\ufffda\ufffd", order=2)
    assert model.encode("\ufffd?")[1] == 0 != model.encode("\ufffd")[0]
    assert "".join(islice(model.stream("a", sampling=Sampling(0)), 3)) == "\ufffda\ufffd"


# files


@pytest.mark.parametrize(
    ("text", "unit", "order"),
    [
        (RHYME, "characters", 6),
        (RHYME, "words", 4),
        (ODD, "characters", 3),
        (ODD, "words", 2),
        ("ab", "words", 1),
        ("ab", "characters", 8),
        ("aaaaaaa", "characters", 8),
        ("aaa aaa aaa", "characters", 4),
    ],
)
def test_a_model_comes_back_from_its_state(text: str, unit: str, order: int) -> None:
    model = NGram.fit(text, unit, order, "of mine")
    arrays, meta = model.state()
    again = NGram.from_state(arrays, json.loads(json.dumps(meta)))
    assert (again.unit, again.order, again.name, again.pieces) == (unit, order, "of mine", model.pieces)
    assert again.surprise(text + RHYME) == model.surprise(text + RHYME)
    assert list(again.stream("a", 50, seed=1)) == list(model.stream("a", 50, seed=1))
    assert again.nbytes == model.nbytes
    assert all(array.dtype in (np.uint8, np.uint16, np.uint32) for array in arrays.values())


def with_item(array: np.ndarray, at: int, value: int) -> np.ndarray:
    changed = array.copy()
    changed[at] = value
    return changed


DAMAGE: dict[str, Any] = {
    "no counts": lambda arrays: arrays.pop("counts"),
    "no level": lambda arrays: arrays.pop("symbols3"),
    "a list": lambda arrays: arrays.update(last=[0, 0]),
    "floats": lambda arrays: arrays.update(counts=arrays["counts"].astype(float)),
    "negative type": lambda arrays: arrays.update(children2=arrays["children2"].astype(np.int64)),
    "a table": lambda arrays: arrays.update(symbols2=arrays["symbols2"][None]),
    "short counts": lambda arrays: arrays.update(counts=arrays["counts"][:-1]),
    "a count of nothing": lambda arrays: arrays.update(counts=with_item(arrays["counts"], 3, 0)),
    "short symbols": lambda arrays: arrays.update(symbols2=arrays["symbols2"][:-1]),
    "short children": lambda arrays: arrays.update(children3=arrays["children3"][:-1]),
    "too many children": lambda arrays: arrays.update(children2=with_item(arrays["children2"], 0, 200)),
    "the unknown token": lambda arrays: arrays.update(symbols2=with_item(arrays["symbols2"], 0, 0)),
    "a symbol of no token": lambda arrays: arrays.update(symbols3=with_item(arrays["symbols3"], -1, 255)),
    "a symbol twice": lambda arrays: arrays.update(symbols2=with_item(arrays["symbols2"], 1, arrays["symbols2"][0])),
    "unsorted symbols": lambda arrays: arrays.update(symbols2=arrays["symbols2"][::-1].copy()),
    "an end that is none": lambda arrays: arrays.update(last=with_item(arrays["last"], 0, 255)),
    "too many ends": lambda arrays: arrays.update(last=np.zeros(3, np.uint8)),
    "too few ends": lambda arrays: arrays.update(last=np.zeros(1, np.uint8)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_refused(damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.textgen.trie.DENSE_VALUES", 0)  # whose making would notice some of it too
    arrays, meta = NGram.fit(RHYME, "characters", 3).state()
    DAMAGE[damage](arrays)
    with pytest.raises(BadInput, match="is damaged"):
        NGram.from_state(arrays, meta)


def test_a_file_whose_ngrams_contradict_each_other_is_refused() -> None:
    # ab and ba; abb and baa, though neither bb nor aa was ever seen
    lists = {"symbols2": [2, 1], "children2": [1, 1], "symbols3": [2, 1], "children3": [1, 1], "counts": [1, 1]}
    arrays = {name: np.array(values, np.uint8) for name, values in {**lists, "last": [0, 0]}.items()}
    with pytest.raises(BadInput, match="own last tokens are missing"):
        NGram.from_state(
            arrays, {"kind": "ngram", "unit": "characters", "order": 3, "name": "", "vocabulary": ["a", "b"]}
        )


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "rnn"},
        {"unit": "letters"},
        {"unit": ["words"]},
        {"order": 9},
        {"order": "3"},
        {"order": True},
        {"order": None},
        {"order": 2},
        {"name": 5},
        {"vocabulary": None},
        {"vocabulary": []},
        {"vocabulary": "abc"},
        {"vocabulary": ["a", "bc"]},
        {"vocabulary": ["a", ""]},
        {"vocabulary": ["a", 5]},
        {"vocabulary": ["a", "a"]},
        {"vocabulary": ["a", "b"]},
    ],
    ids=str,
)
def test_metadata_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    arrays, meta = NGram.fit("abcabc", "characters", 3).state()
    with pytest.raises(BadInput):
        NGram.from_state(arrays, {**meta, **change})


def test_random_damage_is_refused_or_leaves_a_model_that_still_works() -> None:
    draw = random.Random(11)
    outcomes = set()
    for _ in range(200):
        arrays, meta = NGram.fit("to be or not to be", "characters", 4).state()
        name = draw.choice(sorted(arrays))
        arrays[name] = with_item(arrays[name], draw.randrange(len(arrays[name])), draw.randrange(256))
        try:
            model = NGram.from_state(arrays, meta)
        except BadInput:
            outcomes.add("refused")
            continue
        outcomes.add("works")
        assert math.isfinite(model.bits_per_char("not to be, 🦜"))
        assert len("".join(model.stream("to ", 30, seed=1))) == 30
    assert outcomes == {"refused", "works"}
