"""What the pages ask first: the surprising answer still comes from the models of today."""

import itertools

import cv2
import numpy as np
import pytest

from models.cache import ModelCache
from models.catalog import CATALOG
from models.demos import DEMOS
from models.detector.boxes import iou
from models.digits.fooling import direction, moved, noise
from models.ocr.samples import ocr_samples
from models.pictures.variants import samples_of
from models.playground.learner import Learner
from models.playground.network import Spec
from models.playground.points import make, split
from models.questions import NEWSPAPER, QUESTIONS
from models.textgen.sampling import Sampling
from models.vision.chain import chain_of, link_of, run
from models.vision.frequencies import mask_of
from models.vision.step import grey_of, in_colour

CUP = np.array([[100, 25, 480, 330]])  # by eye, in pixels of the sample
CATS = {"tabby", "tiger cat", "Persian cat", "Siamese cat", "Egyptian cat"}
LATIN = {sample.name: sample for sample in ocr_samples()}


@pytest.fixture(scope="module")
def cache() -> ModelCache:
    return ModelCache(8_000_000_000)


def picture(demo: str, place: int):
    """What the question shows."""
    (name,) = QUESTIONS[demo][place].shows[f"{demo}/samples"]
    return samples_of(demo)[name].load()


def right(demo: str, place: int) -> str:
    question = QUESTIONS[demo][place]
    return question.answers[question.right]


def test_each_demo_asks() -> None:
    assert set(QUESTIONS) == {demo.name for demo in DEMOS}


def test_what_the_classifier_says_of_the_cat_whole_and_in_pieces(cache: ModelCache) -> None:
    model = cache.get("efficientnet-lite0")
    found = [model.predict(picture("classifier", place)) for place in range(4)]
    cats = [sum(value for label, value in scores.top(1000) if label in CATS) for scores in found]
    ((first, sure),) = found[0].top(1)
    assert (first, f"{sure:.0%}".replace("%", " %")) == ("tiger cat", right("classifier", 0))
    assert round(cats[0], 2) == 0.92 and "92 %" in QUESTIONS["classifier"][0].why
    assert round(cats[1], 2) == 0.97 and "97 %" in QUESTIONS["classifier"][1].why
    assert cats[2] < 0.05 and {"mushroom", "fur coat", "dough"} == {label for label, _ in found[2].top(3)}
    assert found[3].top(1)[0][1] < 0.06 and {"switch", "oil filter", "coffeepot"} == {x for x, _ in found[3].top(3)}


def test_whom_the_pose_tracker_finds(cache: ModelCache) -> None:
    model = cache.get("blazepose")
    assert model.predict(picture("pose", 0)) == []
    (pose,) = model.predict(picture("pose", 1))
    ankle = pose.keypoints[pose.skeleton.names.index("left ankle")]
    assert 900 < ankle[1] < 960 and ankle[2] < 0.02
    assert len(model.predict(picture("pose", 2))) == 1


def test_a_classifier_says_roughly_where_the_cup_is(cache: ModelCache) -> None:
    found = cache.get("detector-maps").find(picture("detector", 0))
    assert right("detector", 0) == "Roughly" and found.names[0] == "cup"
    assert 0.3 < iou(found.boxes[:1], CUP)[0, 0] < 0.9


def test_what_a_filter_brings_back_and_what_slow_waves_keep() -> None:
    noisy, slow = (QUESTIONS["vision"][place].shows["chain"] for place in (0, 1))
    rgb = picture("vision", 0)
    (noise, _), (waves,) = chain_of(noisy), chain_of(slow)
    black_or_white = (run((noise,), rgb).pictures[-1] != rgb).any(axis=2).mean()
    assert 0.08 < black_or_white < 0.11
    alike = {
        how: cv2.PSNR(rgb, run((noise, link_of("denoise", {"how": how})), rgb).pictures[-1])
        for how in ("median", "mean", "Gauss")
    }
    assert max(alike, key=lambda how: alike[how]) == "median"
    assert 0.025 < mask_of(rgb.shape, waves.values).mean() < 0.035
    grey = in_colour(grey_of(rgb))
    assert cv2.PSNR(grey, run((waves,), rgb).pictures[-1]) > 24


def test_xor_needs_a_layer_or_the_product() -> None:
    train, test = split(make("XOR", count=300, noise=0.1, seed=1), 0.5, 1)
    right = []
    for inputs in (("x", "y"), ("x", "y", "x·y")):
        learner = Learner(Spec(inputs=inputs, hidden=()), train, test)
        learner.run(60, most_epochs=100)
        right.append(learner.accuracy() or 0)
    assert 0.45 < right[0] < 0.76 and right[1] > 0.95


def test_a_teacher_says_more_than_labels_and_the_gradient_fools(cache: ModelCache) -> None:
    digits = cache.get("digits")
    assert digits.shrunk["student_alone"].test < digits.shrunk["student"].test < digits.shrunk["cnn"].test
    by = QUESTIONS["digits"][1].shows["by"]
    fooled = {"gradient": 0, "noise": 0}
    for digit in range(10):
        for seen in digits.maker.film(digit, 8, seed=digit)[-1]:
            best = digits.reader.read(seen).best
            ways = {"gradient": direction(digits.weights, seen, best), "noise": noise(digit, seen.shape)}
            for name, way in ways.items():
                fooled[name] += digits.reader.read(moved(seen, way, by)).best != best
    assert fooled["gradient"] > 2 * fooled["noise"] + 5


def test_what_the_reader_makes_of_other_writing(cache: ModelCache) -> None:
    reader = cache.get("ppocr")
    script, mirror, zeros = (reader.read(LATIN[q.shows["sample"]].load()).boxes for q in QUESTIONS["ocr"])
    assert "MOCKBA" in script[0].text and min(box.score for box in script) > 0.99
    assert not any("Limelight" in box.text for box in mirror)
    assert zeros[0].text == "Cl0sed On Sunday"


def test_who_knows_the_line_and_whom_a_newspaper_surprises(cache: ModelCache) -> None:
    shows = QUESTIONS["textgen"][0].shows
    models = {name: cache.get(name) for name in CATALOG if name.startswith("shakespeare") and "masked" not in name}
    greedy = Sampling(shows["temperature"], 0, 1.0)
    says_horse = {
        name: "horse" in "".join(itertools.islice(model.stream(shows["prompt"], 20, greedy, 1), 20))
        for name, model in models.items()
    }
    assert [name for name, says in says_horse.items() if says] == ["shakespeare-ngram", "shakespeare-words"]
    bits = {name: model.bits_per_char(NEWSPAPER) for name, model in models.items()}
    assert min(bits, key=bits.__getitem__) == "shakespeare-lstm"
