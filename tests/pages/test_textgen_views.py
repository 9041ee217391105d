"""The views "Next token", "Surprise", "Guess" and "Tokens" of the text generator. The one fake is the browser's part
of the bars: a button for each."""

import html
import math
import re
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from components.textgen import guessing, next_token, surprise, tokens
from components.textgen.choice import LONGEST_PROMPT
from models.errors import ModelFailed
from models.textgen import bundled
from models.textgen.char_rnn import LSTM, CharRNN, vocabulary
from models.textgen.language_model import LanguageModel, Reader, Surprise
from models.textgen.ngram import NGram
from models.textgen.sampling import Sampling

CORPUS = "To be, or not to be, that is the question.\n" * 3
LETTERS = NGram.fit(CORPUS, order=4, name="letters")
WORDS = NGram.fit(CORPUS, unit="words", order=2, name="words")
ODD = {
    "empty": "",
    "emoji": "I am 👩‍👩‍👧 and 😀",
    "right to left": "שלום עולם, مرحبا بالعالم",
    "NUL and lone surrogate": "a\0b\ud800c\r\n",
    "markup": "<script>alert(1)</script> **$x$** :smile: &amp;",
    "100 000 characters": "to be " * 16_666 + "or n",
}
odd_text = pytest.mark.parametrize("text", ODD.values(), ids=ODD)


@pytest.fixture(scope="module")
def lstm() -> CharRNN:
    torch.manual_seed(0)
    pieces = vocabulary(CORPUS)
    return CharRNN(LSTM(len(pieces), 8, 16, 1), pieces, "lstm")


@pytest.fixture(scope="module")
def shakespeare() -> dict[str, LanguageModel]:
    return {
        "Letter n-gram": bundled.load_ngram(None, lambda *_: None),
        "Word n-gram": bundled.load_words(None, lambda *_: None),
        "LSTM": bundled.load_lstm(None, lambda *_: None),
        "GPT": bundled.load_gpt(None, lambda *_: None),
    }


