"""The LSTM: its quick steps are torch's own, any text is read, a few dozen steps learn a rhyme, files may lie."""

import json
import math
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from models.errors import BadInput
from models.runtime.training import TrainingStep, TrainingStopped
from models.textgen import char_rnn
from models.textgen.char_rnn import LSTM, MAX_CHARACTERS, MAX_READ_CHARACTERS, UNKNOWN, CharRNN, vocabulary
from models.textgen.language_model import UNICODE_BITS
from models.textgen.sampling import Sampling
from models.textgen.split import split

RHYME = "Peter Piper picked a peck of pickled peppers;\nA peck of pickled peppers Peter Piper picked.\n" * 25
SMALL: dict[str, Any] = {"embedding": 16, "hidden": 48, "batch": 16, "sequence": 24, "learning_rate": 0.01}
ODD = ["", "🦜", "שלום עליכם", "\0", "\ufffd", "e\u0301👩‍👩‍👧 Peter"]


def untrained(layers: int = 1, seed: int = 0, pieces: str = "\n abcde") -> CharRNN:
    torch.manual_seed(seed)
    network = LSTM(len(pieces) + 1, 6, 10, layers)
    for weights in network.parameters():
        weights.data *= 4  # large enough to have opinions
    return CharRNN(network, ["\ufffd", *pieces], "untrained")


@torch.no_grad()
def whole_forward(model: CharRNN, tokens: list[int]) -> torch.Tensor:
    """Logits after each token, by nn.LSTM over the whole sequence: (T, V)."""
    logits, _ = model.network(torch.tensor([tokens]))
    return logits[0]


@pytest.fixture(scope="module")
def learnt() -> CharRNN:
    return CharRNN.fit(RHYME, name="rhyme", steps=60, **SMALL)


# reading


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_step_of_the_reader_is_one_of_torchs_own_lstm(layers: int) -> None:
    model = untrained(layers)
    tokens = model.encode("bad cafe 🦜 deed\nbee")
    expected = whole_forward(model, [*model.encode("\n"), *tokens])
    expected[:, UNKNOWN] = -torch.inf
    reader = model.read([])
    for at, token in enumerate([*tokens, UNKNOWN]):
        probs = reader.probs()
        np.testing.assert_allclose(probs, expected[at].softmax(0), atol=1e-6)
        assert probs.sum() == pytest.approx(1, abs=1e-5) and probs[UNKNOWN] == 0
        reader.push(token)


@pytest.mark.parametrize("layers", [1, 2])
def test_tokens_read_at_once_are_those_read_one_by_one(layers: int) -> None:
    model = untrained(layers)
    tokens = model.encode("a bee \n🦜 fed")
    reader = model.read(tokens[:3])
    for token in tokens[3:]:
        reader.push(token)
    np.testing.assert_allclose(reader.probs(), model.read(tokens).probs(), atol=1e-6)


def test_readers_of_one_model_do_not_disturb_each_other() -> None:
    model = untrained()
    one, other = model.read(model.encode("abc")), model.read(model.encode("abc"))
    before = one.probs().copy()
    other.push(3)
    other.probs()
    np.testing.assert_array_equal(one.probs(), before)


