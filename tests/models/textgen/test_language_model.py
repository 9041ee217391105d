"""What every language model gets from its readers: shown with one whose probabilities are written down by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from models.errors import BadInput
from models.textgen.bundled import load_gpt, load_lstm, load_ngram, load_words
from models.textgen.language_model import LanguageModel, Reader, Surprise
from models.textgen.sampling import Sampling

AFTER = {  # of a, b, c and the end, after the last letter ("" before the first)
    "": [0.5, 0.25, 0.125, 0.125],
    "a": [0.0, 0.75, 0.25, 0.0],
    "b": [0.25, 0.0, 0.5, 0.25],
    "c": [0.125, 0.125, 0.0, 0.75],
}


class Letters(LanguageModel):
    """Letters a, b, c and a mark that ends the text."""

    name, pieces, nbytes = "letters", ("a", "b", "c", "."), 0

    def encode(self, text: str) -> list[int]:
        return ["abc".index(letter) for letter in text]

    def read(self, tokens: Sequence[int]) -> Reader:
        reader = LettersRead()
        for token in tokens:
            reader.push(token)
        return reader

    def surprise(self, text: str) -> list[Surprise]:
        befores = ["", *text[:-1]]
        return [Surprise(c, -math.log2(AFTER[b]["abc".index(c)])) for b, c in zip(befores, text, strict=True)]

    def ends(self, token: int) -> bool:
        return token == 3


class LettersRead(Reader):
    last = ""

    def probs(self) -> np.ndarray:
        return np.array(AFTER[self.last])

    def push(self, token: int) -> None:
        self.last = "abc"[token]


@pytest.fixture
def letters() -> Letters:
    return Letters()


def test_temperature_0_takes_the_most_probable_token_each_time_until_the_end(letters: Letters) -> None:
    assert list(letters.stream("", sampling=Sampling(0))) == ["a", "b", "c"]
    assert list(letters.stream("a", sampling=Sampling(0))) == ["b", "c"]
    assert list(letters.stream("", max_tokens=2, sampling=Sampling(0))) == ["a", "b"]
    assert list(letters.stream("", max_tokens=0)) == []


def test_the_same_seed_writes_the_same_text(letters: Letters) -> None:
    texts = {seed: "".join(letters.stream("a", 50, seed=seed)) for seed in range(30)}
    assert texts == {seed: "".join(letters.stream("a", 50, seed=seed)) for seed in range(30)}
    assert len(set(texts.values())) > 10


def test_what_is_written_is_possible_after_what_was_read(letters: Letters) -> None:
    for seed in range(50):
        text = "b" + "".join(letters.stream("b", 20, seed=seed))
        assert not {"aa", "bb", "cc"} & {text[i : i + 2] for i in range(len(text))}


def test_top_k_and_top_p_restrict_what_is_written(letters: Letters) -> None:
    for sampling in (Sampling(top_k=1), Sampling(top_p=0.1)):
        assert {"".join(letters.stream("", sampling=sampling, seed=seed)) for seed in range(20)} == {"abc"}


def test_tokens_come_one_by_one_as_they_are_asked_for(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[int] = []
    monkeypatch.setattr(LettersRead, "push", lambda reader, token: pushed.append(token))
    stream = letters.stream("", 1000, sampling=Sampling(0))
    assert [next(stream), next(stream)] == ["a", "a"]  # a reader that forgets
    assert pushed == [0]


def test_the_next_tokens_are_listed_by_probability(letters: Letters) -> None:
    assert letters.next_probs("b") == [("c", 0.5), ("a", 0.25), (".", 0.25), ("b", 0.0)]
    assert letters.next_probs("b", 2) == [("c", 0.5), ("a", 0.25)]


def test_the_next_tokens_are_listed_as_sampling_reshapes_them(letters: Letters) -> None:
    squared = letters.next_probs("b", 3, Sampling(temperature=0.5))
    assert squared == [("c", pytest.approx(4 / 6)), ("a", pytest.approx(1 / 6)), (".", pytest.approx(1 / 6))]
    assert letters.next_probs("b", 2, Sampling(top_k=1)) == [("c", 1.0), ("a", 0.0)]


def test_bits_per_character_are_the_mean_surprise(letters: Letters) -> None:
    # a: 1 bit, b after a: log2(4/3), c after b: 1 bit
    assert letters.bits_per_char("abc") == pytest.approx((1 + math.log2(4 / 3) + 1) / 3)
    assert letters.bits_per_char("c") == 3


def test_an_empty_text_has_no_bits_per_character(letters: Letters) -> None:
    with pytest.raises(BadInput, match="no text to read"):
        letters.bits_per_char("")


def test_a_text_is_shown_with_its_tokens(letters: Letters) -> None:
    assert letters.tokens_of("cab") == [("c", 2), ("a", 0), ("b", 1)]


@pytest.mark.parametrize("text", ["שלום", "مرحبا", "Привет", "你好", "😀"])
def test_letters_that_a_model_never_saw_are_named_by_it(text: str) -> None:
    for load in (load_ngram, load_lstm):
        model = load(None, lambda text, share: None)
        assert model.unknown(f"ROMEO: {text}, {text}") == list(dict.fromkeys(text))
        assert model.unknown("ROMEO:\nIs it not strange") == []
    words = load_words(None, lambda text, share: None)
    assert words.unknown(f"ROMEO: {text}, {text}\n") == [text]
    assert load_gpt(None, lambda text, share: None).unknown(text) == [], "it reads and writes bytes"
