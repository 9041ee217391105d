"""Transformers as language models: real networks with random weights, compared with their own plain forward."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from models.textgen.language_model import UNICODE_BITS
from models.textgen.sampling import Sampling
from models.textgen.transformer import TransformerModel, token_bytes
from tests.models.textgen.tiny import byte_level_tokenizer, gpt2, llama, sentencepiece_tokenizer

TEXTS = [
    "",
    "To be, or not to be",
    " two  spaces\n\n",
    "é😀👩‍👩‍👧 naïve",
    "שלום עולם",
    "a\0b\0",
    "\ufffd",
    "�x",
    "<|endoftext|>",
]
LONG = "To be, or not to be, that is the question: hello world! 😀 " * 4
WINDOW = 32


def model(network: Any = gpt2, tokenizer: Any = None, start: int | None = 0, window: int = WINDOW) -> TransformerModel:
    tokenizer = tokenizer or byte_level_tokenizer()
    return TransformerModel(network(tokenizer.get_vocab_size()), tokenizer, "tiny", window, start, end_tokens=[0])


@torch.inference_mode()
def plain_probs(model: TransformerModel, context: list[int]) -> np.ndarray:
    """What the network says after these tokens, read at once without any cache."""
    return model.network(torch.tensor([context])).logits[0, -1].double().softmax(-1).numpy()


# --- reading


@pytest.mark.parametrize("network", [gpt2, llama])
def test_the_cache_says_what_a_full_forward_says_at_each_step_also_past_the_window(network: Any) -> None:
    tiny = model(network)
    tokens = tiny.encode(LONG)
    assert len(tokens) > 2 * WINDOW
    reader, context = tiny.read(tokens[:5]), [0, *tokens[:5]]
    for token in tokens[5:]:
        np.testing.assert_allclose(reader.probs(), plain_probs(tiny, context), atol=1e-5)
        reader.push(token)
        context = [*context, token] if len(context) < WINDOW else [*context, token][-WINDOW // 2 :]


def test_tokens_pushed_together_are_read_together() -> None:
    tiny = model()
    tokens = tiny.encode("hello world, to be")
    one_by_one, at_once = tiny.read([]), tiny.read([])
    for token in tokens:
        one_by_one.probs()
        one_by_one.push(token)
        at_once.push(token)
    np.testing.assert_allclose(one_by_one.probs(), at_once.probs(), atol=1e-6)


def test_a_prompt_longer_than_the_window_is_read_from_its_end() -> None:
    tiny = model()
    tokens = tiny.encode(LONG)
    np.testing.assert_allclose(tiny.read(tokens).probs(), plain_probs(tiny, tokens[-WINDOW:]), atol=1e-5)


def test_readers_of_one_model_do_not_disturb_each_other() -> None:
    tiny = model()
    first, second = tiny.read(tiny.encode("hello")), tiny.read(tiny.encode("world"))
    expected = first.probs().copy()
    second.push(7)
    second.probs()
    np.testing.assert_array_equal(first.probs(), expected)
    np.testing.assert_allclose(tiny.read(tiny.encode("hello")).probs(), expected)


@pytest.mark.parametrize("text", ["", "hello", "😀", LONG])
def test_probabilities_sum_to_one(text: str) -> None:
    probs = model().read(model().encode(text)).probs()
    assert probs.min() >= 0 and math.isclose(probs.sum(), 1, abs_tol=1e-9)


def test_without_a_start_token_the_first_one_is_any() -> None:
    tiny = model(start=None)
    probs = tiny.read([]).probs()
    np.testing.assert_allclose(probs, 1 / len(tiny.pieces))
    token = tiny.encode("hello")[:1]
    np.testing.assert_allclose(tiny.read(token).probs(), plain_probs(tiny, token), atol=1e-5)
    assert tiny.surprise("hello")[0].bits == pytest.approx(math.log2(len(tiny.pieces)))


def test_a_network_with_room_for_more_tokens_never_writes_them() -> None:
    tokenizer = byte_level_tokenizer()
    size = tokenizer.get_vocab_size()
    tiny = TransformerModel(gpt2(size + 100), tokenizer, "tiny", WINDOW, 0)
    probs = tiny.read([]).probs()
    assert len(probs) == len(tiny.pieces) == size and math.isclose(probs.sum(), 1)


def test_a_tokenizer_with_more_tokens_than_the_network_leaves_them_out() -> None:
    tokenizer = byte_level_tokenizer()
    size = tokenizer.get_vocab_size()
    tokenizer.add_tokens(["<extra>"])
    tiny = TransformerModel(gpt2(size), tokenizer, "tiny", WINDOW, 0)
    assert "".join(piece for piece, _ in tiny.tokens_of("a<extra>b")) == "ab"
    surprises = tiny.surprise("a<extra>b")
    assert "".join(s.piece for s in surprises) == "a<extra>b"
    assert surprises[1].bits > UNICODE_BITS * len("<extra>")


def test_the_memory_is_that_of_the_weights() -> None:
    tiny = model()
    assert tiny.nbytes >= 4 * sum(p.numel() for p in tiny.network.parameters()) > 0


def test_a_window_of_one_token_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        model(window=1)


# --- writing


@pytest.mark.parametrize("network", [gpt2, llama])
def test_temperature_0_writes_what_the_network_generates_greedily(network: Any) -> None:
    tiny = model(network)
    prompt = tiny.encode("hello world")
    asked = torch.tensor([[0, *prompt]])
    written = tiny.network.generate(asked, do_sample=False, max_new_tokens=15, pad_token_id=0, eos_token_id=0)
    tokens = written[0, asked.shape[1] :].tolist()
    expected = tokens[: tokens.index(0)] if 0 in tokens else tokens
    assert len(expected) > 3
    assert list(tiny.stream("hello world", 15, sampling=Sampling(0))) == list(tiny.texts(expected))


def test_the_same_seed_writes_the_same_text_and_another_one_another() -> None:
    tiny = model()
    texts = ["".join(tiny.stream("hello", 30, seed=seed)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_writing_stops_at_the_end_token() -> None:
    tiny = model()
    most_probable = int(tiny.read(tiny.encode("hello")).probs().argmax())
    ending = TransformerModel(tiny.network, tiny.tokenizer, "tiny", WINDOW, 0, end_tokens=[most_probable])
    assert list(ending.stream("hello", 5, sampling=Sampling(0))) == []
    assert len(list(tiny.stream("hello", 5, sampling=Sampling(0)))) >= 1


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_read_aloud_are_the_text_again(text: str) -> None:
    tiny = model()
    assert "".join(tiny.texts(tiny.encode(text))) == text


def test_a_character_of_several_tokens_comes_when_it_is_complete() -> None:
    tiny = model(tokenizer=byte_level_tokenizer(size=257))
    assert list(tiny.texts(tiny.encode("a😀b"))) == ["a", "", "", "", "😀", "b"]
    assert list(tiny.texts(tiny.encode("😀")[:3] + tiny.encode("b"))) == ["", "", "", "�b"]


def test_what_a_visitor_types_is_text_and_no_command() -> None:
    tiny = model()
    assert 0 not in tiny.encode("<|endoftext|>")
    assert tiny.pieces[0] == "<|endoftext|>"


def test_pieces_are_the_texts_of_tokens_and_spaces_are_spaces() -> None:
    tiny = model()
    pieces = tiny.tokens_of("hello world")
    assert "".join(piece for piece, _ in pieces) == "hello world"
    assert [token for _, token in pieces] == tiny.encode("hello world")


# --- surprise


@pytest.mark.parametrize("text", [*TEXTS, LONG])
def test_the_pieces_of_surprise_join_to_the_text(text: str) -> None:
    for trim in (False, True):
        surprises = model(tokenizer=byte_level_tokenizer(trim_offsets=trim)).surprise(text)
        assert "".join(s.piece for s in surprises) == text
        assert all(s.piece and s.bits >= 0 for s in surprises)


@pytest.mark.parametrize("network", [gpt2, llama])
def test_surprise_is_the_cross_entropy_of_one_plain_forward(network: Any) -> None:
    tiny = model(network)
    tokens = tiny.encode("hello world 😀")
    with torch.inference_mode():
        logits = tiny.network(torch.tensor([[0, *tokens]])).logits[0, :-1]
        nats = torch.nn.functional.cross_entropy(logits.double(), torch.tensor(tokens), reduction="none")
    np.testing.assert_allclose(tiny.bits(tokens), nats.numpy() / math.log(2), rtol=1e-4, atol=1e-5)
    surprises = tiny.surprise("hello world 😀")
    assert surprises[-1].piece.endswith("😀"), "four bytes, one piece"
    assert sum(s.bits for s in surprises) == pytest.approx(nats.sum().item() / math.log(2), rel=1e-4)


@pytest.mark.parametrize("start", [0, None])
@pytest.mark.parametrize("window", [2, 7, WINDOW])
def test_surprise_is_what_the_reader_gave_each_token_however_long_the_text(start: int | None, window: int) -> None:
    tiny = model(start=start, window=window)
    tokens = tiny.encode(LONG)
    reader, expected = tiny.read([]), []
    for token in tokens:
        expected.append(-math.log2(reader.probs()[token]))
        reader.push(token)
    np.testing.assert_allclose(tiny.bits(tokens), expected, rtol=1e-3, atol=1e-4)


def test_bits_do_not_depend_on_how_many_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = model()
    tokens = tiny.encode(LONG)
    expected = tiny.bits(tokens)
    monkeypatch.setattr("models.textgen.transformer.CHUNK", 3)
    np.testing.assert_allclose(tiny.bits(tokens), expected, rtol=1e-3, atol=1e-4)


# --- tokenizers of other families


def test_sentencepiece_tokens_keep_the_space_before_a_word() -> None:
    tiny = model(llama, sentencepiece_tokenizer(), start=1)
    tokens = tiny.encode("he went")
    assert "".join(tiny.texts(tokens)) == " he went"
    assert tiny.pieces[tokens[-4]] == " w"
    assert "".join(s.piece for s in tiny.surprise("he went")) == "he went"


def test_bytes_that_stand_in_for_a_character_become_one() -> None:
    tiny = model(llama, sentencepiece_tokenizer(), start=1)
    assert list(tiny.texts(tiny.encode("é😀")))[-6:] == ["", "é", "", "", "", "😀"]
    assert [s.piece for s in tiny.surprise("aé😀b")] == ["a", "é", "😀", "b"]


def test_a_character_without_a_token_costs_what_naming_it_takes() -> None:
    tiny = model(llama, sentencepiece_tokenizer(byte_fallback=False), start=1)
    known, unknown = tiny.surprise("he"), tiny.surprise("he😀😀")
    assert "".join(s.piece for s in unknown) == "he😀😀"
    assert sum(s.bits for s in unknown) > sum(s.bits for s in known) + 2 * UNICODE_BITS


def test_characters_without_a_token_are_named() -> None:
    assert model(llama, sentencepiece_tokenizer(byte_fallback=False), start=1).unknown("he 😀 he שש") == ["😀", "ש"]
    assert model(llama, sentencepiece_tokenizer(), start=1).unknown("he 😀 he שש") == [], "it writes them in bytes"


def test_a_tokenizer_that_drops_a_text_pays_for_it() -> None:
    from tokenizers import normalizers

    tokenizer = byte_level_tokenizer()
    tokenizer.normalizer = normalizers.Replace("q", "")
    tiny = model(tokenizer=tokenizer)
    assert tiny.unknown("he q he") == ["q"]
    assert [(s.piece, s.bits) for s in tiny.surprise("qq")] == [("qq", 2 * UNICODE_BITS)]
    for text in ("qab", "aqb", "abq"):
        surprises = tiny.surprise(text)
        assert "".join(s.piece for s in surprises) == text
        assert sum(s.bits for s in surprises) > UNICODE_BITS


def test_tokens_of_an_unusual_decoder_are_what_it_makes_of_them_in_a_text() -> None:
    from tokenizers import Tokenizer, decoders
    from tokenizers.models import WordLevel

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "play": 1, "##ing": 2}, unk_token="[UNK]"))
    tokenizer.decoder = decoders.WordPiece()
    assert token_bytes(tokenizer, 3)[1:] == [b" play", b"ing"]