def test_a_long_prompt_is_read_from_its_end() -> None:
    model = untrained()
    end = "abc de" * (MAX_READ_CHARACTERS // 6 + 1)
    long, short = (model.read(model.encode(text)).probs() for text in ("ee" * 50_000 + end, end))
    np.testing.assert_array_equal(long, short)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("length", [1, 9, 10, 11, 20, 47])
def test_surprise_is_the_cross_entropy_also_across_the_edge_of_a_chunk(
    layers: int, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(char_rnn, "CHUNK", 10)
    model = untrained(layers)
    text = ("bad cab\nface dead" * 3)[:length].replace("f", "a")
    tokens = model.encode(text)
    nats = torch.nn.functional.cross_entropy(
        whole_forward(model, [*model.encode("\n"), *tokens])[:-1], torch.tensor(tokens), reduction="none"
    )
    surprises = model.surprise(text)
    assert "".join(s.piece for s in surprises) == text
    np.testing.assert_allclose([s.bits for s in surprises], nats.numpy() / math.log(2), rtol=1e-4, atol=1e-5)


def test_an_unknown_character_costs_what_naming_it_takes_more_than_its_token() -> None:
    model = untrained()
    logits = whole_forward(model, model.encode("\na"))
    expected = -logits[-1].log_softmax(0)[UNKNOWN] / math.log(2) + UNICODE_BITS
    assert model.surprise("a🦜")[1].bits == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("text", [*ODD, "🦜" * 100_000], ids=lambda text: repr(text[:9]))
def test_any_text_is_read_and_no_unknown_character_written(learnt: CharRNN, text: str) -> None:
    assert len(learnt.encode(text)) == len(text)
    written = "".join(learnt.stream(text, 60, sampling=Sampling(1.5), seed=1))
    assert len(written) == 60 and set(written) <= set(RHYME)
    surprises = learnt.surprise(text[:5000])
    assert "".join(s.piece for s in surprises) == text[:5000]
    assert all(math.isfinite(s.bits) and s.bits > UNICODE_BITS * (s.piece not in learnt.pieces[1:]) for s in surprises)


def test_the_memory_is_at_least_that_of_the_weights() -> None:
    model = untrained()
    assert model.nbytes > 4 * sum(p.numel() for p in model.network.parameters())


# training


def test_a_few_dozen_steps_learn_a_rhyme(learnt: CharRNN) -> None:
    assert learnt.bits_per_char(RHYME[:500]) < 0.6 * math.log2(len(set(RHYME)))
    assert learnt.name == "rhyme"
    assert learnt.pieces == vocabulary(RHYME)
    assert not learnt.network.training and not any(p.requires_grad for p in learnt.network.parameters())


def test_each_step_is_reported_and_now_and_then_a_sample_and_the_loss_on_the_held_out_end() -> None:
    steps: list[TrainingStep] = []
    model = CharRNN.fit(RHYME, steps=25, sample_every=10, on_step=steps.append, **SMALL)
    assert [step.step for step in steps] == [*range(1, 26)]
    looked = [step for step in steps if step.sample is not None]
    assert [step.step for step in looked] == [10, 20, 25] == [s.step for s in steps if s.validation is not None]
    assert all(len(step.sample or "") == 200 and set(step.sample or "") <= set(RHYME) for step in looked)
    assert looked[-1].validation == pytest.approx(model.bits_per_char(split(RHYME)[1]), rel=1e-5)
    assert steps[0].loss == pytest.approx(math.log2(len(model.pieces)), rel=0.1)
    assert np.mean([step.loss for step in steps[-5:]]) < 0.9 * steps[0].loss
    assert [step.seconds for step in steps] == sorted(step.seconds for step in steps)


def test_the_held_out_end_is_not_learnt() -> None:
    end = "xyz" * (len(RHYME) // 30)
    model = CharRNN.fit(RHYME[: 9 * len(end)] + end, steps=1, **SMALL)
    assert model.pieces == vocabulary(RHYME), "it knows none of the letters that only the end has"


def test_a_training_that_is_stopped_returns_what_was_learnt_so_far() -> None:
    def stop_at(last: int) -> Callable[[TrainingStep], None]:
        def on_step(step: TrainingStep) -> None:
            if step.step == last:
                raise TrainingStopped

        return on_step

    early, later = (CharRNN.fit(RHYME, steps=1000, on_step=stop_at(last), **SMALL) for last in (1, 50))
    assert later.bits_per_char(RHYME[:300]) < early.bits_per_char(RHYME[:300]) - 0.5


def test_training_goes_on_from_a_model_and_leaves_that_one_as_it_was(learnt: CharRNN) -> None:
    before = {key: array.copy() for key, array in learnt.state()[0].items()}
    steps: list[TrainingStep] = []
    again = CharRNN.fit(RHYME.replace("Peter", "Pæter"), start=learnt, steps=5, on_step=steps.append, **SMALL)
    assert steps[0].loss < 0.75 * math.log2(len(learnt.pieces))
    assert again.pieces == learnt.pieces, "a new letter stays unknown"
    assert any((again.state()[0][key] != array).any() for key, array in before.items())
    for key, array in learnt.state()[0].items():
        np.testing.assert_array_equal(array, before[key])
    assert not learnt.network.training and not any(p.requires_grad for p in learnt.network.parameters())


def test_the_same_seed_learns_the_same_weights_and_another_one_others() -> None:
    one, same, other = (CharRNN.fit(RHYME, steps=3, seed=seed, **SMALL).state()[0] for seed in (1, 1, 2))
    assert all((one[key] == same[key]).all() for key in one)
    assert any((one[key] != other[key]).any() for key in one)


def test_a_batch_reads_on_where_the_last_one_ended_eight_times_and_then_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begins_anew: list[bool] = []
    forward = LSTM.forward

    def watched(network: LSTM, tokens: torch.Tensor, state: Any = None) -> Any:
        if network.training:
            begins_anew.append(state is None)
            assert state is None or not state[0].requires_grad, "nothing is learnt through all eight"
        return forward(network, tokens, state)

    monkeypatch.setattr(LSTM, "forward", watched)
    CharRNN.fit(RHYME, steps=18, **SMALL)
    assert begins_anew == ([True] + [False] * 7) * 2 + [True, False]


def test_two_layers_learn_too() -> None:
    model = CharRNN.fit(RHYME, steps=40, layers=2, dropout=0.2, **SMALL)
    assert model.network.lstm.num_layers == 2
    assert model.bits_per_char(RHYME[:300]) < 0.8 * math.log2(len(model.pieces))


@pytest.mark.parametrize("text", ["", "a", "ab" * 49])
def test_a_text_too_short_to_learn_from_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=f"has {len(text)} characters.*at least 100"):
        CharRNN.fit(text, steps=1)


def test_a_file_of_something_else_read_as_text_is_refused() -> None:
    with pytest.raises(BadInput, match="no readable characters"):
        CharRNN.fit("\ufffd" * 500, steps=1)


@pytest.mark.parametrize("text", ["a" * 100, "ab" * 50, "🦜\0שלום" * 40, "\n" * 130 + "x"])
def test_a_short_or_odd_text_is_learnt_and_written(text: str) -> None:
    model = CharRNN.fit(text, steps=2, **{**SMALL, "sequence": 64})
    assert set(model.stream("", 30, seed=0)) <= set(text)


def test_the_most_frequent_characters_get_a_token_in_order_and_the_others_none() -> None:
    assert vocabulary("banana\ufffd") == ["\ufffd", "a", "b", "n"]
    frequent = [chr(0x4E00 + at) for at in range(MAX_CHARACTERS)]
    kept = vocabulary("".join(frequent) * 2 + "".join(chr(0x3400 + at) for at in range(500)))
    assert kept == ["\ufffd", *frequent]


# files


@pytest.mark.parametrize("layers", [1, 2])
def test_a_model_comes_back_from_its_state(layers: int) -> None:
    model = untrained(layers)
    arrays, about = model.state()
    again = CharRNN.from_state(arrays, json.loads(json.dumps(about)))
    assert (again.name, list(again.pieces)) == (model.name, list(model.pieces))
    assert again.surprise("bad 🦜 cab") == model.surprise("bad 🦜 cab")
    assert list(again.stream("a", 50, seed=1)) == list(model.stream("a", 50, seed=1))
    for key, array in again.state()[0].items():
        np.testing.assert_array_equal(array, arrays[key])


def test_weights_in_half_precision_come_back_too() -> None:
    model = untrained()
    arrays, about = model.state()
    again = CharRNN.from_state({key: array.astype(np.float16) for key, array in arrays.items()}, about)
    np.testing.assert_allclose(again.read([]).probs(), model.read([]).probs(), atol=5e-3)


@pytest.mark.parametrize(
    "change",
    [
        {"pieces": None},
        {"pieces": []},
        {"pieces": "\ufffd\n abcde"},
        {"pieces": dict.fromkeys("\ufffd\n abcde")},
        {"pieces": ["\ufffd", *"\n abcd"]},
        {"pieces": ["\ufffd", *"\n abcdd"]},
        {"pieces": ["\ufffd", *"\n abcd", "ef"]},
        {"pieces": ["\ufffd", *"\n abcd", ""]},
        {"pieces": ["\ufffd", *"\n abcd", 5]},
        {"pieces": ["\ufffd", *"\n abcd", ["e"]]},
        {"pieces": [chr(at) for at in range(2000)]},
        *({size: value} for size in ("embedding", "hidden", "layers") for value in (0, -1, 5, 2.0, "6", None, 10**9)),
        {"layers": True},
        {"layers": 2},
    ],
    ids=lambda change: str(change)[:40],
)
def test_metadata_that_does_not_fit_the_weights_is_refused(change: dict[str, Any]) -> None:
    arrays, about = untrained().state()
    with pytest.raises(BadInput, match="does not hold an LSTM of ours"):
        CharRNN.from_state(arrays, {**about, **change})


@pytest.mark.parametrize("missing", ["pieces", "embedding", "hidden", "layers", "name"])
def test_metadata_that_lacks_something_is_refused(missing: str) -> None:
    arrays, about = untrained().state()
    del about[missing]
    with pytest.raises(BadInput):
        CharRNN.from_state(arrays, about)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 3e38])
