"""Attention: what the heat map shows, and what the browser is given to point at."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.textgen import attention as module
from components.textgen.attention import MAX_TOKENS, attention_map, attention_view, spoken, visible
from models.errors import BadInput

TOKENS = ["the", " king", "\n", "the"]
CAUSAL = np.array([[1, 0, 0, 0], [0.25, 0.75, 0, 0], [0.1, 0.2, 0.7, 0], [0.4, 0.3, 0.2, 0.1]], np.float32)
FULL = np.full((4, 4), 0.25, np.float32)


def uniform(count: int) -> np.ndarray:
    return np.full((count, count), 1 / count, np.float32)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component, which only a browser can run, was given."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(module, "browser_component", lambda *_: lambda **options: calls.append(options))
    return calls


@pytest.mark.parametrize(
    ("token", "seen", "said"),
    [
        (" the", "·the", "the"),
        ("\n", "↵", "new line"),
        (".\n\n", ".↵↵", "."),
        ("\n\n", "↵↵", "new line"),
        (" ", "·", "space"),
        ("   ", "···", "space"),
        ("\t", "⇥", "tab"),
        ("", "▯", "part of a character"),
        ("a b", "a·b", "a b"),
        ("\0", "␀", "␀"),
        ("\u202eevil", "▯evil", "▯evil"),
        ("<b>&", "<b>&", "<b>&"),
        ("שלום", "שלום", "שלום"),
        ("\ud800", "▯", "▯"),
        ("x" * 100_000, "x" * 23 + "…", "x" * 23 + "…"),
    ],
)
def test_a_token_is_visible_and_can_be_read_aloud(token: str, seen: str, said: str) -> None:
    assert visible(token) == seen
    assert spoken(token) == said


def test_no_token_is_invisible_or_unsendable() -> None:
    for code in range(0x3000):
        shown = visible(chr(code))
        assert shown.strip() and spoken(chr(code)).strip(), hex(code)
        shown.encode()


def test_the_browser_gets_of_causal_weights_only_what_was_seen(sent: list[dict[str, Any]]) -> None:
    attention_view(TOKENS, CAUSAL, key="head", causal=True)
    (options,) = sent
    assert options["key"] == "head"
    assert options["data"]["weights"] == [[1], [0.25, 0.75], [0.1, 0.2, 0.7], [0.4, 0.3, 0.2, 0.1]]
    assert [token["text"] for token in options["data"]["tokens"]] == ["the", "·king", "↵", "the"]
    assert [token["ends"] for token in options["data"]["tokens"]] == [False, False, True, False]


def test_without_the_mask_every_token_is_seen(sent: list[dict[str, Any]]) -> None:
    attention_view(TOKENS, FULL, key="head", causal=False)
    assert sent[0]["data"]["weights"] == [[0.25] * 4] * 4


def test_the_longest_prompt_is_a_small_message(sent: list[dict[str, Any]]) -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(MAX_TOKENS), MAX_TOKENS).astype(np.float32)
    attention_view(["x" * 1000] * MAX_TOKENS, weights, key="head", causal=False)
    assert len(json.dumps(sent[0]["data"])) < 150_000
    assert np.abs(np.array(sent[0]["data"]["weights"]) - weights).max() <= 0.0005 + 1e-6


@pytest.mark.parametrize("count", [0, MAX_TOKENS + 1])
def test_too_few_or_many_tokens_are_refused_with_the_limit(count: int) -> None:
    tokens, weights = ["a"] * count, np.zeros((count, count), np.float32)
    with pytest.raises(BadInput, match=f"{count} tokens.*{MAX_TOKENS}"):
        attention_view(tokens, weights, key="head", causal=True)
    with pytest.raises(BadInput, match=f"{count} tokens.*{MAX_TOKENS}"):
        attention_map(tokens, weights, "", causal=True)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (4, 5), (1, 4, 4)])
def test_weights_of_another_text_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="4 tokens"):
        attention_view(TOKENS, np.zeros(shape, np.float32), key="head", causal=True)
    with pytest.raises(ValueError, match="4 tokens"):
        attention_map(TOKENS, np.zeros(shape, np.float32), "", causal=True)


def test_what_a_causal_token_may_not_see_is_blank_and_the_rest_is_as_it_was() -> None:
    (cells,) = attention_map(TOKENS, CAUSAL, "Layer 1, head 1", causal=True).data
    assert np.array_equal(np.isnan(cells.z), np.triu(np.ones((4, 4), bool), 1))
    assert np.allclose(np.nan_to_num(cells.z), CAUSAL)
    assert cells.zmin == 0 and cells.zmax == 1
    assert cells.hoverongaps is False
    assert [text for i, row in enumerate(cells.text) for text in row[i + 1 :]] == [""] * 6


def test_a_weight_of_zero_that_may_be_seen_is_not_blank() -> None:
    (cells,) = attention_map(TOKENS, np.eye(4, dtype=np.float32), "", causal=False).data
    assert not np.isnan(cells.z).any()


def test_hovering_says_who_looks_at_whom_and_how_much() -> None:
    (cells,) = attention_map(TOKENS, CAUSAL, "", causal=True).data
    assert cells.text[1][0] == "‹·king› looks at ‹the›: 25 %"
    assert cells.text[2][1] == "‹↵› looks at ‹·king›: 20 %"


def test_a_repeated_token_has_a_row_and_a_column_of_its_own_and_the_first_is_on_top() -> None:
    layout = attention_map(TOKENS, CAUSAL, "", causal=True).layout
    for axis in (layout.xaxis, layout.yaxis):
        assert list(axis.tickvals) == [0, 1, 2, 3]
        assert list(axis.ticktext) == ["the", "·king", "↵", "the"]
    top, bottom = layout.yaxis.range[::-1]
    assert top < 0 and bottom > 3


def test_a_token_is_never_read_as_html() -> None:
    figure = attention_map(["<b>", "a&lt;"], np.eye(2, dtype=np.float32), "<i>", causal=True)
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;", "a&amp;lt;"]
    assert figure.data[0].text[1][0] == "‹a&amp;lt;› looks at ‹&lt;b&gt;›: 0 %"
    assert figure.layout.title.text == "&lt;i&gt;"


@pytest.mark.parametrize("count", [1, 2, 24, 25, MAX_TOKENS])
def test_the_map_grows_with_the_text_and_its_columns_labels_do_not_crowd(count: int) -> None:
    figure = attention_map(["tok"] * count, uniform(count), "", causal=False)
    assert len(figure.layout.yaxis.ticktext) == count
    assert len(figure.layout.xaxis.ticktext) == len(figure.layout.xaxis.tickvals) <= 24
    assert 14 * count < figure.layout.height < 2200


def test_the_page_s_own_background_shows_through() -> None:
    layout = attention_map(TOKENS, FULL, "", causal=False).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_the_real_component_and_the_map_show_on_a_page() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from components.textgen.attention import attention_map, attention_view

        tokens, weights = [" a", "\n", "\0", "", "<b>", "😀"], np.tri(6, dtype=np.float32)
        weights /= weights.sum(1, keepdims=True)
        attention_view(tokens, weights, key="view", causal=True)
        st.plotly_chart(attention_map(tokens, weights, "Head 1", causal=True), key="map")

    at = AppTest.from_function(script, default_timeout=60).run()
    assert not at.exception
    (component,) = at.get("bidi_component")
    assert "limelight_attention" in component.proto.component_name
    assert len(at.get("plotly_chart")) == 1
