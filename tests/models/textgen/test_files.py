"""Our models as files: they come back as they were, and whatever else somebody loads is refused in words."""

import io
import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch

from models.errors import BadInput
from models.textgen.char_rnn import LSTM, CharRNN
from models.textgen.copied import CopyIndex
from models.textgen.files import ABOUT, VERSION, from_bytes, read_lstm, read_npz, to_bytes, write_lstm, write_npz
from models.textgen.gpt import GPT, small_llama, train_tokenizer
from models.textgen.language_model import LanguageModel
from models.textgen.ngram import NGram
from models.textgen.sampling import Sampling

RHYME = "Peter Piper picked a peck of pickled peppers;\nA peck of pickled peppers Peter Piper picked.\n"
KINDS = ["ngram", "words", "char_rnn", "gpt"]


def opinionated(network: Any, seed: int = 0) -> Any:
    generator = torch.Generator().manual_seed(seed)
    for weights in network.parameters():
        weights.data = torch.randn(weights.shape, generator=generator) * 0.2 + (weights.dim() == 1)
    return network


@pytest.fixture(scope="module")
def bundled_gpt() -> GPT:
    """In the bundled one's place: what lends its sizes and its tokenizer."""
    tokenizer = train_tokenizer(RHYME, 262)
    return GPT(opinionated(small_llama(262, width=16, layers=1, heads=2, window=16)), tokenizer, "bundled")


@pytest.fixture(scope="module")
def models(bundled_gpt: GPT) -> dict[str, Any]:
    pieces = ["\ufffd", *sorted(set(RHYME))]
    tuned = small_llama(262, width=16, layers=1, heads=2, window=16)
    made: dict[str, Any] = {
        "ngram": NGram.fit(RHYME, "characters", 3, "My letters"),
        "words": NGram.fit(RHYME, "words", 2, "My words"),
        "char_rnn": CharRNN(opinionated(LSTM(len(pieces), 4, 8, 2)), pieces, "My LSTM"),
        "gpt": GPT(opinionated(tuned, seed=1), train_tokenizer(RHYME, 262), "My GPT"),
    }
    for model in made.values():
        model.copied = CopyIndex.from_text(RHYME)
    return made


