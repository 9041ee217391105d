"""A lesson: held-out samples stay the same ones, going on goes on, augmenting and fine-tuning do what they say."""

from typing import Any

import numpy as np
import pytest

from models.cache import ModelCache
from models.pictures.images import sample_pictures
from models.runtime.training import TrainingStopped
from models.teachable.answering import Answerer, embedder_of
from models.teachable.kinds import features, opened, sample_jpeg
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.lesson import Recipe, held_out, renamed, train
from models.teachable.project import Project


@pytest.fixture(scope="module")
def model() -> Any:
    return ModelCache(10**9).get("efficientnet-lite0")


def crops(name: str, count: int) -> list[np.ndarray]:
    rgb = next(s for s in sample_pictures() if s.name == name).load()
    side = min(rgb.shape[:2]) * 2 // 3
    return [np.ascontiguousarray(rgb[9 * n : 9 * n + side, 13 * n : 13 * n + side]) for n in range(count)]


@pytest.fixture(scope="module")
def project(model: Any) -> Project:
    """Six crops each of a cat and a cup."""
    project = Project.fresh(names=("Cat", "Cup"))
    for one, name in zip(project.classes, ("cat", "coffee"), strict=True):
        for rgb in crops(name, 6):
            jpeg = sample_jpeg(project.kind, rgb)
            found = features(project.kind, model, opened(jpeg))
            assert found is not None
            project.add(one.id, jpeg, found)
    return project


def test_tells_what_it_was_taught_apart_and_knows_a_stranger(project: Project, model: Any) -> None:
    trained = train(project.training_set(), project.kind, Recipe())
    answerer = Answerer(project.kind, model, trained)
    cat, cup, rocket = answerer.all([crops("cat", 9)[8], crops("coffee", 9)[8], crops("rocket", 1)[0]])
    assert cat.verdict(1) == "Cat" and cup.verdict(1) == "Cup"
    assert rocket.verdict(1) is None and rocket.is_none(1)
    assert rocket.verdict(None) in ("Cat", "Cup"), "without the distance a head always chooses one"
    assert cat.distance < 0.7 < 1 < rocket.distance


def test_the_same_samples_are_held_out_in_the_next_round_though_others_came() -> None:
    project = Project.fresh()
    for one in project.classes:
        for _ in range(20):
            project.add(one.id, b"", np.zeros(1280, np.float32))
    given = project.training_set()
    before = {s.key for s, out in zip(given.samples, held_out(given), strict=True) if out}
    assert len(before) == 6
    project.add(project.classes[0].id, b"", np.zeros(1280, np.float32))
    later = project.training_set()
    after = {s.key for s, out in zip(later.samples, held_out(later), strict=True) if out}
    assert len(before & after) >= 5
    assert {s.key for s, out in zip(given.samples, held_out(given, seed=1), strict=True) if out} != before


def test_whole_recordings_are_held_out_and_the_same_ones_again() -> None:
    project = Project.fresh()
    for one in project.classes:
        for number in range(30):
            project.add(one.id, b"", np.zeros(1280, np.float32), recording=f"{one.name}-{number // 6}".replace(" ", ""))
    given = project.training_set()
    out = held_out(given)
    assert out.sum() == 12 and len({s.recording for s, held in zip(given.samples, out, strict=True) if held}) == 2
    project.add(project.classes[0].id, b"", np.zeros(1280, np.float32), recording="another")
    assert (held_out(project.training_set())[:30] == out[:30]).all()


def test_shuffled_labels_are_learnt_by_heart_and_guessed_when_held_out(project: Project) -> None:
    rng = np.random.default_rng(0)
    random = Project.fresh()
    for one in random.classes:
        for number in range(60):
            random.add(one.id, b"", rng.normal(size=1280).astype(np.float32), recording=str(number % 2) + one.id)
    epochs: list[Epoch] = []
    train(random.training_set(), project.kind, Recipe(shuffle_labels=True), on_step=epochs.append)
    last = epochs[-1]
    assert last.accuracy == 1 and (last.learnt, last.held_out) == (60, 60)
    assert 0.25 < last.validation_accuracy < 0.75
    real: list[Epoch] = []
    train(project.training_set(), project.kind, Recipe(shuffle_labels=True, epochs=1), on_step=real.append)
    straight: list[Epoch] = []
    train(project.training_set(), project.kind, Recipe(epochs=1), on_step=straight.append)
    assert real[0].accuracy < straight[0].accuracy


def test_going_on_is_on_from_there_only_for_the_same_classes(project: Project) -> None:
    first: list[Epoch] = []
    given = project.training_set()
    start = train(given, project.kind, Recipe(epochs=20), on_step=first.append)
    further: list[Epoch] = []
    train(given, project.kind, Recipe(epochs=1), start=start, on_step=further.append)
    assert further[0].loss < first[0].loss / 2
    anew: list[Epoch] = []
    project.add_class("Third")
    try:
        third = project.classes[2]
        for sample in project.classes[0].samples[:2]:
            project.add(third.id, sample.jpeg, sample.features)
        train(project.training_set(), project.kind, Recipe(epochs=1), start=start, on_step=anew.append)
    finally:
        project.delete_class(third.id)
    assert anew[0].loss > further[0].loss


def test_augmenting_looks_at_copies_once_and_can_be_stopped(project: Project, model: Any) -> None:
    given = project.training_set()
    shares: list[float] = []
    recipe = Recipe(epochs=3, augment=True)
    one = train(given, project.kind, recipe, model=model, on_looking=shares.append)
    assert shares[-1] == 1 and len(shares) == 10, "held-out samples have no copies: the twin must not see them"
    assert sum(s.variants is not None for s in given.samples) == 10
    again = train(given, project.kind, recipe, model=None)  # nothing is looked at a second time
    assert np.array_equal(one.head.layers[0][0], again.head.layers[0][0])
    plain = train(given, project.kind, Recipe(epochs=3))
    assert not np.array_equal(one.head.layers[0][0], plain.head.layers[0][0])


def test_fine_tuning_goes_on_where_the_head_ended_and_answers_by_its_own_network(project: Project, model: Any) -> None:
    epochs: list[Epoch] = []
    before = model.embed(crops("cat", 1)[0])
    trained = train(
        project.training_set(), project.kind, Recipe(epochs=5, fine_tune=True), model=model, on_step=epochs.append
    )
    assert [epoch.step for epoch in epochs] == list(range(1, 14))
    assert trained.tuned is not None and np.array_equal(model.embed(crops("cat", 1)[0]), before)
    answer = Answerer(project.kind, embedder_of(model, trained), trained)(opened(project.classes[0].samples[0].jpeg))
    assert answer.verdict(1) == "Cat" and answer.distance < 0.01


def test_a_stop_during_the_heads_epochs_leaves_out_the_tuning(project: Project, model: Any) -> None:
    def stop(epoch: Epoch) -> None:
        raise TrainingStopped

    trained = train(project.training_set(), project.kind, Recipe(fine_tune=True), model=model, on_step=stop)
    assert trained.tuned is None


def test_a_head_goes_by_its_classes_present_names(project: Project) -> None:
    trained = train(project.training_set(), project.kind, Recipe(epochs=1))
    cat, cup = trained.class_ids
    assert renamed(trained, {cat: "Kitten", cup: "Cup"}).names == ("Kitten", "Cup")
    assert renamed(trained, {cat: "Cat"}).names == ("Cat", "Cup"), "one that is gone keeps its name"
