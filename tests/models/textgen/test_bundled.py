"""The models that come along: they load without a network, are as good as the page says, and hold no text."""

import math
import re
from typing import Any

import numpy as np
import pytest
import torch

from models.textgen import bundled
from models.textgen.bundled import FOLDER
from models.textgen.language_model import LanguageModel
from models.textgen.masked import MaskedLM
from models.textgen.sampling import Sampling

# of the part that was held out, and of the part that was learnt
UNSEEN = """PETRUCHIO:
Who knows not where a wasp does
wear his sting? In his tail.

KATHARINA:
In his tongue.

PETRUCHIO:
Whose tongue?

KATHARINA:
Yours, if you talk of tails: and so farewell.

PETRUCHIO:
What, with my tongue in your tail? nay, come again,
Good Kate; I am a gentleman.

KATHARINA:
That I'll try.

PETRUCHIO:
I swear I'll cuff you, if you strike again.
"""
LEARNT = """Nurse:
Jesu, what haste? can you not stay awhile?
Do you not see that I am out of breath?

JULIET:
How art thou out of breath, when thou hast breath
To say to me that thou art out of breath?
The excuse that thou dost make in this delay
Is longer than the tale thou dost excuse.
Is thy news good, or bad? answer to that;
"""
COMMON = re.compile(r"the|and|to|of|i|you|my|a|that|in|is|not|with|me|it|for|be|his|your|this|but|he|have|as|thou|him")

LOADERS = {
    "ngram": bundled.load_ngram,
    "words": bundled.load_words,
    "lstm": bundled.load_lstm,
    "gpt": bundled.load_gpt,
}


@pytest.fixture(scope="module")
def models() -> dict[str, LanguageModel]:
    return {name: load(None, lambda *_: None) for name, load in LOADERS.items()}


@pytest.fixture(scope="module")
def masked() -> MaskedLM:
    loaded = bundled.load_masked(None, lambda *_: None)
    assert isinstance(loaded, MaskedLM)
    return loaded


@pytest.mark.parametrize("name", [*LOADERS, "masked"])
def test_a_loader_says_what_it_does(name: str) -> None:
    said: list[tuple[Any, ...]] = []
    getattr(bundled, f"load_{name}")(None, lambda *words: said.append(words))
    assert said and all(re.match(r"Reading the (counts|weights)", words[0]) for words in said)


def test_each_is_what_its_name_says(models: dict[str, LanguageModel]) -> None:
    assert {name: (type(m).__name__, m.name) for name, m in models.items()} == {
        "ngram": ("NGram", "Letter n-gram"),
        "words": ("NGram", "Word n-gram"),
        "lstm": ("CharRNN", "LSTM"),
        "gpt": ("GPT", "GPT"),
    }
    assert (models["ngram"].order, models["words"].order) == (8, 4)  # type: ignore[attr-defined]
    assert all(1_000_000 < m.nbytes < 30_000_000 for m in models.values())


def test_the_networks_know_an_unseen_page_better_than_the_counts_of_letters(models: dict[str, LanguageModel]) -> None:
    bits = {name: model.bits_per_char(UNSEEN) for name, model in models.items()}
    assert bits["gpt"] < bits["lstm"] < bits["ngram"] < 0.6 * math.log2(66)
    assert bits["words"] < bits["ngram"]
    # 2 % above what they were when the held-out tenth took gpt 2.12 bits, lstm 2.35 and ngram 2.75 at most
    assert bits["gpt"] < 1.78 and bits["lstm"] < 1.89 and bits["ngram"] < 2.24


def test_the_counts_have_learnt_their_text_by_heart_and_the_networks_have_not(models: dict[str, LanguageModel]) -> None:
    bits = {name: model.bits_per_char(LEARNT) for name, model in models.items()}
    assert max(bits["ngram"], bits["words"]) < 1.2 < min(bits["gpt"], bits["lstm"])


