"""The masked model: a blank is filled from what comes after it too."""

import math
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from models.errors import BadInput
from models.runtime.training import TrainingStep
from models.textgen.gpt import small_llama, train_tokenizer
from models.textgen.masked import MaskedLM, both_ways

WINDOW = 16
LETTERS = "abcd"
SHAPE = {"width": 32, "layers": 1, "heads": 2}


def pairs(seed: int, count: int = 1500) -> str:
    """Letters drawn at random, each before its capital: aA, dD …; only what comes after tells which one it is."""
    draw = random.Random(seed)
    return "".join(letter + letter.upper() for letter in draw.choices(LETTERS, k=count))


@pytest.fixture(scope="module")
def learnt() -> MaskedLM:
    text = pairs(1)
    return MaskedLM.fit(
        text,
        train_tokenizer(text, 256),  # bytes only: no token holds a pair
        name="pairs",
        steps=250,
        batch=32,
        sequence=WINDOW,
        readings=1,
        dropout=0.0,
        learning_rate=0.01,
        shape=SHAPE,
    )


@pytest.fixture(scope="module")
def tiny() -> MaskedLM:
    torch.manual_seed(3)
    tokenizer = train_tokenizer("Peter Piper picked a peck of pickled peppers. " * 9, 280)
    network = small_llama(tokenizer.get_vocab_size() + 1, window=WINDOW, **SHAPE)
    for weights in network.parameters():
        weights.data = torch.randn(weights.shape) * 0.2 + (weights.dim() == 1)
    return MaskedLM(network, tokenizer, "tiny")


def test_a_blank_is_guessed_from_what_comes_after_it(learnt: MaskedLM) -> None:
    text = pairs(2, 7)
    tokens = learnt.encode(text)
    for position in range(2, 12):
        piece, probability = learnt.guess(tokens, position)[0]
        assert piece == text[position] and probability > 0.8


def test_the_hidden_token_itself_is_not_seen(learnt: MaskedLM) -> None:
    tokens = learnt.encode(pairs(3, 7))
    other = [*tokens[:4], learnt.encode("Q")[0], *tokens[5:]]
    assert learnt.guess(tokens, 4) == learnt.guess(other, 4)
    assert tokens == learnt.encode(pairs(3, 7)), "the caller's tokens are not written to"


def test_guesses_are_sorted_and_all_of_them_share_a_probability_of_one(tiny: MaskedLM) -> None:
    tokens = tiny.encode("Peter picked")
    probabilities = [p for _, p in tiny.guess(tokens, 1, k=10_000)]
    assert len(probabilities) == len(tiny.pieces) == tiny.blank
    assert probabilities == sorted(probabilities, reverse=True)
    assert math.fsum(probabilities) == pytest.approx(1)
    assert len(tiny.guess(tokens, 1)) == 10
    assert tiny.guess(tokens, 1, 3) == tiny.guess(tokens, 1)[:3]


def test_attention_goes_both_ways_and_shares_out_all_it_has(tiny: MaskedLM) -> None:
    tokens = tiny.encode("Peter picked peppers")
    weights = tiny.attention(tokens)
    assert weights.shape == (1, 2, len(tokens), len(tokens)) and weights.dtype == np.float32
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert weights.all(), "every token looks at every other one"
    assert np.triu(weights, 1).sum() > 0.2 * weights.sum()


def test_no_tokens_have_no_attention(tiny: MaskedLM) -> None:
    with pytest.raises(BadInput, match="no text"):
        tiny.attention([])


def test_what_comes_after_changes_a_guess_and_would_not_without_our_mask(tiny: MaskedLM) -> None:
    one, other = torch.tensor([[70, 71, 72, 73]]), torch.tensor([[70, 71, 72, 99]])
    with torch.inference_mode():
        ours = [tiny.network(tokens, attention_mask=both_ways(tokens)).logits[0, 1] for tokens in (one, other)]
        causal = [tiny.network(tokens).logits[0, 1] for tokens in (one, other)]
    assert (ours[0] - ours[1]).abs().max() > 0.01
    torch.testing.assert_close(causal[0], causal[1])


@pytest.mark.parametrize("text", ["", "🦜", "שלום", "\0", "Peter " * 1000])
def test_any_text_has_tokens_at_most_as_many_as_it_sees(tiny: MaskedLM, text: str) -> None:
    tokens = tiny.encode(text)
    assert len(tokens) <= WINDOW and text.encode().endswith(tiny.tokenizer.decode(tokens).strip("\ufffd").encode())
    if tokens:
        assert len(tiny.guess(tokens, len(tokens) - 1)) == 10


def test_training_reports_bits_per_hidden_token_and_leaves_no_hook_or_dropout() -> None:
    text, steps = pairs(1), list[TrainingStep]()
    tokenizer = train_tokenizer(text, 256)
    model = MaskedLM.fit(text, tokenizer, steps=2, batch=4, sequence=WINDOW, shape=SHAPE, on_step=steps.append)
    assert [step.step for step in steps] == [1, 2]
    assert steps[0].loss == pytest.approx(math.log2(257), rel=0.1)
    assert model.name == "Your masked model" and model.window == WINDOW
    assert not any(module._forward_hooks or module.training for module in model.network.modules())
    assert model.network.config.attention_dropout == 0


def test_accuracy_is_the_share_of_blanks_that_are_filled_right(learnt: MaskedLM, tiny: MaskedLM) -> None:
    right, bits = learnt.accuracy(pairs(5, 400))
    # most blanks have their other half beside them; those whose pair is hidden too are one in four at best
    assert 0.85 < right <= 1 and 0 < bits < 1
    assert tiny.accuracy("Peter Piper picked a peck of pickled peppers. " * 9)[0] < 0.2


def test_it_comes_back_from_its_folder_and_the_tokenizers_file(tiny: MaskedLM, tmp_path: Path) -> None:
    tiny.save(tmp_path)
    tiny.tokenizer.save(str(tmp_path / "tokenizer.json"))
    again = MaskedLM.load(tmp_path, tmp_path / "tokenizer.json", "again")
    assert (again.name, again.window, again.blank, again.pieces) == ("again", WINDOW, tiny.blank, tiny.pieces)
    tokens = tiny.encode("Peter picked")
    for (piece, p), (expected_piece, expected) in zip(again.guess(tokens, 2, 3), tiny.guess(tokens, 2, 3), strict=True):
        assert piece == expected_piece and p == pytest.approx(expected, rel=0.02)
    assert again.nbytes == tiny.nbytes == 4 * tiny.network.num_parameters()