@pytest.fixture(scope="module")
def contents(models: dict[str, Any]) -> dict[str, bytes]:
    return {kind: to_bytes(model) for kind, model in models.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_comes_back_from_its_file(
    kind: str, models: dict[str, Any], contents: dict[str, bytes], bundled_gpt: GPT
) -> None:
    model, again = models[kind], from_bytes(contents[kind], lambda: bundled_gpt)
    assert type(again) is type(model)
    assert (again.name, list(again.pieces)) == (model.name, list(model.pieces))
    assert again.bits_per_char("Peter 🦜 Paul") == pytest.approx(model.bits_per_char("Peter 🦜 Paul"), rel=2e-3)
    assert again.bits_per_char(RHYME) != pytest.approx(bundled_gpt.bits_per_char(RHYME), rel=0.01)
    assert len(list(again.stream("Pe", 20, seed=1))) == 20
    assert to_bytes(again) == contents[kind], "saved again it is the same file"


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_model_copies_is_still_found_after_loading(
    kind: str, contents: dict[str, bytes], bundled_gpt: GPT
) -> None:
    again = from_bytes(contents[kind], lambda: bundled_gpt)
    assert again.copied is not None
    run = again.copied.longest_run("🦜 of pickled peppers Peter 🦜")
    assert run.start in (1, 2) and run.end in (27, 28, 29)


def test_a_model_that_knows_no_text_it_learnt_from_has_no_index_after_loading(bundled_gpt: GPT) -> None:
    model = NGram.fit(RHYME, order=2)
    assert from_bytes(to_bytes(model), lambda: bundled_gpt).copied is None


def test_the_bundled_gpt_is_only_asked_for_when_it_is_needed(contents: dict[str, bytes]) -> None:
    def never() -> GPT:
        raise AssertionError("loaded for nothing")

    assert from_bytes(contents["char_rnn"], never).name == "My LSTM"


def test_the_file_is_safetensors_with_our_json_in_its_header(contents: dict[str, bytes], tmp_path: Path) -> None:
    from safetensors import safe_open

    (tmp_path / "model.safetensors").write_bytes(contents["char_rnn"])
    with safe_open(tmp_path / "model.safetensors", "numpy") as stored:
        about = json.loads(stored.metadata()[ABOUT])
        assert "lstm.weight_hh_l0" in stored.keys()  # noqa: SIM118 - it is no dict
    assert (about["kind"], about["version"]) == ("char_rnn", VERSION)


# bundled files


def test_counts_come_back_from_npz(models: dict[str, Any], tmp_path: Path) -> None:
    write_npz(models["words"].state(), tmp_path / "words.npz")
    again = NGram.from_state(*read_npz(tmp_path / "words.npz"))
    assert again.surprise(RHYME + "🦜") == models["words"].surprise(RHYME + "🦜")


def test_an_lstm_comes_back_from_its_small_file_the_same_to_three_digits(
    models: dict[str, Any], tmp_path: Path
) -> None:
    write_lstm(models["char_rnn"], tmp_path / "lstm.safetensors")
    again = read_lstm(tmp_path / "lstm.safetensors")
    assert again.name == "My LSTM"
    assert again.bits_per_char(RHYME) == pytest.approx(models["char_rnn"].bits_per_char(RHYME), rel=2e-3)
    assert (tmp_path / "lstm.safetensors").stat().st_size < len(to_bytes(models["char_rnn"]))


# what is not ours


def rewritten(content: bytes, **changes: Any) -> bytes:
    """The same arrays with other words about them; None takes one away."""
    length = int.from_bytes(content[:8], "little")
    about = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][ABOUT])
    about = {key: value for key, value in {**about, **changes}.items() if value is not None}
    return safetensors.numpy.save(safetensors.numpy.load(content), {ABOUT: json.dumps(about)})


def with_header(header: bytes, body: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + body


def about_only(about: str) -> bytes:
    return safetensors.numpy.save({"a": np.zeros(2)}, {ABOUT: about})


def pickled(content: bytes) -> bytes:
    archive = io.BytesIO()
    torch.save({"weights": torch.zeros(3)}, archive)
    return archive.getvalue()


NOT_OURS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda content: b"",
    "seven bytes": lambda content: content[:7],
    "a text": lambda content: b"To be, or not to be, that is the question. " * 20,
    "a picture": lambda content: b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "random bytes": lambda content: random.Random(1).randbytes(5000),
    "zeros": lambda content: bytes(5000),
    "a pickle": lambda content: pickle.dumps({"weights": [1.0, 2.0]}),
    "a checkpoint of torch": pickled,
    "half a header": lambda content: content[:60],
    "its last byte missing": lambda content: content[:-1],
    "half of it": lambda content: content[: len(content) // 2],
    "a byte too many": lambda content: content + b"\0",
    "an endless header": lambda content: b"\xff" * 8 + content[8:],
    "a header of 90 MB that is not there": lambda content: (90_000_000).to_bytes(8, "little") + content[8:],
    "a header of a list": lambda content: with_header(b"[]"),
    "an array that lies elsewhere": lambda content: with_header(
        b'{"a":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}', bytes(100)
    ),
    "safetensors of somebody else": lambda content: safetensors.numpy.save({"weights": np.zeros(3)}),
    "somebody else's words": lambda content: safetensors.numpy.save({"weights": np.zeros(3)}, {"format": "pt"}),
    "words that are no JSON": lambda content: about_only("{kind: ngram}"),
    "words that are a list": lambda content: about_only('["ngram", 1]'),
    "words that are a number": lambda content: about_only("5"),
    "words nested without an end": lambda content: about_only("[" * 100_000),
    "an endless version": lambda content: about_only('{"kind": "ngram", "version": Infinity}'),
    "no version": lambda content: rewritten(content, version=None),
    "a version in words": lambda content: rewritten(content, version="newest"),
    "no kind": lambda content: rewritten(content, kind=None),
    "a number type that we do not read": lambda content: with_header(
        json.dumps(
            {
                "__metadata__": {ABOUT: '{"kind": "gpt", "version": 1}'},
                "a": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]},
            }
        ).encode(),
        bytes(2),
    ),
}


