"""Answers on a stream: smoothed where asked for, by a tracker for poses, and nothing where nobody is."""

from types import SimpleNamespace

import numpy as np
import pytest

from models.cache import ModelCache
from models.classifier.results import Explanation
from models.pictures.images import sample_pictures
from models.teachable.answering import Answerer, explained
from models.teachable.kinds import KINDS
from models.teachable.learn.fitting import fit_head
from models.teachable.samples import Trained


class Brightness:
    """A model whose embedding is the picture's brightness, at one end or the other."""

    def embed_square(self, rgb: np.ndarray) -> np.ndarray:
        share = float(rgb.mean()) / 255
        return np.repeat(np.array([share, 1 - share], np.float32), 640)


def trained(kind: str, examples: np.ndarray, labels: list[int]) -> Trained:
    head = fit_head(examples, np.array(labels), epochs=200)
    return Trained(head, ("a", "b"), ("Dark", "Bright"), examples, np.array(labels), 1.0, KINDS[kind].near, 0.0)


def picture(level: int) -> np.ndarray:
    return np.full((48, 64, 3), level, np.uint8)


@pytest.fixture
def by_brightness() -> Trained:
    examples = np.stack([Brightness().embed_square(picture(level)) for level in (0, 20, 235, 255)])
    return trained("pictures", examples, [0, 0, 1, 1])


def test_answers_follow_what_is_seen(by_brightness: Trained) -> None:
    answerer = Answerer(KINDS["pictures"], Brightness(), by_brightness)
    dark, bright = answerer.all([picture(5), picture(250)])
    assert dark.verdict(None) == "Dark" and bright.verdict(None) == "Bright"
    assert dark.scores is not None and set(dark.scores.seconds) == {"network", "head"}


def test_smoothed_answers_change_slowly(by_brightness: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("models.classifier.results.time", SimpleNamespace(monotonic=lambda: now[0]))
    answerer = Answerer(KINDS["pictures"], Brightness(), by_brightness, live=True, smooth_s=0.3)
    bright = []
    for level in (0, 255, 255, 255, 255):
        answer = answerer(picture(level))
        assert answer.scores is not None
        bright.append(float(answer.scores.values[1]))
        now[0] += 0.1
    assert bright[0] < 0.1 and 0.2 < bright[1] < 0.5 and bright == sorted(bright) and bright[-1] < 0.9


def test_a_body_is_followed_and_its_pose_comes_along() -> None:
    cache, kind = ModelCache(10**9), KINDS["body"]
    examples = np.random.default_rng(0).normal(size=(4, kind.size)).astype(np.float32)
    answerer = Answerer(kind, cache.get(kind.model), trained("body", examples, [0, 0, 1, 1]), live=True)
    astronaut = next(s for s in sample_pictures() if s.name == "astronaut").load()
    answer = answerer(astronaut)
    assert answer.pose is not None and answer.scores is not None
    nobody = answerer(picture(128))
    assert nobody.scores is None and nobody.verdict(1.0) is None


def test_what_is_explained_lies_in_the_middle_square_of_the_whole_picture(by_brightness: Trained) -> None:
    class Explaining(Brightness):
        def explain_own(self, rgb: np.ndarray, label: str, slope: np.ndarray) -> Explanation:
            assert rgb.shape[0] == rgb.shape[1]
            return Explanation(label, np.ones((7, 7), np.float32), (0, 0, 224, 224), (224, 224))

    found = explained(Explaining(), by_brightness, picture(250))
    assert found.label == "Bright" and found.region == (8, 0, 48, 48) and found.size_wh == (64, 48)