def test_weights_that_could_not_be_computed_with_are_refused(value: float) -> None:
    arrays, about = untrained().state()
    arrays["lstm.weight_hh_l0"] = arrays["lstm.weight_hh_l0"].copy()
    arrays["lstm.weight_hh_l0"][3, 4] = value
    with pytest.raises(BadInput):
        CharRNN.from_state(arrays, about)


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays: arrays.pop("out.bias"),
        lambda arrays: arrays.update(more=np.zeros(3)),
        lambda arrays: arrays.update({"out.bias": arrays["out.bias"][:-1]}),
        lambda arrays: arrays.update({"out.bias": arrays["out.bias"][0]}),
        lambda arrays: arrays.update({"out.weight": arrays["out.weight"].T}),
        lambda arrays: arrays.clear(),
    ],
)
def test_weights_of_another_shape_are_refused(damage: Callable[[dict[str, np.ndarray]], Any]) -> None:
    arrays, about = untrained().state()
    arrays = dict(arrays)
    damage(arrays)
    with pytest.raises(BadInput):
        CharRNN.from_state(arrays, about)


def test_sizes_that_lie_do_not_take_the_memory_they_speak_of(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays, about = untrained().state()
    real: list[Any] = []
    make = LSTM.__init__

    def watched(network: LSTM, *sizes: Any) -> None:
        make(network, *sizes)
        real.extend(p for p in network.parameters() if p.device.type != "meta")

    monkeypatch.setattr(LSTM, "__init__", watched)
    tracemalloc.start()
    with pytest.raises(BadInput):
        CharRNN.from_state(arrays, {**about, "embedding": 2048, "hidden": 2048, "layers": 4})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not real and most < 1_000_000


def test_a_long_name_from_a_file_is_cut() -> None:
    arrays, about = untrained().state()
    assert len(CharRNN.from_state(arrays, {**about, "name": "x" * 10_000}).name) == 80