@pytest.mark.parametrize("what", NOT_OURS)
def test_what_is_not_a_model_of_ours_is_refused(what: str, contents: dict[str, bytes], bundled_gpt: GPT) -> None:
    for kind in ("ngram", "char_rnn"):
        with pytest.raises(BadInput, match=r"Load|Choose|Save"):
            from_bytes(NOT_OURS[what](contents[kind]), lambda: bundled_gpt)


def test_a_file_of_a_newer_limelight_says_so(contents: dict[str, bytes], bundled_gpt: GPT) -> None:
    with pytest.raises(BadInput, match="saved by a newer Limelight"):
        from_bytes(rewritten(contents["ngram"], version=VERSION + 1), lambda: bundled_gpt)


def test_another_kind_is_named_shortly(contents: dict[str, bytes], bundled_gpt: GPT) -> None:
    with pytest.raises(BadInput, match="of the kind 'diffusion'"):
        from_bytes(rewritten(contents["ngram"], kind="diffusion"), lambda: bundled_gpt)
    with pytest.raises(BadInput) as refused:
        from_bytes(rewritten(contents["ngram"], kind="x" * 100_000), lambda: bundled_gpt)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        *(("ngram", "char_rnn"), ("ngram", "gpt"), ("words", "char_rnn"), ("words", "gpt")),
        *(("char_rnn", "ngram"), ("char_rnn", "gpt"), ("gpt", "ngram"), ("gpt", "char_rnn")),
    ],
)
def test_a_file_that_lies_about_its_kind_is_refused(
    kind: str, other: str, contents: dict[str, bytes], bundled_gpt: GPT
) -> None:
    with pytest.raises(BadInput):
        from_bytes(rewritten(contents[kind], kind=other), lambda: bundled_gpt)


@pytest.mark.parametrize("copied", [{"kind": "copied"}, {"kind": "copied", "window": 3}, ["copied"], 7, "copied"])
def test_an_index_that_is_none_is_refused(copied: Any, contents: dict[str, bytes], bundled_gpt: GPT) -> None:
    with pytest.raises(BadInput, match="index of copied runs"):
        from_bytes(rewritten(contents["ngram"], copied=copied), lambda: bundled_gpt)


def used(model: LanguageModel) -> None:
    """What a page does with a model; it may write nonsense, but must not fail."""
    assert len(list(model.stream("Peter", 5, sampling=Sampling(0.7), seed=1))) == 5
    assert model.bits_per_char("Peter 🦜") > 0
    if model.copied:
        model.copied.longest_run(RHYME)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_a_byte_changed_is_refused_or_leaves_a_model_that_works(
    kind: str, contents: dict[str, bytes], bundled_gpt: GPT
) -> None:
    draw, outcomes = random.Random(23), set()
    header = 8 + int.from_bytes(contents[kind][:8], "little")
    for attempt in range(200):
        changed = bytearray(contents[kind])
        # half of them in the header, where the words are
        at = draw.randrange(header) if attempt % 2 else draw.randrange(len(changed))
        changed[at] ^= draw.randrange(1, 256)
        try:
            model = from_bytes(bytes(changed), lambda: bundled_gpt)
        except BadInput:
            outcomes.add("refused")
            continue
        outcomes.add("works")
        used(model)
    assert outcomes == {"refused", "works"}
