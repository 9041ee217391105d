"""Our GPT: its forward by hand is the library's, its folder loads with the library alone, it learns and forgets how."""

import copy
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.errors import BadInput
from models.runtime.training import TrainingStep, TrainingStopped
from models.textgen.gpt import GPT, attention_of, cut_in_many_ways, small_llama, train_tokenizer, train_with_dropout
from models.textgen.sampling import Sampling
from models.textgen.transformer import TransformerModel

RHYME = "Peter Piper picked a peck of pickled peppers;\nA peck of pickled peppers Peter Piper picked.\n" * 25
LONG = RHYME[:400] + "Where's the 🦜, שלום\0?"
WINDOW = 24
SHAPE = {"width": 32, "layers": 2, "heads": 2, "window": WINDOW}
QUICK: dict[str, Any] = {"batch": 8, "sequence": 24, "learning_rate": 0.01, "shape": SHAPE, "vocabulary": 300}


def untrained(seed: int = 0, **shape: int) -> GPT:
    """A tiny one whose random weights are large enough to have opinions."""
    tokenizer = train_tokenizer(RHYME, 300)
    torch.manual_seed(seed)
    network = small_llama(tokenizer.get_vocab_size(), **{**SHAPE, **shape})
    for weights in network.parameters():
        weights.data = torch.randn(weights.shape) * 0.2 + (weights.dim() == 1)
    return GPT(network, tokenizer, "tiny")


def by_the_library(model: GPT) -> TransformerModel:
    """The same network, run by the library's own forward."""
    return TransformerModel(model.network, model.tokenizer, "plain", model.window, model.start_token)


@pytest.fixture(scope="module")
def tiny() -> GPT:
    return untrained()


@pytest.fixture(scope="module")
def learnt() -> GPT:
    return GPT.fit(RHYME, name="rhyme", steps=60, **QUICK)


# forward


@pytest.mark.parametrize("shape", [{}, {"heads": 4}, {"width": 64, "layers": 3, "heads": 1}], ids=str)
@pytest.mark.parametrize("cuts", [[24], [1, 1, 1, 1], [7, 1, 1, 15], [5, 6, 13], [23, 1]], ids=str)
def test_the_forward_by_hand_is_the_librarys_at_once_step_by_step_and_in_chunks(
    shape: dict[str, int], cuts: list[int]
) -> None:
    model = untrained(**shape)
    tokens = model.encode(LONG)
    ours = theirs = None
    at = 0
    for length in cuts:
        chunk = tokens[at : at + length]
        logits, ours = model.forward(chunk, ours, keep=length)
        expected, theirs = TransformerModel.forward(model, chunk, theirs, keep=length)
        assert logits.shape == (length, model.vocab_size)
        np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)
        at += length


def test_only_the_last_logits_are_made_when_only_those_are_wanted(tiny: GPT) -> None:
    tokens = tiny.encode(RHYME)[:20]
    every, _ = tiny.forward(tokens, None, keep=20)
    last, _ = tiny.forward(tokens, None, keep=3)
    np.testing.assert_allclose(last, every[-3:], atol=1e-5)


@pytest.mark.parametrize("prompt", ["", "Peter", LONG], ids=["none", "short", "long"])
def test_what_is_written_past_the_window_is_what_the_librarys_forward_writes(tiny: GPT, prompt: str) -> None:
    ours, theirs = (list(model.stream(prompt, 3 * WINDOW, Sampling(0))) for model in (tiny, by_the_library(tiny)))
    assert ours == theirs and len(ours) == 3 * WINDOW


def test_surprise_is_the_librarys_also_past_the_window(tiny: GPT) -> None:
    ours, theirs = tiny.surprise(LONG), by_the_library(tiny).surprise(LONG)
    assert len(tiny.encode(LONG)) > 3 * WINDOW
    assert [s.piece for s in ours] == [s.piece for s in theirs] and "".join(s.piece for s in ours) == LONG
    np.testing.assert_allclose([s.bits for s in ours], [s.bits for s in theirs], rtol=1e-3, atol=1e-3)


def test_readers_of_one_model_do_not_share_their_cache(tiny: GPT) -> None:
    one, other = tiny.read(tiny.encode("Peter")), tiny.read(tiny.encode("Peter"))
    before = one.probs().copy()
    other.probs()
    other.push(70)
    other.probs()
    one.push(65)
    np.testing.assert_allclose(one.probs(), tiny.read([*tiny.encode("Peter"), 65]).probs(), atol=1e-6)
    np.testing.assert_allclose(tiny.read(tiny.encode("Peter")).probs(), before, atol=1e-6)


