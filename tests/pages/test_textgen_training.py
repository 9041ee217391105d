"""The view "Train" of the text generator, with real trainings of a second or two."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.textgen import own, own_text, training
from components.textgen.own_text import EXAMPLES, OwnText, read_text
from models.errors import BadInput
from models.textgen.files import from_bytes, to_bytes
from models.textgen.training import TrainingStep

RHYME = EXAMPLES["Counting rhyme"]()


@pytest.fixture(autouse=True)
def own_queue() -> Iterator[None]:
    """No test waits for the training of another."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def view() -> None:
    from components.textgen import training

    training.show()


def opened(text: str = "") -> AppTest:
    at = ran(AppTest.from_function(view, default_timeout=60).run())
    if text:
        ran(at.text_area(key="textgen/text/pasted").set_value(text).run())
    return at


def ran(at: AppTest) -> AppTest:
    assert not at.exception, [error.message for error in at.exception]
    return at


def models_of(at: AppTest) -> dict[str, Any]:
    return at.session_state["textgen/own"]


def press(at: AppTest, key: str) -> AppTest:
    return ran(at.button(key=key).click().run())


def choose(at: AppTest, kind: str, name: str = "") -> AppTest:
    ran(at.segmented_control(key="textgen/train/kind").set_value(kind).run())
    if name:
        ran(at.text_input(key=f"textgen/train/name/{kind}").set_value(name).run())
    return at


def count(at: AppTest, name: str = "") -> AppTest:
    return press(choose(at, "n-gram", name), "textgen/train/start")


def train(at: AppTest, kind: str = "LSTM", seconds: int = 1) -> AppTest:
    """Start a training and, if it lasts shorter than the slider allows, see it through."""
    choose(at, kind)
    at.session_state["textgen/train/limit"] = seconds
    return press(at, "textgen/train/start")


def end_of(at: AppTest) -> AppTest:
    deadline = time.monotonic() + 60
    while not at.session_state["textgen/train/round"].ended:
        assert time.monotonic() < deadline, "it never ends"
        time.sleep(0.1)
        at.session_state["textgen/train/round"].training.touch()
    return ran(at.run())


def words_of(at: AppTest) -> str:
    shown = (*at.error, *at.caption, *at.text, *at.success, *at.markdown)
    return " ".join(str(element.value) for element in shown)


@pytest.fixture
def one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slider begins at 10 s, which is longer than a test wants to wait."""
    real = training._network_settings

    def short(kind: str) -> None:
        real(kind)
        st.session_state["textgen/train/round_s"] = 1

    monkeypatch.setattr(training, "_network_settings", short)


def test_it_opens_without_a_text_and_says_so() -> None:
    at = opened()
    assert "No text yet." in words_of(at)
    at = press(at, "textgen/train/start")
    assert "no text to learn from" in at.error[0].value
    at = count(at)
    assert "no text to learn from" in at.error[0].value
    assert not models_of(at)


def test_the_text_is_described() -> None:
    at = opened("ab" * 2000)
    assert "Pasted: 4,000 characters, 2 different. The last 10 % (400) are held out" in words_of(at)


def test_an_ngram_is_there_at_once_with_its_figures_and_knows_what_it_copies() -> None:
    at = count(opened(RHYME[:20_000]), "Rhymes")
    model = models_of(at)["Rhymes"]
    assert model.name == "Rhymes" and model.order == 6 and model.unit == "characters"
    assert model.bits_per_char(RHYME[:2000]) < 1
    assert model.copied.longest_run(RHYME[1000:1100]).length >= 100
    assert model.copied.longest_run(RHYME[19_500:19_600]).length < 100, "held out: not learnt from"
    assert "18,000 characters counted in" in words_of(at) and "bits per character on held-out text" in words_of(at)


def test_a_word_ngram_takes_its_own_order() -> None:
    at = choose(opened(RHYME[:5000]), "n-gram")
    ran(at.segmented_control(key="textgen/train/unit").set_value("words").run())
    ran(at.slider(key="textgen/train/order/words").set_value(2).run())
    (model,) = models_of(press(at, "textgen/train/start")).values()
    assert (model.unit, model.order) == ("words", 2)


def test_a_taken_name_gets_a_number() -> None:
    at = count(count(count(opened("to be or not to be"), "Hamlet"), "Hamlet"), " Ham\nlet ")
    assert list(models_of(at)) == ["Hamlet", "Hamlet 2", "Ham let"]
    assert all(model.name == name for name, model in models_of(at).items())


def test_a_bundled_models_name_is_taken() -> None:
    assert opened() and own.free_name("GPT", "x", also_taken="My LSTM") != "GPT"


def test_eight_models_are_the_most_and_deleting_one_makes_room() -> None:
    at = opened("to be or not to be")
    for _ in range(own.MOST_MODELS):
        at = count(at)
    at = count(at)
    assert "8 models are the most" in at.error[0].value and len(models_of(at)) == 8
    at = press(at, "textgen/own/delete/My n-gram 3")
    assert "My n-gram 3" not in models_of(at)
    at = count(at)
    assert not at.error and "My n-gram 3" in models_of(at)
