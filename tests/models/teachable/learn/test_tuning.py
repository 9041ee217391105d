"""The last blocks learn: a visitor's own copy of them, from the pictures that are not held out, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from models.cache import ModelCache
from models.classifier.imagenet import ImageClassifier
from models.errors import BadImage, BadInput
from models.pictures.images import sample_pictures
from models.runtime.training import TrainingStopped
from models.teachable.kinds import KINDS, opened, sample_jpeg, square
from models.teachable.learn import tuning
from models.teachable.learn.epoch import Epoch
from models.teachable.learn.fitting import fit_head
from models.teachable.learn.head import Head
from models.teachable.learn.tuning import WEIGHTS, Embedder, Tuned, fine_tune

EACH = 4  # pictures of a class
LABELS = np.repeat(np.arange(2), EACH)
HELD_OUT = np.array([True, False, False, False] * 2)


@pytest.fixture(scope="module")
def model() -> ImageClassifier:
    network = ModelCache(10**9).get("efficientnet-lite0")
    assert isinstance(network, ImageClassifier)
    return network


@cache
def jpegs() -> tuple[bytes, ...]:
    """Crops of two photographs, as a camera that moves a little sees them."""
    pictures = []
    for sample in sample_pictures()[:2]:
        rgb = sample.load()
        side = min(rgb.shape[:2]) // 2
        for step in range(EACH):
            pictures.append(sample_jpeg(KINDS["pictures"], rgb[20 * step :, 20 * step :][:side, :side]))
    return tuple(pictures)


@pytest.fixture(scope="module")
def head(model: ImageClassifier) -> Head:
    return head_for(model)


def head_for(model: ImageClassifier, hidden: int = 0) -> Head:
    embeddings = np.stack([model.embed_square(square(opened(jpeg))) for jpeg in jpegs()])
    return fit_head(embeddings, LABELS, held_out=HELD_OUT, hidden=hidden, epochs=3)


def tune(model: ImageClassifier, head: Head, **changed: object) -> Tuned:
    given = {"labels": LABELS, "held_out": HELD_OUT, "epochs": 1, "batch_size": 3, **changed}
    return fine_tune(model, given.pop("jpegs", jpegs()), head=head, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tuned(model: ImageClassifier, head: Head) -> Tuned:
    return tune(model, head)


@pytest.fixture(scope="module")
def embedder(model: ImageClassifier, tuned: Tuned) -> Embedder:
    return Embedder(model, tuned.weights)


def looked_at(embedder: Embedder) -> np.ndarray:
    return np.stack([embedder.embed_square(square(opened(jpeg))) for jpeg in jpegs()])


def same(a: Tuned, b: Tuned) -> bool:
    pairs = [(a.weights[name], b.weights[name]) for name in WEIGHTS]
    return all(
        np.array_equal(x, y) for x, y in [*pairs, (a.features, b.features), *zip(layers(a), layers(b), strict=True)]
    )


def layers(tuned: Tuned) -> list[np.ndarray]:
    return [array for layer in tuned.head.layers for array in layer]


def test_what_is_in_use_sees_what_was_trained(model: ImageClassifier, tuned: Tuned, embedder: Embedder) -> None:
    features = looked_at(embedder)
    assert (tuned.features.shape, features.dtype) == ((8, 1280), np.float32)
    assert features == pytest.approx(tuned.features, abs=1e-4)
    before = np.stack([model.embed_square(square(opened(jpeg))) for jpeg in jpegs()])
    assert np.abs(features - before).max() > 0.01, "nothing was tuned"


def test_the_figures_are_those_of_what_is_returned(model: ImageClassifier) -> None:
    heard: list[Epoch] = []
    for hidden in (0, 8):
        tuned = tune(model, head_for(model, hidden), epochs=2, on_step=heard.append)
        assert tuned.head.hidden == hidden
        p = tuned.head.predict_proba(looked_at(Embedder(model, tuned.weights)))
        nats = -np.log(p[np.arange(8), LABELS])
        assert [epoch.step for epoch in heard] == [1, 2]
        assert heard[-1].loss == pytest.approx(nats[~HELD_OUT].mean(), abs=1e-4)
        assert heard[-1].validation == pytest.approx(nats[HELD_OUT].mean(), abs=1e-4)
        right = p.argmax(1) == LABELS
        assert heard[-1].accuracy == pytest.approx(right[~HELD_OUT].mean())
        assert heard[-1].validation_accuracy == pytest.approx(right[HELD_OUT].mean())
        heard.clear()


def test_it_learns(model: ImageClassifier) -> None:
    """Of labels that say nothing about the pictures, which a linear head has not learnt yet."""
    labels = np.array([0, 1] * 4)
    embeddings = np.stack([model.embed_square(square(opened(jpeg))) for jpeg in jpegs()])
    nobody = np.zeros(8, bool)
    start = fit_head(embeddings, labels, held_out=nobody, epochs=1)
    before = -np.log(start.predict_proba(embeddings)[np.arange(8), labels]).mean()
    heard: list[Epoch] = []
    tune(model, start, labels=labels, held_out=nobody, epochs=6, lr=5e-4, on_step=heard.append)
    assert heard[-1].loss < before / 2
    assert heard[-1].accuracy == 1
    assert heard[-1].validation is None


def test_the_model_of_all_is_as_before(model: ImageClassifier, head: Head) -> None:
    pictures = [opened(jpeg) for jpeg in jpegs()[::3]]
    before = [model.embed(rgb) for rgb in pictures]
    weights = {name: tensor.clone() for name, tensor in model._inner().network.state_dict().items()}
    Embedder(model, tune(model, head, lr=1e-2).weights).embed_square(pictures[0])
    assert all(np.array_equal(model.embed(rgb), was) for rgb, was in zip(pictures, before, strict=True))
    assert all(torch.equal(tensor, weights[name]) for name, tensor in model._inner().network.state_dict().items())
    assert all(p.requires_grad and p.grad is None for p in model._inner().network.parameters())
    assert not any(module.training for module in model._inner().network.modules())


def test_held_out_pictures_are_not_learnt_from(model: ImageClassifier, head: Head, tuned: Tuned) -> None:
    other = [jpeg if not out else jpegs()[7 - n] for n, (jpeg, out) in enumerate(zip(jpegs(), HELD_OUT, strict=True))]
    swapped = np.where(HELD_OUT, 1 - LABELS, LABELS)
    again = tune(model, head, jpegs=other, labels=swapped)
    assert all(np.array_equal(again.weights[name], tuned.weights[name]) for name in WEIGHTS)
    assert all(map(np.array_equal, layers(again), layers(tuned)))


def test_it_begins_with_the_head_that_has_not_seen_the_held_out_ones(model: ImageClassifier, head: Head) -> None:
    honest = Head(head.mean, head.scale, head.twin)
    assert not np.array_equal(head.layers[0][0], head.twin[0][0])
    assert same(tune(model, head), tune(model, honest))


def test_a_seed_gives_the_same_again(model: ImageClassifier, head: Head, tuned: Tuned) -> None:
    assert same(tune(model, head), tuned)
    assert not same(tune(model, head, seed=1), tuned)


def test_two_at_a_time_get_what_they_would_get_alone(model: ImageClassifier, head: Head, tuned: Tuned) -> None:
    with ThreadPoolExecutor(3) as pool:
        mine, other = pool.submit(tune, model, head), pool.submit(tune, model, head, labels=1 - LABELS, seed=5)
        looks = pool.submit(lambda: [model.explain(opened(jpegs()[0])).heat for _ in range(2)])
        assert same(mine.result(), tuned)
        assert same(other.result(), tune(model, head, labels=1 - LABELS, seed=5))
        assert len(looks.result()) == 2


def test_threads_share_an_embedder(tuned: Tuned, embedder: Embedder) -> None:
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda jpeg: embedder.embed_square(opened(jpeg)), jpegs() * 2))
    assert np.stack(together) == pytest.approx(np.tile(tuned.features, (2, 1)), abs=1e-4)


def test_an_embedding_is_the_callers_own_and_of_the_middle_square(embedder: Embedder) -> None:
    rgb = sample_pictures()[0].load()
    first = embedder.embed_square(rgb)
    assert np.array_equal(first, embedder.embed_square(square(rgb)))
    copy = first.copy()
    embedder.embed_square(rgb[::-1])
    assert np.array_equal(first, copy)


def test_the_front_is_made_once_for_all(model: ImageClassifier, tuned: Tuned, embedder: Embedder) -> None:
    weights = {name: array * np.float32(1.1) for name, array in tuned.weights.items()}
    other = Embedder(model, weights)
    assert embedder._front is other._front
    rgb = opened(jpegs()[0])
    assert not np.allclose(embedder.embed_square(rgb), other.embed_square(rgb), atol=0.01), "but each has its own tail"


def test_the_body_for_an_export_is_the_same_network(model: ImageClassifier, tuned: Tuned, embedder: Embedder) -> None:
    body = embedder.body
    rgb = opened(jpegs()[5])
    with torch.no_grad():
        features = body(torch.from_numpy(model.preprocess.square(rgb)))
    assert features.shape == (1, 1280)
    assert features[0].numpy() == pytest.approx(tuned.features[5], abs=1e-4)


NAME = "_blocks.15._project_conv.weight"


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays: arrays.pop(NAME),
        lambda arrays: arrays.update({"_blocks.3._project_conv.weight": arrays[NAME]}),
        lambda arrays: arrays.update({NAME: arrays[NAME][:, :-1]}),
        lambda arrays: arrays.update({NAME: arrays[NAME].astype(np.float64)}),
        lambda arrays: arrays.update({NAME: arrays[NAME].view(np.int32)}),
        lambda arrays: arrays.update({NAME: np.full_like(arrays[NAME], np.nan)}),
        lambda arrays: arrays.update({NAME: np.full_like(arrays[NAME], np.inf)}),
        lambda arrays: arrays.update({NAME: np.full_like(arrays[NAME], 1e30)}),
        lambda arrays: arrays.clear(),
    ],
)
def test_weights_that_are_not_a_tails_are_refused(tuned: Tuned, damage: object) -> None:
    weights = dict(tuned.weights)
    damage(weights)  # type: ignore[operator]
    with pytest.raises(ValueError, match="weight"):
        replace(tuned, weights=weights)


@pytest.mark.parametrize("features", [np.zeros((8, 12), np.float32), np.full((8, 1280), np.nan, np.float32)])
def test_features_that_are_not_its_own_are_refused(tuned: Tuned, features: np.ndarray) -> None:
    with pytest.raises(ValueError, match="features must be"):
        replace(tuned, features=features)


def test_stopped_it_returns_what_was_learnt_so_far(model: ImageClassifier, head: Head) -> None:
    heard: list[Epoch] = []

    def stop(epoch: Epoch) -> None:
        heard.append(epoch)
        raise TrainingStopped

    early = tune(model, head, epochs=50, on_step=stop)
    assert [epoch.step for epoch in heard] == [1]
    assert looked_at(Embedder(model, early.weights)) == pytest.approx(early.features, abs=1e-4)
    start = model._inner().network.body.get_parameter(NAME).detach().numpy()
    assert not np.array_equal(early.weights[NAME], start)


def test_progress_of_the_pictures_comes_before_the_first_epoch(model: ImageClassifier, head: Head) -> None:
    heard: list[float | Epoch] = []
    tune(model, head, on_front=heard.append, on_step=heard.append)
    assert heard[:8] == [(n + 1) / 8 for n in range(8)]
    assert all(isinstance(epoch, Epoch) for epoch in heard[8:])


def test_stopped_before_the_first_epoch_there_is_nothing(model: ImageClassifier, head: Head) -> None:
    heard: list[float] = []

    def stop(done: float) -> None:
        heard.append(done)
        raise TrainingStopped

    with pytest.raises(TrainingStopped):
        tune(model, head, on_front=stop)
    assert heard == [1 / 8]


def test_more_pictures_than_memory_is_meant_for_are_refused(
    model: ImageClassifier, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "MAX_PICTURES", 7)
    with pytest.raises(BadInput, match=r"takes 7 pictures at most; these are 8\. Train without it"):
        tune(model, head)


def test_a_broken_picture_is_named(model: ImageClassifier, head: Head) -> None:
    with pytest.raises(BadImage):
        tune(model, head, jpegs=[*jpegs()[:7], b"no picture"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"labels": LABELS[:-1]}, r"must be \(8,\), got \(7,\)"),
        ({"held_out": HELD_OUT.astype(int)}, r"int64"),
        ({"held_out": LABELS == 1}, r"each with a sample that is not held out"),
        ({"labels": LABELS + 1}, r"0\.\.1"),
        ({"epochs": 0}, "must be positive"),
        ({"lr": 0.0}, "must be positive"),
        ({"batch_size": 0}, "must be positive"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    model: ImageClassifier, head: Head, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        tune(model, head, **changed)


def test_a_head_for_other_features_is_refused(model: ImageClassifier) -> None:
    other = Head(
        np.zeros(66, np.float32), np.ones(66, np.float32), [(np.zeros((66, 2), np.float32), np.zeros(2, "f4"))]
    )
    with pytest.raises(ValueError, match="one for 66"):
        tune(model, other)


def test_photographs_that_have_nothing_in_common_are_learnt_too(model: ImageClassifier) -> None:
    """Not of which class a new one is: that cannot be learnt from these."""
    pictures = [sample_jpeg(KINDS["pictures"], square(sample.load())) for sample in sample_pictures()[:4]]
    labels, out = np.repeat([0, 1], 2), np.array([False, True] * 2)
    embeddings = np.stack([model.embed_square(opened(jpeg)) for jpeg in pictures])
    heard: list[Epoch] = []
    head = fit_head(embeddings, labels, held_out=out)
    tune(model, head, jpegs=pictures, labels=labels, held_out=out, on_step=heard.append)
    assert heard[-1].accuracy == 1
