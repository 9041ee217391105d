"""Numbers beside a picture: what is named, what is noted, what is drawn."""

import csv
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import live as live_results
from components.classifier.insight import InsideLook
from components.classifier.scores import HISTORY_LENGTH, AnswerSettings, History
from components.layout import percent
from models.classifier.results import FeatureMaps, Scores


def scores(best: float = 0.6, label: str = "cat") -> Scores:
    return Scores((label, "dog"), np.array([best, 1 - best], np.float32), {"network": 0.02})


@pytest.mark.parametrize(("threshold", "named"), [(0.0, "cat"), (0.59, "cat"), (0.61, None), (1.0, None)])
def test_below_the_threshold_nothing_is_named(threshold: float, named: str | None) -> None:
    assert AnswerSettings(threshold=threshold).verdict(scores(0.6)) == named


def test_certainty_is_named_at_any_threshold() -> None:
    assert AnswerSettings(threshold=1.0).verdict(scores(1.0)) == "cat"


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (0.004, "< 1 %"), (0.01, "1 %"), (0.394, "39 %"), (0.99, "99 %"), (0.998, "> 99 %"), (1, "100 %")],
)
def test_almost_nothing_is_not_nothing_and_almost_all_is_not_all(share: float, words: str) -> None:
    assert percent(share) == words


def test_the_history_notes_each_change_once() -> None:
    history = History()
    for label in ("cat", "cat", None, "cat", "dog", "dog", "cat"):
        history.add(label, 0.5)
    assert [label for _, label, _ in history.rows] == ["cat", "dog", "cat"]
    times = [when for when, _, _ in history.rows]
    assert times == sorted(times) and all(when.tzinfo for when in times)
    history.clear()
    assert history.rows == []


def test_the_history_forgets_the_oldest() -> None:
    history = History()
    for n in range(HISTORY_LENGTH + 20):
        history.add(str(n), 0.5)
    assert len(history.rows) == HISTORY_LENGTH
    assert history.rows[-1][1] == str(HISTORY_LENGTH + 19)
    assert history.rows[0][1] == "20"


def test_the_history_as_csv_is_read_back_as_it_was() -> None:
    history = History()
    labels = ["cat", 'so-called "dog"', "mitten, glove", "naïve\nline"]
    for label in labels:
        history.add(label, 0.12345)
    head, *rows = csv.reader(io.StringIO(history.csv(), newline=""))
    assert head == ["time", "label", "probability"]
    assert [row[1] for row in rows] == labels
    assert [row[2] for row in rows] == ["0.1235"] * 4 or [row[2] for row in rows] == ["0.1234"] * 4
    assert rows[0][0] == history.rows[0][0].isoformat(timespec="milliseconds")


def test_no_label_of_the_history_is_a_formula() -> None:
    history = History()
    for label in ("=1+1", "@x"):
        history.add(label, 0.5)
    assert [row[1] for row in csv.reader(io.StringIO(history.csv()))][1:] == ["'=1+1", "'@x"]


def stream(value: Any) -> Any:
    return SimpleNamespace(latest=lambda: None if value is None else SimpleNamespace(value=value, error=None))


def picture() -> np.ndarray:
    """Bright left, dark right."""
    rgb = np.full((240, 320, 3), 200, np.uint8)
    rgb[:, 160:] = 90
    return rgb


def test_the_maps_that_are_shown_stay_the_same_from_the_first_picture_with_anything_in_it() -> None:
    asked: list[Any] = []

    class Model:
        def inside(self, rgb: np.ndarray, maps: int, numbers: Any) -> list[FeatureMaps]:
            asked.append(numbers)
            return [FeatureMaps("late", np.zeros((1, 7, 7), np.float32), (len(asked),))]

    look = InsideLook(Model())  # type: ignore[arg-type]
    black = np.zeros((240, 320, 3), np.uint8)
    for rgb in (black, black, picture(), black, picture()):
        look(rgb)
    assert asked == [None, None, None, [(3,)], [(3,)]]