@pytest.fixture(autouse=True)
def bars(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the browser was given last, by key."""
    shown: dict[str, dict[str, Any]] = {}

    def component(*, key: str, data: dict[str, Any], on_piece_change: Any) -> None:
        shown[key] = data

        def press(piece: str) -> None:
            st.session_state[key] = SimpleNamespace(piece=piece)
            on_piece_change()

        for number, row in enumerate(data["rows"]):
            st.button("bar", key=f"{key}/{number}", on_click=press, args=(row["piece"],))

    monkeypatch.setattr(next_token, "browser_component", lambda *_: component)
    return shown


class Fixed(LanguageModel):
    """Gives the same probabilities and bits whatever it read; counts how often it was asked."""

    name = "fixed"
    nbytes = 0

    def __init__(self, probs: Mapping[str, float], end: str | None = None) -> None:
        self.pieces, self.probs, self.end, self.asked = list(probs), np.array(list(probs.values())), end, 0

    def encode(self, text: str) -> list[int]:
        return [0] * len(text)

    def read(self, tokens: Sequence[int]) -> Reader:
        self.asked += 1
        return SimpleNamespace(probs=lambda: self.probs)  # type: ignore[return-value]

    def surprise(self, text: str) -> list[Surprise]:
        self.asked += 1
        return [Surprise(char, 3.0) for char in text]

    def ends(self, token: int) -> bool:
        return self.pieces[token] == self.end


class Broken(Fixed):
    """Can do nothing but say so."""

    def encode(self, text: str) -> list[int]:
        raise ModelFailed("The ink ran out.")

    def surprise(self, text: str) -> list[Surprise]:
        raise ModelFailed("The ink ran out.")


def page(view: str, models: dict, prompt: str, sampling: object) -> None:
    import streamlit as st

    from components.textgen import guessing, next_token, surprise, tokens
    from components.textgen.choice import WritingChoice

    st.session_state.setdefault("prompt", prompt)
    st.text_area("Prompt", key="prompt", persist_state="session")
    choice = WritingChoice(st.session_state["prompt"], models, st.session_state.get("sampling", sampling), 600, 1)
    {"next": next_token, "surprise": surprise, "guess": guessing, "tokens": tokens}[view].show(choice)


def opened(view: str, models: Mapping[str, LanguageModel], prompt: str = "To b", **sampling: Any) -> AppTest:
    args = (view, dict(models), prompt, Sampling(**sampling))
    return ran(AppTest.from_function(page, args=args, default_timeout=60).run())


def ran(at: AppTest) -> AppTest:
    assert not at.exception, [error.message for error in at.exception]
    return at


def html_of(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html"))


def press(at: AppTest, row: int, model: int = 0) -> AppTest:
    return ran(at.button(key=f"next/bars/{model}/{row}").click().run())


def undo(at: AppTest) -> AppTest:
    return ran(at.button(key="next/undo").click().run())


def prompt_of(at: AppTest) -> str:
    return at.text_area(key="prompt").value


def rows_of(bars: dict[str, dict[str, Any]], model: int = 0) -> list[dict[str, Any]]:
    return bars[f"next/bars/{model}"]["rows"]


# Next token


def test_the_bars_are_the_most_probable_tokens_before_and_after_the_settings(bars: dict) -> None:
    opened("next", {"Letters": LETTERS}, temperature=0.5)
    own = LETTERS.next_probs("To b", next_token.BARS)
    chosen = LETTERS.next_probs("To b", next_token.BARS, Sampling(temperature=0.5))
    rows = rows_of(bars)
    assert [row["piece"] for row in rows] == [piece for piece, _ in own]
    assert [row["own"] for row in rows] == pytest.approx([p for _, p in own], abs=1e-5)
    assert [row["chosen"] for row in rows] == pytest.approx([p for _, p in chosen], abs=1e-5)
    assert rows[0]["chosen"] > rows[0]["own"], "below 1, temperature sharpens"


def test_a_press_writes_its_piece_once_and_undo_takes_it_back() -> None:
    model = Fixed({" or": 0.5, " not": 0.3, "\n": 0.2})
    at = opened("next", {"Fixed": model}, prompt="To be")
    assert at.button(key="next/undo").disabled
    press(at, 1)
    assert prompt_of(at) == "To be not"
    ran(at.run())
    assert prompt_of(at) == "To be not", "another run of the page presses nothing"
    press(at, 1)
    press(at, 0)
    assert prompt_of(at) == "To be not not or"
    for left in ("To be not not", "To be not", "To be"):
        assert prompt_of(undo(at)) == left
    assert at.button(key="next/undo").disabled


def test_each_column_writes_its_own_pieces() -> None:
    at = opened("next", {"A": Fixed({"a": 1.0}), "B": Fixed({"b": 1.0})}, prompt="")
    press(at, 0, model=1)
    press(at, 0, model=0)
    assert prompt_of(at) == "ba"


def test_a_press_continues_what_the_visitor_wrote_meanwhile() -> None:
    at = opened("next", {"Fixed": Fixed({"!": 1.0})}, prompt="To be")
    at.text_area(key="prompt").set_value("Not to be")
    press(at, 0)
    assert prompt_of(at) == "Not to be!"
    assert prompt_of(undo(at)) == "Not to be"


def test_what_the_visitor_wrote_by_hand_is_not_undone() -> None:
    at = opened("next", {"Fixed": Fixed({"!": 1.0})}, prompt="To be")
    press(at, 0)
    ran(at.text_area(key="prompt").set_value("To be! Or what!").run())
    assert at.button(key="next/undo").disabled


def test_each_press_makes_a_new_step_so_that_the_next_one_counts(bars: dict) -> None:
    at = opened("next", {"Fixed": Fixed({"a": 1.0})}, prompt="a")
    steps = [bars["next/bars/0"]["step"]]
    for _ in range(2):
        press(at, 0)
        steps.append(bars["next/bars/0"]["step"])
    undo(at)
    assert len({*steps, bars["next/bars/0"]["step"]}) == 4, "the rows are the same, yet the page has answered"


def test_a_full_prompt_stays_as_it_is(bars: dict) -> None:
    full = "a" * (LONGEST_PROMPT - 1)
    at = opened("next", {"Fixed": Fixed({"bb": 1.0})}, prompt=full)
    press(at, 0)
    assert prompt_of(at) == full
    assert "The prompt is full" in at.toast[0].value
    assert bars["next/bars/0"]["step"] == 1, "it has answered"


def test_parts_of_characters_and_ends_cannot_be_written(bars: dict) -> None:
    pieces = {"\ufffd": 0.4, "<end>": 0.3, "ok": 0.2, " \ufffd": 0.1}
    opened("next", {"Fixed": Fixed(pieces, end="<end>")})
    assert [row["writable"] for row in rows_of(bars)] == [False, False, True, False]
    assert [row["text"] for row in rows_of(bars)] == ["▯", "<end>", "ok", "·▯"]


def test_what_is_cut_says_so(bars: dict) -> None:
    model = Fixed({"a": 0.6, "b": 0.3, "c": 0.1})
    opened("next", {"Fixed": model}, top_k=2)
    assert [(row["cut"], row["percent"]) for row in rows_of(bars)] == [(False, "67 %"), (False, "33 %"), (True, "cut")]
    opened("next", {"Fixed": model}, top_p=0.4)
    assert [row["cut"] for row in rows_of(bars)] == [False, True, True]
    opened("next", {"Fixed": model}, temperature=0.0)
    assert [row["percent"] for row in rows_of(bars)] == ["100 %", "cut", "cut"]


def test_words_say_what_the_settings_did() -> None:
    model = Fixed({"a": 0.6, "b": 0.3, "c": 0.1})
    said = {
        "gets 78 % instead of 60 %": {"temperature": 0.5},
        "2 of its 3 tokens are left": {"top_k": 2},
        "greedy: the top candidate of Fixed gets 100 % instead of 60 %": {"temperature": 0.0},
        "models' own probabilities": {},
    }
    for words, sampling in said.items():
        assert words in html.unescape(html_of(opened("next", {"Fixed": model}, **sampling)))


def test_moving_a_slider_does_not_read_the_prompt_again(bars: dict) -> None:
    model = Fixed({"a": 0.6, "b": 0.4})
    at = opened("next", {"Fixed": model})
    before = rows_of(bars)[0]["chosen"]
    at.session_state["sampling"] = Sampling(temperature=2.0)
    ran(at.run())
    assert rows_of(bars)[0]["chosen"] < before
    assert model.asked == 1
    press(at, 0)
    assert model.asked == 2


def test_the_full_width_suits_the_largest_probability(bars: dict) -> None:
    for largest, full in ((0.06, 0.1), (0.2, 0.25), (0.5, 0.5), (0.51, 1.0)):
        rest = {f"{n}": (1 - largest) / 30 for n in range(30)}
        opened("next", {"Fixed": Fixed({"a": largest} | rest)})
        assert bars["next/bars/0"]["full"] == full


@pytest.mark.parametrize(
    ("p", "words"), [(0.0, "0 %"), (1e-9, "< 0.1 %"), (0.0123, "1.2 %"), (0.123, "12 %"), (1.0, "100 %")]
)
def test_a_probability_is_shown_as_exactly_as_one_can_see_it(p: float, words: str) -> None:
    assert next_token.percent(p) == words


def test_the_end_of_a_long_prompt_is_shown_with_its_line_breaks() -> None:
    at = opened("next", {"Letters": LETTERS}, prompt="x" * 100 + "\n<b>end")
    assert f"…{'x' * 53}↵&lt;b&gt;end<i>" in html_of(at)


# Surprise


def shown_text(at: AppTest) -> str:
    """What one reads of the coloured text, without the marks of line breaks."""
    body = next(e.proto.body for e in at.get("html") if e.proto.body.startswith('<div class="surprise"'))
    return html.unescape(re.sub(r"<i>↵</i>|<[^>]*>", "", body))


def ranked(at: AppTest) -> list[tuple[str, float]]:
    body = next(e.proto.body for e in at.get("html") if 'class="bars"' in e.proto.body)
    rows = re.findall(r"<b>(.*?)(?: <small>.*?)?</b><span>([\d.]+)</span>", body)
    return [(html.unescape(name), float(bits)) for name, bits in rows]


def read(at: AppTest, text: str) -> AppTest:
    return ran(at.text_area(key="surprise/text").set_value(text).run())


def test_the_ranking_has_the_fewest_bits_first(shakespeare: dict[str, LanguageModel]) -> None:
    at = opened("surprise", shakespeare)
    rows = ranked(at)
    assert [bits for _, bits in rows] == sorted(bits for _, bits in rows)
    expected = {title: model.bits_per_char(surprise.TEXT) for title, model in shakespeare.items()}
    assert {name: bits for name, bits in rows if name in expected} == pytest.approx(expected, abs=0.005)
    assert {name for name, _ in rows} - expected.keys() == {"a zip program", "this text's own letter frequencies"}
    best = min(expected, key=lambda title: expected[title])
    assert f"{best} needs {expected[best]:.1f} bits per character, where plain text uses 8;" in html_of(at)


def test_the_references_are_those_of_the_text() -> None:
    found = surprise.references("ab" * 5000)
    assert found["this text's own letter frequencies"] == pytest.approx(1.0)
    assert 0 < found["a zip program"] < 0.1
    assert surprise.references("aaaa")["this text's own letter frequencies"] == 0


def test_shakespeare_is_calm_and_a_smartphone_hot(shakespeare: dict[str, LanguageModel]) -> None:
    reading = surprise.read(shakespeare["GPT"], surprise.TEXT)
    at, bits = 0, {"old": [], "new": []}
    for piece in reading.pieces:
        bits["new" if at >= surprise.TEXT.index("Please") else "old"].append(piece.bits / len(piece.piece))
        at += len(piece.piece)
    assert np.mean(bits["new"]) > np.mean(bits["old"])


def test_a_piece_is_the_hotter_the_more_bits_it_has() -> None:
    calm, warm, hot, hottest = (surprise.coloured([Surprise("a", bits)]) for bits in (0.0, 5.0, 10.0, 1e6))
    assert "--heat" not in calm and "--heat:35%" in warm and "--heat:70%" in hot and "--heat:70%" in hottest


def test_odds_are_words_for_bits() -> None:
    assert surprise.odds(0) == "probability 100 %"
    assert surprise.odds(1) == "probability 50 %"
    assert surprise.odds(10) == "probability 1 in 1,024"
    assert surprise.odds(5000) == "probability 1 in 2^5000"


def test_moving_a_slider_does_not_read_the_text_again() -> None:
    model = Fixed({"a": 1.0})
    at = opened("surprise", {"Fixed": model})
    at.session_state["sampling"] = Sampling(temperature=2.0)
    ran(at.run())
    assert model.asked == 1
    read(at, "another text")
    assert model.asked == 2


@pytest.mark.parametrize("view", ["next", "surprise"])
def test_the_error_of_one_model_leaves_the_others_alone(view: str, bars: dict) -> None:
    at = opened(view, {"Broken": Broken({"a": 1.0}), "Letters": LETTERS})
    (error,) = at.error
    assert error.value.startswith("The ink ran out")
    if view == "next":
        assert rows_of(bars, 1)
    else:
        assert "Letters" in dict(ranked(at)) and "Broken" not in dict(ranked(at))
        assert shown_text(at) == surprise.TEXT


def test_a_long_text_is_cut_and_the_page_says_where() -> None:
    large = Fixed({"a": 1.0})
    large.nbytes = surprise.LARGE_BYTES + 1  # type: ignore[misc]
    at = opened("surprise", {"Small": Fixed({"a": 1.0}), "Large": large})
    read(at, "x" * 30_000)
    notes = " ".join(caption.value for caption in at.caption)
    assert "30,000 characters; the first 20,000 are read" in notes
    assert "Large models read the first 4,000" in notes
    assert "Coloured are the first 3,000" in notes
    assert len(shown_text(at)) == surprise.COLOURED
    read(at, "short")
    assert not at.caption


# Tokens


def counts(at: AppTest) -> list[tuple[str, str]]:
    return [
        (html.unescape(title), html.unescape(count))
        for title, count in re.findall(r'<h4 class="model">(.*?) <small>(.*?)</small>', html_of(at))
    ]


def chips(at: AppTest) -> list[tuple[str, int]]:
    return [(html.unescape(p), int(i)) for p, i in re.findall(r"<b>(.*?)</b><small>(\d+)</small>", html_of(at))]


def cut(at: AppTest, text: str) -> AppTest:
    return ran(at.text_area(key="tokens/text").set_value(text).run())


def test_models_that_cut_alike_share_a_row(lstm: CharRNN) -> None:
    at = cut(opened("tokens", {"Words": WORDS, "Letters": LETTERS, "LSTM": lstm}), "not to be")
    assert counts(at) == [
        ("Characters: Letters, LSTM", "9 characters → 9 tokens, 1.0 characters per token"),
        ("Words: Words", "9 characters → 3 tokens, 3.0 characters per token; 1 unknown to the model"),
    ]
    assert [caption.value for caption in at.caption] == [
        "Choose more models to see more ways to cut: the GPT for pieces."
    ]


def test_letters_words_and_pieces_each_have_a_row_with_ids(shakespeare: dict[str, LanguageModel]) -> None:
    text = "the king"
    at = cut(opened("tokens", shakespeare), text)
    assert [title.split(":")[0] for title, _ in counts(at)] == ["Characters", "Words", "Pieces of words (BPE)"]
    assert not at.caption
    letters, pieces = shakespeare["LSTM"].tokens_of(text), shakespeare["GPT"].tokens_of(text)
    expected = [*letters, *shakespeare["Word n-gram"].tokens_of(text), *pieces]
    assert chips(at) == [(piece.replace(" ", "·"), number) for piece, number in expected]
    ran(at.toggle(key="tokens/ids").set_value(False).run())
    assert not chips(at)
    assert len(counts(at)) == 3


def test_what_a_model_does_not_know_is_shown_and_marked() -> None:
    at = cut(opened("tokens", {"Letters": LETTERS}), "be 7")
    assert ("Characters: Letters", "4 characters → 4 tokens, 1.0 characters per token; 1 unknown to the model") in (
        counts(at)
    )
    assert chips(at)[-1] == ("7", 0)
    assert html_of(at).count("class=unknown") == 1


def test_parts_of_a_character_are_boxes(shakespeare: dict[str, LanguageModel]) -> None:
    at = cut(opened("tokens", {"GPT": shakespeare["GPT"]}), "😀")
    assert [piece for piece, _ in chips(at)] == ["▯"] * 4
    assert counts(at)[0][1] == "1 characters → 4 tokens, 0.2 characters per token"


def test_a_text_is_cut_in_its_first_2000_characters() -> None:
    at = cut(opened("tokens", {"Letters": LETTERS}), "b" * 5000)
    assert "5,000 characters; the first 2,000 are cut" in at.caption[0].value
    assert len(chips(at)) == tokens.LONGEST


# All three


@odd_text
def test_any_prompt_has_its_bars(text: str, lstm: CharRNN, bars: dict) -> None:
    prompt = text.replace("\ud800", "")[: LONGEST_PROMPT - 50]  # no browser sends a lone surrogate
    models = {"Letters": LETTERS, "Words": WORDS, "LSTM": lstm, "4": LETTERS, "5": LETTERS, "<b>Bold</b>": LETTERS}
    at = opened("next", models, prompt=prompt)
    for number in range(len(models)):
        prompt += rows_of(bars, number)[0]["piece"]
        assert prompt_of(press(at, 0, number)) == prompt
    assert "<script" not in html_of(at) and "<b>Bold" not in html_of(at)


@odd_text
def test_any_text_is_coloured_as_it_is(text: str) -> None:
    reading = surprise.read(LETTERS, text) if text else surprise.TextReading("", 0.0, ())
    body = surprise.coloured(reading.pieces)
    body.encode()  # a lone surrogate would not go to the browser
    assert "<script" not in body and "\0" not in body
    assert math.isfinite(reading.bits_per_char)


def test_only_what_a_browser_cannot_show_becomes_a_sign() -> None:
    assert tokens.readable("a\0\x1b\ud800\n\t👩‍👧 שלום") == "a␀␛▯\n\t👩‍👧 שלום"


@odd_text
def test_any_text_has_its_tokens(text: str, lstm: CharRNN) -> None:
    for model in (LETTERS, WORDS, lstm):
        part = text[: tokens.LONGEST]
        row = tokens.row("<script>", part, tokens.cut(model, part), ids=True)
        row.encode()
        assert "<script" not in row and "\0" not in row


@pytest.mark.parametrize("view", ["next", "surprise", "tokens"])
def test_without_models_or_text_each_view_says_what_to_do(view: str) -> None:
    at = opened(view, {}, prompt="")
    assert any("Choose" in caption.value for caption in at.caption)
    if view != "next":
        at = ran(at.text_area(key=f"{view}/text").set_value("").run())
        assert at.caption[0].value.startswith("Write or paste a text")


# Guess


def letter(at: AppTest, name: str) -> AppTest:
    return ran(at.button(key=f"guess/letter/{name}").click().run())


def test_ten_letters_are_guessed_against_the_models(shakespeare: dict[str, LanguageModel]) -> None:
    at = opened("guess", shakespeare)
    passage = guessing.PASSAGES["An old play"]
    letter(at, "z")
    assert at.button(key="guess/letter/z").disabled, "a letter that was wrong is not pressed again"
    for right in passage.after[: guessing.ROUND]:
        letter(at, right.strip() or "space")
    shown = html_of(at)
    rest = passage.after[guessing.ROUND :]
    assert rest in shown, "the rest of the line is shown"
    rows = {html.unescape(name): cells for name, cells in re.findall(r"<tr><th>([^<]+)</th>(<td.*?)</tr>", shown)}
    assert rows.keys() == {"You", *shakespeare}
    assert re.findall(r"<td[^>]*>([^<]+)</td>", rows["You"])[:3] == ["2", "1", "1"]
    ran(at.button(key="guess/again").click().run())
    assert rest not in html_of(at) and not at.button(key="guess/letter/z").disabled
