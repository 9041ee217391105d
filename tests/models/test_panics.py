"""A panic in a library written in Rust reaches Python as a BaseException: it ends nobody's worker."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import BPE

from models.cache import ModelCache
from models.catalog import CATALOG
from models.errors import LimelightError, ModelFailed
from models.ocr.reading_queue import ReadingQueue
from models.pictures.films import Films
from models.runtime.background import alive
from models.runtime.engine import Engine
from models.runtime.training import TrainingQueue
from models.teachable.intake import Intake
from models.teachable.kinds import Kind, sample_jpeg
from models.teachable.project import Project
from models.textgen.queue import GenerationQueue
from models.textgen.transformer import TransformerModel
from tests.models.textgen.tiny import gpt2

Until = Callable[[Callable[[], object]], None]


def panics() -> Tokenizer:
    """A tokenizer that loads and, at the first text, panics."""
    tokenizer = Tokenizer(BPE(vocab={"a": 0}, merges=[]))
    written = json.loads(tokenizer.to_str()) | {"pre_tokenizer": {"type": "FixedLength", "length": 0}}
    return Tokenizer.from_str(json.dumps(written))


def panic(*_: object) -> None:
    panics().encode("text")


def end_thread(*_: object) -> None:
    """Where a queue's own code fails: nothing catches that."""
    raise SystemExit


def test_the_text_queue(until: Until) -> None:
    def closes_badly() -> Iterator[str]:
        try:
            yield "x"
            yield "y"
        finally:
            panic()

    def writes_badly() -> Iterator[str]:
        yield "so "
        panic()

    queue = GenerationQueue(forget_s=1e6)
    first = queue.submit("anna", {"model": writes_badly})
    until(lambda: first.done)
    assert first.columns["model"].text == "so " and first.columns["model"].error
    queue.submit("bo", {"model": closes_badly}).cancel()
    after = queue.submit("cy", {"model": lambda: iter(["served"])})
    until(lambda: after.done)
    assert after.columns["model"].text == "served"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("killed", [False, True])
def test_the_reading_queue(killed: bool, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = ReadingQueue(forget_s=1e6)
    if killed:
        monkeypatch.setattr(queue, "_log_once", end_thread)
    bad = queue.submit("anna", {"1": panic})
    until(lambda: bad.done)
    assert bad.errors["1"]
    if killed:
        assert queue._worker is not None
        queue._worker.join(60)
    after = queue.submit("bo", {"1": lambda page: page.key})
    until(lambda: after.done)
    assert after.results == {"1": "1"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("killed", [False, True])
def test_the_intake(killed: bool, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(kind: Kind, rgb: np.ndarray) -> np.ndarray:
        if rgb.mean() < 80:
            panic()
        return np.full(kind.size, rgb.mean(), np.float32)

    intake = Intake(look)
    if killed:
        monkeypatch.setattr(intake, "_log_once", end_thread)
    bad, after = Project.fresh(), Project.fresh()
    for project, level in ((bad, 50), (after, 200)):
        picture = np.full((40, 40, 3), level, np.uint8)
        intake.add(project, [project.add(project.classes[0].id, sample_jpeg(project.kind, picture))])
        until(lambda project=project: not intake.waiting(project))
        if killed and project is bad:
            assert intake._worker is not None
            intake._worker.join(60)
    assert intake.take_left_out(bad) and after.classes[0].samples[0].features is not None


def test_the_training_queue(until: Until) -> None:
    queue = TrainingQueue()
    bad, after = queue.submit("anna", panic), queue.submit("bo", lambda on_step: "a model")
    until(lambda: after.state == "done")
    assert bad.state == "failed" and bad.error and after.result == "a model"


def test_the_engine_of_live_frames(until: Until) -> None:
    engine, frame = Engine(lambda rgb: "seen"), np.zeros((2, 2, 3), np.uint8)
    with engine.open(predict=panic) as bad, engine.open() as after:
        bad.offer(frame)
        until(bad.latest)
        after.offer(frame)
        until(after.latest)
        assert bad.latest().error and after.latest().value == "seen"  # type: ignore[union-attr]
    engine.stop()


def test_the_line_of_films(until: Until) -> None:
    films = Films()
    bad = films.submit("anna", "bad.mp4", b"...", panic)  # type: ignore[arg-type]
    after = films.submit("bo", "good.mp4", b"", lambda: lambda rgb, seconds: rgb)
    until(lambda: bad.done and after.done)
    assert isinstance(bad.error, ModelFailed) and isinstance(after.error, LimelightError), "its turn came"


def test_who_waits_for_a_model_learns_that_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = ModelCache(10**9, folder=tmp_path)
    monkeypatch.setattr(cache, "_load", panic)
    with pytest.raises(ModelFailed):
        cache.get(next(iter(CATALOG)))


def test_a_tokenizer_of_a_stranger_fails_in_words() -> None:
    model = TransformerModel(gpt2(1), Tokenizer(BPE(vocab={"a": 0}, merges=[])), "tiny", 8)
    model.tokenizer = panics()
    for call in (model.encode, model.unknown, model.surprise):
        with pytest.raises(ModelFailed):
            call("text")


def test_what_is_no_panic_here_either() -> None:
    with pytest.raises(BaseException) as caught:
        panic()
    assert not isinstance(caught.value, Exception), "or these tests show nothing"


def test_a_dead_worker_is_replaced_and_a_living_one_kept() -> None:
    go = threading.Event()
    first = alive(None, go.wait, "worker")  # type: ignore[arg-type]
    assert alive(first, go.wait, "worker") is first  # type: ignore[arg-type]
    go.set()
    first.join(60)
    assert alive(first, go.wait, "worker") is not first  # type: ignore[arg-type]