def test_the_journey_is_told_in_the_order_of_the_way() -> None:
    result: Any = SimpleNamespace(value=scores(), wait_s=0.01)
    live: Any = SimpleNamespace(link=None, seconds={"convert": 0.001, "draw": 0.002}, draw=None)
    assert live_results.seconds_on_the_way(live, result) == {"camera → server": None, "unpack": 0.001, "wait": 0.01}
    live.link, live.draw = SimpleNamespace(to_server_s=0.04), print
    told = live_results.seconds_on_the_way(live, result)
    assert (told["camera → server"], told["draw"]) == (0.04, 0.002)


def page(script: Callable[..., None], **values: Any) -> AppTest:
    at = AppTest.from_function(script, default_timeout=60, kwargs=values).run()
    assert not at.exception
    return at


def html_of(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html"))


def test_the_page_shows_verdict_and_as_many_bars_as_were_asked_for() -> None:
    def script(scores, reading) -> None:
        from components.classifier.scores import show_scores
        from components.live import show_seconds

        show_scores(scores, reading)
        show_seconds({"network": 0.0123, "camera": None})

    shown = html_of(page(script, scores=scores(label="<b>cat</b>"), reading=AnswerSettings(top_k=1)))
    assert "&lt;b&gt;cat&lt;/b&gt; <small>60 %</small>" in shown and "<b>cat" not in shown
    assert shown.count('class="bar') - shown.count('class="bars') == 1
    assert "network 12.3 ms" in shown and "camera –" in shown
    unsure = html_of(page(script, scores=scores(), reading=AnswerSettings(top_k=2, threshold=0.9)))
    assert "Not sure. Perhaps cat (60 %)" in unsure
    assert unsure.count('class="bar weak"') == 2


@pytest.mark.parametrize(
    ("playing", "result", "said"),
    [
        (False, None, "once the camera is on"),
        (True, None, "Waiting for the first picture"),
        (True, SimpleNamespace(error="out of memory", age_s=0.1), "could not read this picture (out of memory)"),
        (True, SimpleNamespace(error=None, age_s=12.4), "No new picture for 12 s"),
    ],
)
def test_the_page_says_why_there_is_no_answer(playing: bool, result: Any, said: str) -> None:
    def script(live, stream) -> None:
        from components.live import newest_or_reason

        assert newest_or_reason(live, stream) is None

    at = page(script, live=SimpleNamespace(playing=playing), stream=SimpleNamespace(latest=lambda: result))
    assert said in "".join(str(element.value) for element in (*at.caption, *at.error, *at.warning))


def test_a_fresh_result_is_shown_and_nothing_is_said() -> None:
    fresh: Any = SimpleNamespace(error=None, age_s=0.1)
    live: Any = SimpleNamespace(playing=True)
    assert live_results.newest_or_reason(live, SimpleNamespace(latest=lambda: fresh)) is fresh  # type: ignore[arg-type]


def test_several_pictures_make_a_table_with_a_row_each() -> None:
    def script(pictures, scores, reading) -> None:
        from components.classifier.scores import show_table

        show_table(pictures, scores, reading)

    pictures = [SimpleNamespace(name=f"{n}.jpg", rgb=picture()) for n in range(3)]
    at = page(
        script, pictures=pictures, scores=[scores(0.9), scores(0.5), scores(0.6)], reading=AnswerSettings(threshold=0.6)
    )
    table = at.dataframe[0].value
    assert list(table["name"]) == ["0.jpg", "1.jpg", "2.jpg"]
    assert list(table["answer"]) == ["cat", "Not sure. Perhaps cat (50 %)", "cat"]
    assert list(table["next"]) == ["dog 10 %", "dog 50 %", "dog 40 %"]
    assert table["picture"].str.startswith("data:image/jpeg;base64,").all()
