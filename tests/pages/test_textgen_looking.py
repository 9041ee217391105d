"""The views "Attention" and "Word cloud" with the bundled models, each in a page of its own."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from components.textgen import attention, clouds, looking
from components.textgen.looking import BLANK, GPT_HEADS, MASKED_HEADS, MAX_TOKENS, SENTENCE, NamedHead, cut
from models.cache import ModelCache
from models.textgen.gpt import GPT
from models.textgen.masked import MaskedLM

ODD = ["🦜🦜 🦜", "שלום עליכם", "a", "\0", " ", "\n\n", "*b* [x](y) $a$ :red[c] `d` <b>&"]
PASSAGE = """MARCELLUS:
Who comes there? Speak, I pray you, or be gone!

HORATIO:
A friend, my lord, and one that loves the king:
I come from Rome to bring him heavy news,
For yesterday, upon the break of day,
The noble duke, his brother, left the court.
"""


@pytest.fixture(scope="module")
def cache() -> ModelCache:
    return ModelCache(10**9)


@pytest.fixture(scope="module")
def gpt(cache: ModelCache) -> GPT:
    return cache.get("shakespeare-gpt")


@pytest.fixture(scope="module")
def masked(cache: ModelCache) -> MaskedLM:
    return cache.get("shakespeare-masked")


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component, which only a browser can run, was given."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(attention, "browser_component", lambda *_: lambda **options: calls.append(options["data"]))
    return calls


def page(view: str, prompt: str, written: dict[str, str]) -> None:
    from components.textgen import clouds, looking
    from components.textgen.choice import WritingChoice
    from models.textgen.sampling import Sampling

    choice = WritingChoice(prompt, {}, Sampling(0.8), 600, 1)
    if view == "looking":
        looking.show(choice)
    else:
        clouds.show(choice, written)


def opened(view: str, prompt: str = "My lord, the king", source: str = clouds.PROMPT, **written: str) -> AppTest:
    at = AppTest.from_function(page, default_timeout=60, kwargs={"view": view, "prompt": prompt, "written": written})
    at.session_state["clouds/source"] = source
    return ran(at.run())


def ran(at: AppTest) -> AppTest:
    assert not at.exception, [error.message for error in at.exception]
    return at


def html_of(at: AppTest) -> list[str]:
    return [element.proto.body for element in at.get("html")]


def said(at: AppTest) -> str:
    return " ".join(str(element.value) for element in (*at.markdown, *at.caption, *at.info, *at.error))


def pills(at: AppTest, key: str) -> Any:
    return at.button_group(key=key)


def titles_of(at: AppTest) -> list[str]:
    return [chart.proto.spec for chart in at.get("plotly_chart")]


# attention


def test_attention_opens_with_a_sentence_two_heat_maps_and_a_blank(sent: list[dict[str, Any]], gpt: GPT) -> None:
    at = opened("looking")
    assert "".join(token["text"] for token in sent[-1]["tokens"]) == SENTENCE.replace("\n", "↵").replace(" ", "·")
    causal, masked = titles_of(at)
    assert "Causal: layer 5, head 1" in causal and "Masked: layer 2, head 3" in masked
    assert len(html_of(at)) == 3, "the sentence with its gap, and two lists of bars"


@pytest.mark.parametrize("head", [0, 3])
def test_the_chosen_layer_and_head_are_shown(head: int, sent: list[dict[str, Any]], gpt: GPT) -> None:
    at = opened("looking")
    pills(at, "looking/gpt/layer").set_value(2)
    ran(pills(at, "looking/gpt/head").set_value(head).run())
    _, weights = gpt.attention(SENTENCE)
    expected = weights[1, head - 1] if head else weights[1].mean(0)
    for number, row in enumerate(sent[-1]["weights"]):
        np.testing.assert_allclose(row, expected[number, : number + 1], atol=0.0006)
    assert f"Causal: layer 2, {'head 3' if head else 'mean of all heads'}" in titles_of(at)[0]


def test_the_masked_model_has_controls_of_its_own() -> None:
    at = opened("looking")
    pills(at, "looking/masked/layer").set_value(4)
    causal, masked = titles_of(ran(pills(at, "looking/masked/head").set_value(5).run()))
    assert "Causal: layer 5, head 1" in causal and "Masked: layer 4, head 5" in masked


def test_a_named_head_sets_layer_and_head_and_follows_them() -> None:
    at = opened("looking")
    ran(pills(at, "looking/gpt/named").set_value("Who speaks").run())
    assert (pills(at, "looking/gpt/layer").value, pills(at, "looking/gpt/head").value) == (3, 3)
    assert "the speaker's name" in said(at)
    ran(pills(at, "looking/gpt/head").set_value(1).run())
    assert pills(at, "looking/gpt/named").value is None
    ran(pills(at, "looking/gpt/head").set_value(2).run())
    assert pills(at, "looking/gpt/named").value == "Punctuation"


def is_mark(piece: str) -> bool:
    return bool(piece.strip()) and not any(char.isalnum() for char in piece)


def last_break(pieces: list[str], at: int) -> set[int]:
    return {max((i for i in range(at) if "\n" in pieces[i]), default=-1)} - {-1}


def speaker(pieces: list[str], at: int) -> set[int]:
    found, naming = set(), True
    for number, piece in enumerate(pieces[:at]):
        naming = naming or (piece == "\n" and pieces[number - 1] == "\n")
        if naming:
            found.add(number)
        naming = naming and ":" not in piece
    return set() if naming else found


PLACES: dict[str, Callable[[list[str], int], set[int]]] = {
    "the token before": lambda pieces, at: {at - 1} - {-1},
    "the token after": lambda pieces, at: {at + 1} - {len(pieces)},
    "the last line break": last_break,
    "the speaker's name and its colon": speaker,
    "earlier punctuation marks": lambda pieces, at: {i for i in range(at) if is_mark(pieces[i])},
    "line breaks on both sides": lambda pieces, at: {i for i, piece in enumerate(pieces) if "\n" in piece},
}


def share_of(weights: np.ndarray, pieces: list[str], named: NamedHead) -> float:
    head = weights[named.layer - 1, named.head - 1]
    places = [(row, sorted(PLACES[named.looks_at](pieces, row))) for row in range(4, len(pieces))]
    return float(np.mean([head[row, columns].sum() for row, columns in places if columns]))


@pytest.mark.parametrize("name", GPT_HEADS)
def test_a_named_head_of_the_gpt_looks_where_the_page_says(name: str, gpt: GPT) -> None:
    pieces, weights = gpt.attention(cut(PASSAGE, gpt))
    assert share_of(weights, pieces, GPT_HEADS[name]) > 0.7 * GPT_HEADS[name].share


@pytest.mark.parametrize("name", MASKED_HEADS)
def test_a_named_head_of_the_masked_model_looks_where_the_page_says(name: str, masked: MaskedLM) -> None:
    tokens = masked.encode(PASSAGE)[:MAX_TOKENS]
    pieces = [masked.pieces[token] for token in tokens]
    assert share_of(masked.attention(tokens), pieces, MASKED_HEADS[name]) > 0.7 * MASKED_HEADS[name].share


def test_the_masked_model_fills_the_blank_that_the_causal_one_misses(gpt: GPT) -> None:
    at = opened("looking")
    gap, causal, masked = html_of(at)
    for piece, probability in gpt.next_probs("MENENIUS:\nI pray you, sir,", looking.GUESSES):
        assert f"<bdi>{attention.visible(piece)}</bdi>" in causal and f"{probability:.1%}" in causal
    assert gpt.pieces[gpt.encode(SENTENCE)[BLANK]] == " what"
    assert "what" not in gap and "I pray you, sir, " in gap and " is the matter here?" in gap
    assert masked.count("✓") == causal.count("✓") == 1
    assert masked.index("·what") < masked.index("✓") < masked.index("·how"), "its first guess"
    assert "in place 11" in causal and causal.count("class=") == 1 + looking.GUESSES + 1
    assert "Only one finds “what”" in said(at)


@pytest.mark.parametrize("blank", [0, 6, 8, 15])
def test_any_token_can_be_hidden_also_one_that_comes_twice(blank: int, gpt: GPT) -> None:
    at = opened("looking")
    pieces = [piece for piece, _ in gpt.tokens_of(SENTENCE)]
    assert pieces[6] == pieces[8] == ","
    assert len(set(pills(at, "looking/blank").options)) == len(pieces)
    ran(pills(at, "looking/blank").set_value(blank).run())
    before, after = html_of(at)[0].split("<b ")
    assert before.endswith(f">{''.join(pieces[:blank])} ")
    assert after.endswith(f" {''.join(pieces[blank + 1 :])}</p>")
    assert ("Nothing comes after the blank" in said(at)) == (blank == len(pieces) - 1)


def test_a_long_text_is_cut_with_a_note(sent: list[dict[str, Any]]) -> None:
    at = ran(opened("looking").text_area(key="looking/sentence").set_value(PASSAGE).run())
    assert len(sent[-1]["tokens"]) == MAX_TOKENS
    assert f"its first {MAX_TOKENS} tokens are shown" in said(at)
    assert "tokens are shown" not in said(opened("looking"))


@pytest.mark.parametrize("text", [PASSAGE, "🦜" * 100, "שלום " * 200, "x" * 5000, "short"])
def test_a_cut_text_has_as_many_tokens_as_fit(text: str, gpt: GPT) -> None:
    shown = cut(text, gpt)
    assert text.startswith(shown) and len(gpt.encode(shown)) <= MAX_TOKENS
    assert shown == text or len(gpt.encode(text[: len(shown) + 1])) > MAX_TOKENS


def test_the_prompt_can_be_taken_and_ours_again(sent: list[dict[str, Any]]) -> None:
    at = opened("looking", prompt="My lord, the king")
    ran(at.button(key="looking/take").click().run())
    assert at.text_area(key="looking/sentence").value == "My lord, the king"
    assert len(sent[-1]["tokens"]) == 5
    ran(at.button(key="looking/ours").click().run())
    assert at.text_area(key="looking/sentence").value == SENTENCE
    assert pills(at, "looking/blank").value == BLANK
    assert opened("looking", prompt="").button(key="looking/take").disabled


def test_an_empty_sentence_shows_words(sent: list[dict[str, Any]]) -> None:
    at = opened("looking")
    sent.clear()
    ran(at.text_area(key="looking/sentence").set_value("").run())
    assert "Write a sentence above" in said(at) and not sent
    assert not at.get("plotly_chart")


@pytest.mark.parametrize("text", ODD)
def test_any_sentence_can_be_looked_at_and_has_a_blank(text: str, sent: list[dict[str, Any]]) -> None:
    at = ran(opened("looking").text_area(key="looking/sentence").set_value(text).run())
    assert len(sent[-1]["tokens"]) == len(pills(at, "looking/blank").options)
    gap, causal, masked = html_of(at)
    assert causal.count("✓") == masked.count("✓") == 1
    assert "<b>&" not in gap
    assert ("part of a character" in said(at)) == any("\ufffd" in token["text"] for token in sent[-1]["tokens"])


# word clouds


def picture(at: AppTest, side: str) -> np.ndarray:
    ((png, _),) = at.session_state[f"clouds/{side}"].values()
    return np.array(Image.open(io.BytesIO(png)))


def downloads(at: AppTest) -> int:
    return len(at.get("download_button"))


def test_the_cloud_of_the_plays_is_there_at_once_and_can_be_downloaded() -> None:
    at = AppTest.from_function(page, default_timeout=60, kwargs={"view": "clouds", "prompt": "", "written": {}})
    ran(at.run())
    assert "Most frequent: king 904, lord 697" in said(at)
    assert picture(at, "left").shape == (500, 800, 3)
    assert downloads(at) == 1
    assert "Nothing is written yet" in said(at)


def test_stop_words_stay_out_until_they_are_let_in() -> None:
    at = opened("clouds", written="the king and the king and the duke")
    assert "Words counted: 3, different ones: 2. Most frequent: king 2, duke 1." in said(at)
    ran(at.toggle(key="clouds/stop").set_value(False).run())
    assert "Words counted: 8, different ones: 4. Most frequent: the 3, and 2, king 2, duke 1." in said(at)


def test_a_visitors_own_stop_words_stay_out() -> None:
    at = opened("clouds", source=clouds.PLAYS, GPT="king duke rose")
    assert "king 904" in said(at)
    ran(at.text_input(key="clouds/own-stops").set_value("King,, DUKE ").run())
    assert "different ones: 1. Most frequent: rose 1." in said(at)
    assert "Most frequent: lord 697" in said(at)


def test_shape_colours_and_background_change_the_picture() -> None:
    at = opened("clouds", GPT="king duke rose")
    first = picture(at, "right")
    ran(at.selectbox(key="clouds/shape").set_value("heart").run())
    heart = picture(at, "right")
    assert (first != heart).any()
    ran(pills(at, "clouds/paper").set_value("Dark").run())
    assert picture(at, "right")[0, 0].max() < 40 < 200 < heart[0, 0].min()
    dark = picture(at, "right")
    ran(at.selectbox(key="clouds/palette").set_value("ocean").run())
    assert (picture(at, "right") != dark).any()
    ran(at.selectbox(key="clouds/palette").set_value("limelight").run())
    assert (picture(at, "right") == dark).all(), "the same choice draws the same"


def test_a_text_can_be_written_right_here_and_the_same_seed_writes_the_same() -> None:
    at = opened("clouds")
    ran(at.button(key="clouds/write").click().run())
    assert downloads(at) == 2
    text = at.session_state["clouds/quick"]
    assert [element.value for element in at.text] == [text.strip()]
    assert clouds.QUICK_LENGTH <= len(text) < clouds.QUICK_LENGTH + 40
    other = opened("clouds")
    ran(other.button(key="clouds/write").click().run())
    assert other.session_state["clouds/quick"] == text


def test_the_text_of_each_model_that_wrote_can_be_chosen() -> None:
    at = opened("clouds", GPT="rose rose", LSTM="thorn", empty=" ")
    assert at.selectbox(key="clouds/model").options == ["GPT", "LSTM"]
    assert "rose 2" in said(at)
    ran(at.selectbox(key="clouds/model").set_value("LSTM").run())
    assert "thorn 1" in said(at) and "rose" not in said(at)


def test_the_prompt_and_an_own_text_have_their_clouds() -> None:
    at = opened("clouds", prompt="My horse, a horse")
    assert "horse 2" in said(at)
    ran(pills(at, "clouds/source").set_value(clouds.OWN).run())
    assert not downloads(at)
    ran(at.text_area(key="clouds/text").set_value("rose rose thorn").run())
    assert "rose 2, thorn 1" in said(at) and downloads(at) == 1


def test_an_empty_prompt_shows_words() -> None:
    at = opened("clouds", prompt="")
    assert "The prompt is empty" in said(at) and not downloads(at)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the and of", "only stop words"),
        ("🦜🦜 42 ...", "no word to draw"),
        ("天下 為公", "None of these words can be drawn"),
        ("é" * 2_600_000, "larger than 5 MB"),
        ("שלום שלום", "שלום 2"),
        ("word", "word 1"),
        ("a\0b <b>*x*</b>", "x 1"),
    ],
    ids=["stop words", "no words", "no letters", "too large", "rtl", "one word", "markup"],
)
def test_a_text_without_a_cloud_says_why_and_an_odd_one_has_its_cloud(text: str, words: str) -> None:
    at = opened("clouds", source=clouds.OWN)
    ran(at.text_area(key="clouds/text").set_value(text).run())
    assert words in said(at)
    assert downloads(at) == (not at.error)
