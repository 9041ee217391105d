"""The text generator's page: what all its views share, and writing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components import loading
from components.textgen import choice, next_token, writing
from models.textgen.bundled import load_words
from models.textgen.language_model import LanguageModel
from models.textgen.ngram import NGram
from models.textgen.sampling import Sampling
from tests.models.runtime.local_hub import local_hub
from tests.models.textgen import tiny
from tests.pages.visit import html_of, opened, ran

VIEWS = ("Write", "Next token", "Surprise", "Guess", "Tokens", "Train", "Attention", "Word cloud")
BUNDLED = ["Letter n-gram", "Word n-gram", "LSTM", "GPT"]

Until = Callable[[Callable[[], object]], None]


def page(view: str = "Write", *, models: list[str] | None = None) -> AppTest:
    """The page at one of its views, with these models alone if given."""
    at = opened("textgen", view=view)
    return ran(at.pills(key="models").set_value(models).run()) if models is not None else at


def said(at: AppTest) -> str:
    return " ".join(str(element.value) for element in (*at.error, *at.info, *at.warning, *at.caption, *at.markdown))


def written(at: AppTest) -> dict[str, str]:
    return at.session_state[writing.WRITTEN]


def write(at: AppTest, until: Until, button: str = "write") -> dict[str, str]:
    """Press a button and wait for the texts, looking at them as the open page does: else a slow machine gives up."""
    ran(at.button(key=button).click().run())
    generation = at.session_state[writing.WRITING].generation
    until(lambda: generation.columns and generation.done)
    ran(at.run())
    return dict(written(at))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_from_its_address(view: str) -> None:
    at = opened("textgen", view=view)
    assert at.segmented_control(key="view").value == view
    assert not at.error


def test_one_press_lets_all_bundled_models_continue_the_beginning(until: Until) -> None:
    at = page()
    at.slider(key="length").set_value(200)
    texts = write(at, until)
    assert list(texts) == BUNDLED
    assert all(200 <= len(text) < 230 for text in texts.values()), "as long as asked, up to the end of a token"
    assert len(set(texts.values())) == 4
    shown = html_of(at)
    assert all(title in shown for title in BUNDLED)
    assert shown.count("Is it not strange, that") == 4 and shown.count("letters/s") == 4
    assert said(at).count("Longest run copied from one speech") == 4


def test_the_same_seed_writes_the_same_text_and_again_takes_the_next(until: Until) -> None:
    at = page(models=["Letter n-gram", "LSTM"])
    first = write(at, until)
    assert write(at, until) == first
    assert write(at, until, "again") != first
    assert at.number_input(key="seed").value == 2
    ran(at.number_input(key="seed").set_value(1).run())
    assert write(at, until) == first


def test_temperature_zero_is_greedy_whatever_the_seed(until: Until) -> None:
    at = page(models=["LSTM", "GPT"])
    at.slider(key="temperature").set_value(0.0)
    first = write(at, until)
    assert write(at, until, "again") == first


@pytest.mark.parametrize(
    "prompt", ["", "🙂🙃", "\0", "שלום עולם", "x" * 100_000], ids=["empty", "emoji", "NUL", "RTL", "long"]
)
def test_any_beginning_can_be_continued(prompt: str, until: Until) -> None:
    at = page()
    at.slider(key="length").set_value(100)
    ran(at.text_area(key="prompt").set_value(prompt).run())
    assert all(write(at, until).values())
    assert not at.error


@pytest.mark.parametrize("prompt", ["שלום עולם", "مرحبا", "Привет", "🙂"])
def test_what_a_model_cannot_read_of_a_beginning_is_said(prompt: str, until: Until) -> None:
    at = page()
    at.slider(key="length").set_value(100)
    ran(at.text_area(key="prompt").set_value(f"ROMEO: {prompt}").run())
    write(at, until)
    notes = [caption.value for caption in at.caption if prompt[0] in caption.value]
    assert len(notes) == 3 and all("never seen" in note for note in notes), "the GPT reads bytes"
    ran(at.segmented_control(key="view").set_value("Next token").run())
    assert sum(prompt[0] in caption.value for caption in at.caption) == 3
    ran(at.text_area(key="prompt").set_value("ROMEO:\nIs it").run())
    assert not any("never seen" in caption.value for caption in at.caption)


def test_a_space_at_the_end_belongs_to_the_word_that_is_pressed() -> None:
    model = load_words(None, lambda text, share: None)
    reader, begun = model.continue_from("To be, or not to ")
    shown = next_token.candidates(model, reader.probs(), Sampling(), begun)
    assert {candidate.piece for candidate in shown[:3]} >= {"be", "the"}
    assert all(not candidate.piece.startswith(" ") for candidate in shown)


def test_a_beginning_is_text_and_not_html(until: Until) -> None:
    at = page(models=["Letter n-gram"])
    ran(at.text_area(key="prompt").set_value("<script>alert(1)</script>").run())
    write(at, until)
    assert "&lt;script&gt;" in html_of(at) and "<script>" not in html_of(at)


def test_an_example_is_one_press_away() -> None:
    at = page()
    ran(at.button(key="begin/Hamlet, unread").click().run())
    assert at.text_area(key="prompt").value == choice.BEGINNINGS["Hamlet, unread"]


def test_what_was_chosen_in_one_view_is_still_chosen_in_another() -> None:
    at = page(models=["LSTM"])
    at.slider(key="temperature").set_value(1.5)
    ran(at.text_area(key="prompt").set_value("A beginning of my own").run())
    ran(at.segmented_control(key="view").set_value("Train").run())
    ran(at.segmented_control(key="view").set_value("Write").run())
    assert at.text_area(key="prompt").value == "A beginning of my own"
    assert at.slider(key="temperature").value == 1.5
    assert at.pills(key="models").value == ["LSTM"]


class Endless(LanguageModel):
    """Writes on until somebody stops it."""

    pieces = ("a",)
    name, nbytes = "Endless", 0

    def __init__(self) -> None:
        self.closed = False

    def encode(self, text: str) -> list[int]:
        return []

    def read(self, tokens: Any) -> Any:
        raise NotImplementedError

    def surprise(self, text: str) -> Any:
        raise NotImplementedError

    def stream(self, prompt: str, *settings: Any) -> Iterator[str]:
        try:
            while True:
                yield ""
        finally:
            self.closed = True


def with_own(at: AppTest, **models: LanguageModel) -> AppTest:
    at.session_state["textgen/own"] = models
    return ran(at.run())


def test_a_model_of_ones_own_is_a_column_at_once_and_leaves_when_deleted() -> None:
    at = with_own(page(), Mine=NGram.fit("so it goes " * 50))
    assert at.pills(key="models").value == [*BUNDLED, "Mine"]
    at = with_own(at)
    assert at.pills(key="models").value == BUNDLED


def test_stop_ends_the_writing_and_releases_the_model(until: Until) -> None:
    endless = Endless()
    at = with_own(page(models=[]), Endless=endless)
    ran(at.button(key="write").click().run())
    assert not at.session_state[writing.WRITING].generation.done
    ran(at.button(key="stop").click().run())
    until(lambda: endless.closed)
    assert at.session_state[writing.WRITING].generation.done
    assert "stop" not in [button.key for button in at.button]


def test_a_page_that_nobody_looks_at_any_more_stops_writing(until: Until) -> None:
    endless = Endless()
    at = with_own(page(models=[]), Endless=endless)
    ran(at.button(key="write").click().run())
    assert not endless.closed
    until(lambda: endless.closed)  # no rerun of the page or its fragment: the tab was closed or shows another page


def test_one_generation_per_visitor_the_next_press_ends_the_last(until: Until) -> None:
    endless = Endless()
    at = with_own(page(models=[]), Endless=endless)
    ran(at.button(key="write").click().run())
    ran(at.pills(key="models").set_value(["Letter n-gram"]).run())
    assert list(write(at, until)) == ["Letter n-gram"]
    until(lambda: endless.closed)


def test_who_has_to_wait_sees_the_place_in_line(until: Until) -> None:
    at = page(models=["Letter n-gram"])
    queue = writing.generation_queue()
    running = [queue.submit(f"visitor {n}", {"endless": lambda: Endless().stream("")}) for n in range(8)]
    ran(at.button(key="write").click().run())
    assert "number 1 in line" in said(at)
    for generation in running:
        generation.cancel()
    until(lambda: at.session_state[writing.WRITING].generation.done)


def test_an_error_of_one_model_does_not_take_the_others(until: Until) -> None:
    class Broken(Endless):
        def stream(self, prompt: str, *settings: Any) -> Iterator[str]:
            raise RuntimeError("not for visitors")

    at = with_own(page(models=["Letter n-gram"]), Broken=Broken())
    texts = write(at, until)
    assert texts["Letter n-gram"] and "Broken" not in texts
    assert len(at.error) == 1 and "not for visitors" not in at.error[0].value


def test_slow_motion_shows_the_text_bit_by_bit(until: Until) -> None:
    at = page(models=["Letter n-gram"])
    at.toggle(key="slow").set_value(True)
    ran(at.button(key="write").click().run())
    state = at.session_state[writing.WRITING]
    until(lambda: state.generation.done)
    ran(at.run())
    column = state.generation.columns["Letter n-gram"].text
    assert column[-50:] not in html_of(at)
    ran(at.button(key="stop").click().run())
    assert column[-5:] in html_of(at), "stop shows what there is"


def test_without_a_model_the_page_says_what_to_do() -> None:
    at = page(models=[])
    assert "Choose at least one model" in said(at)
    assert at.button(key="write").disabled


def test_a_model_of_the_hub_is_looked_up_downloaded_and_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, until: Until
) -> None:
    folder = tmp_path / "tiny"
    tiny.save(folder, "llama")
    with local_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        hub.add("someone/tiny", folder)
        at = page(models=["Letter n-gram"])
        at.text_input(key="hub-name").set_value("someone/tiny")
        ran(at.run())
        ran(at.button(key="hub-look").click().run())
        assert "someone/tiny" in said(at) and "MB to download" in said(at)
        ran(at.button(key="hub-add").click().run())
        assert at.pills(key="models").value == ["Letter n-gram", "tiny"]
        ran(at.button(key="get/hub/someone/tiny").click().run())
        until(lambda: loading.model_cache().is_ready("hub/someone/tiny"))
        ran(at.run())
        write(at, until)
    column = at.session_state[writing.WRITING].generation.columns["tiny"]
    assert column.done and column.error is None


def test_without_a_network_the_hub_says_so_and_the_others_write(monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    at = page(models=["Letter n-gram"])
    at.text_input(key="hub-name").set_value("someone/tiny")
    ran(at.run())
    ran(at.button(key="hub-look").click().run())
    assert len(at.error) == 1
    ran(at.pills(key="models").set_value(["Letter n-gram", "distilgpt2"]).run())
    ran(at.button(key="get/hub/distilbert/distilgpt2").click().run())
    assert len(at.error) == 1 and "distilgpt2" in at.error[0].value
    assert list(write(at, until)) == ["Letter n-gram"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b", "http://elsewhere.example/x", "x" * 300])
def test_a_name_that_is_none_is_refused_with_words(name: str) -> None:
    at = page(models=["Letter n-gram"])
    at.text_input(key="hub-name").set_value(name)
    ran(at.run())
    ran(at.button(key="hub-look").click().run())
    assert len(at.error) == 1
