"""A prompt that ends in white space is continued as one that does not, with no space too many."""

import numpy as np
import pytest

from models.textgen.bundled import load_words
from models.textgen.ngram import NGram
from models.textgen.sampling import Sampling

RHYME = "To be, or not to be: that is it.\nTo go, or not to go: who knows?\nTo be, or not to stay.\n" * 3
CODE = "def a(b):\n    if b:\n        return b\n    return a(b)\n\n\ndef b(a):\n    return a\n" * 5


@pytest.fixture(scope="module")
def rhyme() -> NGram:
    return NGram.fit(RHYME, "words", 3)


@pytest.fixture(scope="module")
def shakespeare() -> NGram:
    model = load_words(None, lambda text, share: None)
    assert isinstance(model, NGram)
    return model.at_order(3)


@pytest.mark.parametrize("blanks", [" ", "  ", "     ", "\t", " \t ", "\u00a0"])
@pytest.mark.parametrize("words", ["To be, or not to", "My lord,", "What is"])
def test_candidates_are_those_of_the_words_alone(shakespeare: NGram, words: str, blanks: str) -> None:
    expected = [piece[1:] for piece, _ in shakespeare.next_probs(words, 60) if piece[0] == " "][:5]
    assert len(expected) == 5
    assert [piece for piece, _ in shakespeare.next_probs(words + blanks, 5)] == expected


def test_probabilities_are_those_given_that_a_space_follows(rhyme: NGram) -> None:
    alone, begun = dict(rhyme.next_probs("or not to", 99)), dict(rhyme.next_probs("or not to ", 99))
    spaced = {piece: p for piece, p in alone.items() if piece[0] == " " and len(piece) > 1}
    assert begun["be"] == pytest.approx(spaced[" be"] / sum(spaced.values()))
    for prompt in ("or not to ", "or not to   ", " ", "\n ", "to be \n", "", "unheard of "):
        probs = rhyme.continue_from(prompt)[0].probs()
        assert probs.sum() == pytest.approx(1) and probs.min() >= 0 and probs[0] == 0


@pytest.mark.parametrize("blanks", [" ", "   ", "\t"])
def test_what_is_written_has_no_second_space(shakespeare: NGram, blanks: str) -> None:
    for seed in range(20):
        text = "".join(shakespeare.stream("To be, or not to" + blanks, 12, seed=seed))
        assert not text[0].isspace()
    one, other = (list(shakespeare.stream(f"not to{end}", 30, Sampling(0))) for end in ("", blanks))
    assert one[0].lstrip(" ") == other[0] and one[1:] == other[1:], "after the first word it goes on as ever"


def test_after_a_line_break_a_line_begins(shakespeare: NGram) -> None:
    expected = [piece for piece, _ in shakespeare.next_probs("ROMEO:\n", 60) if not piece[0].isspace()][:5]
    for prompt in ("ROMEO:\n ", "ROMEO:\n   ", "ROMEO: \n ", "ROMEO: \n"):
        found = [piece for piece, _ in shakespeare.next_probs(prompt, 60) if not piece[0].isspace()][:5]
        assert found == expected, prompt


def test_a_programs_indentation_is_read_as_it_is() -> None:
    model = NGram.fit(CODE, "words", 4)
    assert model.next_probs("def a(b):\n    ", 1)[0][0] in ("if", "return")
    assert model.next_probs("def a(b):\n    if b:\n        ", 1)[0][0] == "return"
    assert "".join(model.stream("def a(b):\n    if b:\n        ", 1, Sampling(0))) == "return"


def test_a_text_without_spaces_has_no_word_that_brings_one() -> None:
    model = NGram.fit("one\ntwo\none\ntwo\n", "words", 2)
    assert model.next_probs("one ", 1)[0][0] == "\n"


def test_reading_a_text_is_as_before(rhyme: NGram) -> None:
    for text in ("or not to ", "or not  to", " "):
        assert "".join(surprise.piece for surprise in rhyme.surprise(text)) == text
    assert [rhyme.pieces[token] for token in rhyme.encode(" or not to")] == [" or", " not", " to"]
    assert rhyme.read(rhyme.encode("or not to")).probs() == pytest.approx(rhyme.continue_from("or not to")[0].probs())


def test_letters_take_the_space_as_any_other() -> None:
    model = NGram.fit(RHYME, order=4)
    reader, begun = model.continue_from("not to ")
    assert begun == "" and np.array_equal(reader.probs(), model.read(model.encode("not to ")).probs())
