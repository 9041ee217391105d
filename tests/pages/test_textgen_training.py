"""The view "Train" of the text generator, with real trainings of so many steps, however long the machine takes."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components import loading
from components.textgen import own, rounds, training
from components.textgen.choice import TASK
from components.textgen.own_text import EXAMPLES, read_text
from components.trainings import ended
from models.catalog import of_task
from models.runtime.training import TrainingStep
from models.textgen import trainer

Until = Callable[[Callable[[], object]], None]
RHYME = EXAMPLES["Counting rhyme"]()


LIMIT_S, FOREVER = 3600, 10**6


class Clock:
    """The trainers' clock: each of their steps takes as long as it must for the last one to end at the limit."""

    def __init__(self) -> None:
        self.now = 0.0
        self.steps = FOREVER

    def monotonic(self) -> float:
        self.now += LIMIT_S / self.steps
        return self.now


clock = Clock()


@pytest.fixture(autouse=True)
def counted_and_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Steps end a training here, and no test waits for the training of another."""
    st.cache_resource.clear()
    monkeypatch.setattr(training, "LIMITS_S", (1, LIMIT_S, 60, 1))
    monkeypatch.setattr(trainer, "time", clock)
    yield
    st.cache_resource.clear()


def view() -> None:
    import streamlit as st

    from components.textgen import training

    if not st.session_state.get("elsewhere"):
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


def train(at: AppTest, kind: str = "LSTM", name: str = "", steps: int = FOREVER) -> AppTest:
    clock.steps = steps
    choose(at, kind, name)
    ran(at.slider(key="textgen/train/limit").set_value(LIMIT_S).run())
    return press(at, "textgen/train/start")


def round_of(at: AppTest) -> rounds.Round:
    return at.session_state["textgen/train/round"]


def end_of(at: AppTest, until: Until) -> AppTest:
    """The page once the training has ended; somebody looks all the while."""
    until(lambda: round_of(at).training.touch() or ended(round_of(at).training))
    return ran(at.run())


def words_of(at: AppTest) -> str:
    shown = (*at.error, *at.caption, *at.text, *at.success, *at.markdown)
    return " ".join(str(element.value) for element in shown)


def test_the_first_press_finds_a_text_to_learn_from() -> None:
    at = count(opened())
    assert "Sums: " in words_of(at) and not at.error
    assert len(models_of(at)) == 1


def test_without_a_text_it_says_so() -> None:
    at = opened("a text of my own")
    ran(at.text_area(key="textgen/text/pasted").set_value("").run())
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
    title = of_task(TASK)[0].title
    assert list(models_of(count(opened("to be or not to be"), title))) == [f"{title} 2"]


def test_eight_models_are_the_most_and_deleting_one_makes_room() -> None:
    at = opened("to be or not to be")
    for _ in range(own.MAX_MODELS):
        at = count(at)
    at = count(at)
    assert "8 models are the most" in at.error[0].value and len(models_of(at)) == 8
    at = press(at, "textgen/own/delete/My n-gram 3")
    assert "My n-gram 3" not in models_of(at)
    at = count(at)
    assert not at.error and "My n-gram 3" in models_of(at)


def test_an_lstm_learns_before_ones_eyes_and_is_kept(until: Until) -> None:
    at = train(opened(RHYME[:9000]), steps=40)
    assert "when nobody looks" in words_of(at) or "in line" in " ".join(info.value for info in at.info)
    assert at.button(key="textgen/train/start").disabled, "one at a time"
    at = end_of(at, until)
    model = models_of(at)["My LSTM"]
    assert at.success and "steps, the last round" in words_of(at) and "held-out text" in words_of(at)
    assert model.bits_per_char(RHYME[:2000]) < 5, "guessing among its letters would be as much"
    assert model.copied.longest_run(RHYME[:50]).length >= 50
    assert len(at.get("plotly_chart")) == 1 and at.code[0].value
    assert not at.button(key="textgen/train/start").disabled


def test_stop_keeps_what_was_learnt(until: Until) -> None:
    at = train(opened(RHYME[:9000]))
    until(lambda: round_of(at).training.latest)
    ran(at.run())
    assert at.button(key="textgen/train/stop").label == "Stop and keep it"
    at = end_of(press(at, "textgen/train/stop"), until)
    assert list(models_of(at)) == ["My LSTM"]
    assert round_of(at).steps[-1].step < FOREVER


def test_who_comes_back_finds_the_training_and_its_text(until: Until) -> None:
    at = train(opened(RHYME[:9000]))
    ran(at.segmented_control(key="textgen/train/kind").set_value("n-gram").run())
    until(lambda: round_of(at).training.latest)
    before = round_of(at)
    at.session_state["elsewhere"] = True
    at = ran(at.run())
    assert not at.text_area
    at.session_state["elsewhere"] = False
    at = ran(at.run())
    assert round_of(at) is before and not ended(before.training)
    assert at.text_area[0].value == RHYME[:9000] and at.button(key="textgen/train/stop")
    assert at.segmented_control(key="textgen/train/kind").value == "n-gram"
    end_of(press(at, "textgen/train/stop"), until)


def test_who_waits_sees_the_place_in_line_and_may_leave_it(until: Until) -> None:
    end = threading.Event()
    other = rounds.training_queue().submit("somebody else", lambda on_step: end.wait(120))
    at = train(opened(RHYME[:9000]))
    assert at.info[0].value.startswith("Number 1 in line")
    assert at.button(key="textgen/train/stop").label == "Stop"
    at = end_of(press(at, "textgen/train/stop"), until)
    assert "stopped before it began" in at.error[0].value and not models_of(at)
    end.set()
    until(lambda: other.state == "done")


def test_a_deleted_model_is_no_longer_announced(until: Until) -> None:
    at = end_of(train(opened(RHYME[:9000]), steps=20), until)
    assert at.success
    at = press(at, "textgen/own/delete/My LSTM")
    assert not models_of(at) and not at.success and not at.exception


def test_going_on_keeps_the_name_and_the_curve(until: Until) -> None:
    at = end_of(train(opened(RHYME[:9000]), steps=20), until)
    first, steps = models_of(at)["My LSTM"], round_of(at).steps
    at = end_of(press(at, "textgen/own/on/My LSTM"), until)
    assert list(models_of(at)) == ["My LSTM"]
    second, more = models_of(at)["My LSTM"], round_of(at).steps
    assert second.bits_per_char(RHYME[:2000]) < first.bits_per_char(RHYME[:2000])
    assert more[: len(steps)] == steps and more[len(steps)].step > steps[-1].step
    assert second.copied is first.copied, "the same text once more"


def test_the_gpt_is_fine_tuned_from_the_bundled_one(until: Until) -> None:
    text = EXAMPLES["Sums"]()[:9000]
    at = end_of(train(opened(text), "GPT", steps=3), until)
    model = models_of(at)["My GPT"]
    assert model.bits_per_char(text[:500]) < loading.model_cache().get("shakespeare-gpt").bits_per_char(text[:500])
    assert len(at.get("plotly_chart")) == 1
    shakespeare = "First Citizen:\nBefore we proceed any further, hear me speak."
    assert model.copied.longest_run(shakespeare).length == len(shakespeare), "it has learnt from that too"


@pytest.mark.parametrize("text", ["x" * 99, "short"])
def test_a_text_too_short_for_a_network_is_said_at_once(text: str) -> None:
    at = opened(text)
    assert "too short for a network" in words_of(at)
    at = train(at)
    assert "needs at least 100" in at.error[0].value
    assert "textgen/train/round" not in at.session_state


def test_a_training_that_fails_says_why_and_keeps_nothing(until: Until) -> None:
    at = end_of(train(opened("\ufffd" * 500)), until)
    assert "no readable characters" in at.error[0].value
    assert not models_of(at) and not at.button(key="textgen/train/start").disabled


def test_several_lines_make_one_curve_and_rising_validation_is_overfitting() -> None:
    steps = [TrainingStep(at, 3 - at / 10, at, validation=value) for at, value in ((1, 3.0), (2, None), (3, 2.5))]
    batches, held_out = training.curve(steps).data
    assert list(batches.x) == [1, 2, 3] and list(held_out.y) == [3.0, 2.5]
    assert not training.overfits([]) and not training.overfits(steps)
    assert not training.overfits([*steps, TrainingStep(4, 2, 4, validation=2.53)])
    assert training.overfits([*steps, TrainingStep(4, 2, 4, validation=2.6)])


def uploaded(at: AppTest, key: str, name: str, content: bytes) -> AppTest:
    (uploader,) = (each for each in at.file_uploader if each.key.startswith(key))
    return ran(uploader.set_value((name, content, "application/octet-stream")).run())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_an_uploaded_text_takes_the_place_of_the_old_one(encoding: str) -> None:
    at = uploaded(opened("old"), "textgen/text", "new.txt", "Grüße, 東京!\r\nביי".encode(encoding))
    assert at.text_area[0].value == "Grüße, 東京!\nביי"
    assert "new.txt: 14 characters" in words_of(at)
    assert not at.error


def test_a_long_text_is_kept_but_not_sent_to_the_browser_again_and_again() -> None:
    text = RHYME * 3
    at = uploaded(opened(), "textgen/text", "long.txt", text.encode())
    assert at.text_area[0].value == "" and at.text_area[0].placeholder.startswith(text[:50])
    assert f"long.txt: {len(text):,} characters" in words_of(at)
    at = count(at)
    assert f"{len(text) * 9 // 10:,} characters counted" in words_of(at)


def test_a_damaged_file_is_read_and_says_what_is_missing() -> None:
    read = read_text("Grüße aus Köln, schöne Tage".encode() + b"\xff, bis bald", "mail.txt")
    assert read.text == "Grüße aus Köln, schöne Tage, bis bald" and "1 character " in read.note
    assert read_text("Grüße aus Köln ü".encode()[:-1], "cut.txt").text == "Grüße aus Köln "


def test_the_encoding_that_was_guessed_is_named() -> None:
    read = read_text("Вчера вечером мы долго гуляли у реки".encode("koi8-r"), "old.txt")
    assert read.text.startswith("Вчера вечером") and "KOI8" in read.note


def test_latin_1_is_read_with_a_note() -> None:
    read = read_text("Grüße".encode("latin-1"), "old.txt")
    assert read.text == "Grüße" and "Latin-1" in read.note


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (bytes(range(256)) * 20, "not plain text"),
        (bytes(range(256)) * 4, "not plain text"),
        (b"a" * 5_000_001, "5 MB are the most"),
    ],
)
def test_a_bad_file_is_named_and_the_text_that_was_there_stays(content: bytes, words: str) -> None:
    at = uploaded(opened("what was there"), "textgen/text", "bad.txt", content)
    assert "bad.txt" in at.error[0].value.replace("\\", "") and words in at.error[0].value
    assert at.text_area[0].value == "what was there" and "Pasted: 14 characters" in words_of(at)


def test_too_much_pasted_is_refused_and_the_text_that_was_there_stays() -> None:
    at = opened("what was there")
    ran(at.text_area[0].set_value("ü" * 2_500_001).run())
    assert "5 MB are the most" in at.error[0].value
    assert at.text_area[0].value == "what was there"


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_is_enough_to_train_on(title: str) -> None:
    at = press(opened(), f"textgen/text/{title}")
    assert f"{title}: " in words_of(at) and "are held out" in words_of(at)
    assert 10_000 < len(EXAMPLES[title]()) < 2_000_000


def test_the_sums_are_right_and_the_code_is_our_own() -> None:
    left, _, right = EXAMPLES["Sums"]().splitlines()[0].partition("=")
    assert sum(map(int, left.split("+"))) == int(right)
    assert "class LanguageModel" in EXAMPLES["Limelight's own code"]()


@pytest.mark.parametrize("kind", ["n-gram", "LSTM"])
def test_a_saved_model_loads_as_it_was(kind: str, until: Until) -> None:
    at = opened(RHYME[:5000])
    at = count(at, "Mine") if kind == "n-gram" else end_of(train(at, name="Mine", steps=20), until)
    model = models_of(at)["Mine"]
    content = own._to_bytes(model)
    at = uploaded(at, "textgen/own", "Mine.safetensors", content)
    assert list(models_of(at)) == ["Mine", "Mine 2"] and not at.error
    loaded = models_of(at)["Mine 2"]
    assert loaded.name == "Mine 2" and model.name == "Mine"
    assert loaded.next_probs("Two sleepy ") == model.next_probs("Two sleepy ")
    assert loaded.copied.longest_run(RHYME[:100]).length == 100
    assert not any(each.value for each in at.file_uploader), "ready for the next"


@pytest.mark.parametrize("content", [b"", b"oh", b"\xff" * 100, (2**40).to_bytes(8, "little") + b"{}"])
def test_a_file_that_is_no_model_is_refused(content: bytes) -> None:
    at = uploaded(opened(), "textgen/own", "strange.safetensors", content)
    assert "not a model that Limelight saved" in at.error[0].value
    assert not models_of(at)