@pytest.mark.parametrize("text", ["", "🦜", "שלום", "\0", "\ufffd", "e\u0301", "🦜" * 5000], ids=lambda t: repr(t[:6]))
def test_any_text_is_read_and_continued(tiny: GPT, text: str) -> None:
    assert "".join(tiny.texts(tiny.encode(text))) == text
    probs = tiny.read(tiny.encode(text)).probs()
    assert probs.min() >= 0 and math.isclose(probs.sum(), 1, abs_tol=1e-9)
    assert len(list(tiny.stream(text, 20, seed=1))) == 20
    assert all(math.isfinite(s.bits) for s in tiny.surprise(text[:200]))


def test_the_memory_counts_the_weights_and_the_copies_of_them_that_lie_together(tiny: GPT) -> None:
    width, inner = 32, 64
    weights = sum(p.nbytes for p in tiny.network.parameters())
    assert tiny.nbytes >= weights + 2 * 4 * (3 * width * width + 2 * inner * width)


# tokenizer


def test_the_tokenizer_has_at_most_as_many_tokens_as_asked_and_knows_every_text() -> None:
    tokenizer = train_tokenizer(RHYME, 270)
    assert tokenizer.get_vocab_size() == 270
    assert 270 < train_tokenizer(RHYME, 5000).get_vocab_size() < 300, "there is no more to merge"
    for text in ("Peter", "שלום 🦜\0", " \n  x"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert len(tokenizer.encode(" pickled").ids) < len(" pickled")


def test_a_text_is_cut_in_other_ways_in_each_reading_and_in_one_way_afterwards() -> None:
    tokenizer = train_tokenizer(RHYME, 300)
    plain = tokenizer.encode(RHYME[:300]).ids
    cut = cut_in_many_ways(tokenizer, RHYME[:300], 3)
    assert tokenizer.decode(cut.tolist()) == RHYME[:300] * 3
    assert len(cut) > 3 * len(plain)
    assert all(tokenizer.encode(RHYME[:300]).ids == plain for _ in range(5))


# attention


def test_attention_looks_back_only_and_shares_out_all_it_has(tiny: GPT) -> None:
    text = "Peter Piper picked a 🦜"
    pieces, weights = tiny.attention(text)
    assert len(pieces) == len(tiny.encode(text))
    assert weights.shape == (2, 2, len(pieces), len(pieces)) and weights.dtype == np.float32
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert not np.triu(weights, 1).any()
    assert weights[0, 0].std() > 0.01 and not np.allclose(weights[0, 0], weights[1, 1])


def test_attention_of_a_long_text_is_that_of_its_end(tiny: GPT) -> None:
    pieces, weights = tiny.attention(LONG)
    assert weights.shape == (2, 2, WINDOW, WINDOW)
    assert pieces == [tiny.pieces[token] for token in tiny.encode(LONG)[-WINDOW:]]


def test_attention_to_no_text_is_refused(tiny: GPT) -> None:
    with pytest.raises(BadInput, match="no text to look at"):
        tiny.attention("")


def test_many_may_look_at_the_attention_of_one_model_at_the_same_time(tiny: GPT) -> None:
    before = tiny.network.config._attn_implementation
    texts = ["Peter", "Peter Piper picked", "a peck of pickled peppers"] * 8
    with ThreadPoolExecutor(6) as pool:
        at_once = list(pool.map(tiny.attention, texts))
    for text, (_, weights) in zip(texts, at_once, strict=True):
        np.testing.assert_array_equal(weights, tiny.attention(text)[1])
    assert tiny.network.config._attn_implementation == before != "eager"


def test_a_failure_leaves_the_quick_attention_in_place(tiny: GPT) -> None:
    before = tiny.network.config._attn_implementation
    with pytest.raises(IndexError):
        attention_of(tiny.network, [10**6])
    assert tiny.network.config._attn_implementation == before


# training


def our_hooks(network: Any) -> list[Any]:
    """The library has some of its own, by which it collects attention weights."""
    hooks = [hook for module in network.modules() for hook in module._forward_hooks.values()]
    return [hook for hook in hooks if hook.__module__ == "models.textgen.gpt"]


def is_as_before_training(network: Any) -> bool:
    """No hook of ours, dropout, gradient or training mode anywhere."""
    return (
        not our_hooks(network)
        and not any(module.training for module in network.modules())
        and network.config.attention_dropout == 0
        and not any(layer.self_attn.attention_dropout for layer in network.model.layers)
        and not any(p.requires_grad for p in network.parameters())
    )


def test_a_few_dozen_steps_learn_a_rhyme(learnt: GPT) -> None:
    assert learnt.name == "rhyme" and learnt.window == WINDOW
    assert learnt.bits_per_char(RHYME[:500]) < 0.5 * math.log2(len(set(RHYME)))
    assert is_as_before_training(learnt.network)
    np.testing.assert_array_equal(learnt.read([70]).probs(), learnt.read([70]).probs())


def test_each_step_is_reported_in_bits_per_character_with_a_sample_now_and_then() -> None:
    steps: list[TrainingStep] = []
    model = GPT.fit(RHYME, steps=7, sample_every=3, on_step=steps.append, **QUICK)
    assert [step.step for step in steps] == [*range(1, 8)]
    assert [step.step for step in steps if step.sample] == [3, 6, 7] == [s.step for s in steps if s.validation]
    assert steps[-1].validation == pytest.approx(model.bits_per_char(RHYME[len(RHYME) * 9 // 10 :]), rel=1e-4)
    # untrained, a token costs log2(V) bits; there are more of them than in plain reading, as merges are left out
    plain = math.log2(len(model.pieces)) * len(model.encode(RHYME)) / len(RHYME)
    assert plain < steps[0].loss < 1.5 * plain


def test_fine_tuning_goes_on_from_a_model_and_leaves_that_one_as_it_was(learnt: GPT) -> None:
    before = {key: array.copy() for key, array in learnt.state()[0].items()}
    text = RHYME.replace("Peter Piper", "Sally Slipper")
    steps: list[TrainingStep] = []
    tuned = GPT.fit(text, name="Sally", start=learnt, steps=25, on_step=steps.append, batch=8, learning_rate=0.01)
    assert tuned.bits_per_char(text[:500]) < 0.7 * learnt.bits_per_char(text[:500])
    assert [step.step for step in steps] == [*range(1, 26)] and steps[-1].loss < 0.7 * steps[0].loss
    assert (tuned.name, tuned.window, tuned.pieces) == ("Sally", WINDOW, learnt.pieces)
    assert all((array == before[key]).all() for key, array in learnt.state()[0].items())
    assert any((array != before[key]).any() for key, array in tuned.state()[0].items())
    assert is_as_before_training(learnt.network) and is_as_before_training(tuned.network)
    assert learnt.encode(RHYME) == tuned.encode(RHYME) == learnt.encode(RHYME)


def test_fine_tuning_begins_with_what_the_model_knows(learnt: GPT) -> None:
    known, from_scratch = list[TrainingStep](), list[TrainingStep]()
    GPT.fit(RHYME, start=learnt, steps=1, on_step=known.append)
    GPT.fit(RHYME, steps=1, on_step=from_scratch.append, **QUICK)
    assert known[0].loss < 0.7 * from_scratch[0].loss


def test_a_training_that_is_stopped_returns_what_was_learnt_so_far() -> None:
    def stop(step: TrainingStep) -> None:
        if step.step == 2:
            raise TrainingStopped

    model = GPT.fit(RHYME, steps=1000, on_step=stop, **QUICK)
    assert is_as_before_training(model.network)
    assert len(list(model.stream("", 5, seed=1))) == 5


def test_an_error_on_the_way_leaves_the_model_it_started_from_as_it_was(learnt: GPT) -> None:
    def fail(step: TrainingStep) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        GPT.fit(RHYME, start=learnt, steps=2, on_step=fail)
    assert is_as_before_training(learnt.network)


def test_dropout_is_there_while_it_trains_and_gone_afterwards(tiny: GPT) -> None:
    network, tokens = copy.deepcopy(tiny.network), torch.tensor([tiny.encode(RHYME[:40])])

    def loss_of(network: torch.nn.Module) -> torch.Tensor:
        assert len(our_hooks(network)) == 5  # the embedding, attention and MLP of two layers
        assert (network(tokens).logits - network(tokens).logits).abs().max() > 0.1
        network.eval()
        torch.testing.assert_close(network(tokens).logits, network(tokens).logits)
        network.train()
        return network(tokens).logits.mean()

    trained = train_with_dropout(network, 0.5, loss_of, steps=1)
    assert is_as_before_training(trained.requires_grad_(False).eval())


def test_the_same_seed_learns_the_same_weights_and_another_one_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.textgen.gpt.BPE_DROPOUT", 0.0)  # the tokenizers library draws without a seed
    one, same, other = (GPT.fit(RHYME, steps=2, seed=seed, **QUICK).state()[0] for seed in (1, 1, 2))
    assert all((one[key] == same[key]).all() for key in one)
    assert any((one[key] != other[key]).any() for key in one)


@pytest.mark.parametrize("text", ["a" * 100, "🦜" * 100, "\n" * 150, "שלום\0" * 30])
def test_a_short_or_odd_text_is_learnt(text: str) -> None:
    model = GPT.fit(text, steps=1, **QUICK)
    assert math.isfinite(model.bits_per_char(text))
    assert is_as_before_training(model.network)


def test_a_text_too_short_to_learn_from_is_refused(tiny: GPT) -> None:
    for options in ({}, {"start": tiny}):
        with pytest.raises(BadInput, match="at least 100"):
            GPT.fit("To be, or not to be", steps=1, **options)


# files


def test_its_folder_loads_with_the_library_alone_and_says_the_same(learnt: GPT, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    learnt.save(tmp_path)
    network: Any = AutoModelForCausalLM.from_pretrained(tmp_path, local_files_only=True).float()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    text = "Peter picked a 🦜"
    tokens = tokenizer(text).input_ids
    assert tokens == learnt.encode(text) and tokenizer.decode(tokens) == text
    with torch.inference_mode():
        expected = network(torch.tensor([tokens])).logits[0]
    ours, _ = learnt.forward(tokens, None, keep=len(tokens))
    np.testing.assert_allclose(ours, expected, atol=0.05)
    written = network.generate(torch.tensor([tokens]), do_sample=False, max_new_tokens=3, pad_token_id=0)
    assert written.shape == (1, len(tokens) + 3)


def test_it_comes_back_from_its_folder(learnt: GPT, tmp_path: Path) -> None:
    learnt.save(tmp_path)
    again = GPT.load(tmp_path, "again")
    assert (again.name, again.window, again.pieces) == ("again", WINDOW, learnt.pieces)
    assert again.bits_per_char(RHYME[:300]) == pytest.approx(learnt.bits_per_char(RHYME[:300]), abs=0.01)
    assert is_as_before_training(again.network)
    assert all(p.dtype == torch.float32 for p in learnt.network.parameters()), "saving does not halve the model itself"


def test_a_model_comes_back_from_its_state_with_half_the_digits(learnt: GPT, tiny: GPT) -> None:
    arrays, about = learnt.state()
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float16)}
    before = tiny.read([]).probs().copy()
    again = GPT.from_state(arrays, about, tiny)
    assert again.name == "rhyme"
    assert again.bits_per_char(RHYME[:300]) == pytest.approx(learnt.bits_per_char(RHYME[:300]), abs=0.01)
    for key, array in again.state()[0].items():
        np.testing.assert_array_equal(array, arrays[key])
    np.testing.assert_array_equal(tiny.read([]).probs(), before, "the one that lent its sizes stays itself")


DAMAGE: dict[str, Callable[[dict[str, np.ndarray], dict[str, Any]], Any]] = {
    "no name": lambda arrays, about: about.pop("name"),
    "a weight is missing": lambda arrays, about: arrays.pop("norm.weight"),
    "a weight too many": lambda arrays, about: arrays.update(more=np.zeros(2)),
    "another shape": lambda arrays, about: arrays.update({"norm.weight": np.zeros(31)}),
    "a huge shape": lambda arrays, about: arrays.update({"norm.weight": np.broadcast_to(np.float16(1), 10**6)}),
    "nothing": lambda arrays, about: arrays.clear(),
    "no number": lambda arrays, about: arrays.update({"norm.weight": np.full(32, np.nan)}),
    "endless": lambda arrays, about: arrays.update({"norm.weight": np.full(32, np.inf)}),
    "too large to add up": lambda arrays, about: arrays.update({"norm.weight": np.full(32, 1e38)}),
    "words": lambda arrays, about: arrays.update({"norm.weight": np.full(32, "a")}),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_state_that_does_not_fit_is_refused(damage: str, tiny: GPT) -> None:
    arrays, about = tiny.state()
    DAMAGE[damage](arrays, about)
    with pytest.raises(BadInput, match="does not hold a GPT of ours"):
        GPT.from_state(arrays, about, tiny)