@pytest.mark.parametrize("prompt", ["", "🦜 שלום", "\0\ufffd\u202e", "ROMEO:\n"])
@pytest.mark.parametrize("name", LOADERS)
def test_whatever_the_prompt_shakespeare_comes_out(name: str, prompt: str, models: dict[str, LanguageModel]) -> None:
    written = "".join(models[name].stream(prompt, 300 if name in ("ngram", "lstm") else 100, Sampling(0.8), 1))
    assert set(written) <= {"\n", *map(chr, range(32, 127))}, "nothing but what the plays are written with"
    words = re.findall(r"[a-z]+", written.lower())
    assert len(words) > 30 and np.mean([len(word) for word in words]) < 6
    assert np.mean([COMMON.fullmatch(word) is not None for word in words]) > 0.15


@pytest.mark.parametrize("name", LOADERS)
def test_the_same_seed_writes_the_same_text_and_temperature_0_always(
    name: str, models: dict[str, LanguageModel]
) -> None:
    def write(**how: Any) -> str:
        return "".join(models[name].stream("ROMEO:\n", 40, **how))

    assert write(seed=1) == write(seed=1) != write(seed=2)
    assert write(sampling=Sampling(0), seed=1) == write(sampling=Sampling(0), seed=2)


@pytest.mark.parametrize("name", LOADERS)
def test_a_run_copied_from_the_learnt_text_is_found_and_an_unseen_page_is_not(
    name: str, models: dict[str, LanguageModel]
) -> None:
    index = models[name].copied
    assert index is models["gpt"].copied is not None, "there is one for all of them"
    assert index.longest_run("🦜" + LEARNT + "🦜").length == pytest.approx(len(LEARNT), abs=2)
    assert index.longest_run(UNSEEN).length < 40


def test_a_blank_is_filled_from_both_sides(masked: MaskedLM) -> None:
    tokens = masked.encode("My good lord, I pray you, go with me.")
    assert [masked.pieces[token] for token in tokens[2:6]] == [" lord", ",", " I", " pray"]
    (piece, probability), *_ = masked.guess(tokens, 2)
    assert piece == " lord" and probability > 0.5
    right, bits = masked.accuracy(UNSEEN * 4)
    assert right > 0.35 and bits < 5


# the folder


def test_the_folder_is_small_and_holds_nothing_that_could_run() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".md", ".json", ".npz", ".safetensors"}
    assert 5_000_000 < sum(path.stat().st_size for path in files) <= 15_000_000


def holds_a_run_of(text: str, content: bytes) -> bool:
    """Whether 40 characters in a row of the text are in the content; then one of these twenty is."""
    return any(text[at : at + 20].encode() in content for at in range(0, len(text) - 19, 20))


def test_the_text_that_was_learnt_is_not_in_the_folder() -> None:
    assert holds_a_run_of(LEARNT, b"..." + LEARNT[33:73].encode() + b"...")
    for path in sorted(FOLDER.rglob("*.*")):
        contents = [path.read_bytes()]
        if path.suffix == ".npz":
            with np.load(path) as stored:  # compressed in the file
                contents += [stored[name].tobytes() for name in stored.files]
        assert not any(holds_a_run_of(LEARNT, content) for content in contents), path.name


def test_the_gpt_loads_with_the_transformers_library_alone(models: dict[str, LanguageModel]) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    network: Any = AutoModelForCausalLM.from_pretrained(FOLDER / "gpt", local_files_only=True).float()
    tokenizer = AutoTokenizer.from_pretrained(FOLDER / "gpt", local_files_only=True)
    tokens = tokenizer("\nKATHARINA:\nIn his tongue.").input_ids
    assert tokens[1:] == models["gpt"].encode("KATHARINA:\nIn his tongue.")
    with torch.inference_mode():
        plain = network(torch.tensor([tokens])).logits[0, -1].double().softmax(-1)
    np.testing.assert_allclose(models["gpt"].read(tokens[1:]).probs(), plain, atol=1e-4)
