"""Answers: what a trained head says of a picture, and whether it is anything that the head was shown."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.classifier.results import Explanation, MovingAverage, Scores
from models.pose.poses import Pose
from models.teachable.kinds import Kind, body_features, features, hand_features, square
from models.teachable.samples import Trained
from models.teachable.understand.novelty import Novelty

NONE = "None of these"


@dataclass(frozen=True, eq=False)
class Answer:
    """A probability per class, and the distance to the nearest sample: 1 is as far as the classes' own samples are from
    each other, see models/teachable/understand/novelty.py.

    `scores` is None where there is no body or hand in the picture, and before anything was trained; `unsmoothed` is of
    this picture alone. `pose` is where one was found.
    """

    scores: Scores | None
    distance: float = 0.0
    pose: Pose | None = None
    unsmoothed: Scores | None = None

    def is_none(self, threshold: float | None) -> bool:
        """Whether it is none of the classes: farther than `threshold` from every sample. None never says so."""
        return threshold is not None and self.distance > threshold

    def verdict(self, threshold: float | None) -> str | None:
        """The likeliest class, None for none of them."""
        if self.scores is None or self.is_none(threshold):
            return None
        return self.scores.top(1)[0][0]

    def to_browser(self, threshold: float | None, missing: str, colours: Mapping[str, str]) -> dict[str, Any]:
        """What the painter `scores` draws: all classes in their order, each in its colour, #rrggbb by name, and the
        distance. Without a verdict it says why: `missing`, such as "a hand", is not seen, or it is none of them."""
        name = self.verdict(threshold)
        seen = self.scores
        pairs = list(zip(seen.labels, seen.values.tolist(), strict=True)) if seen else []
        far = f", farther than {threshold:.2f}" if self.is_none(threshold) else ""
        return {
            "kind": "scores",
            "top": [[label, round(value, 3)] for label, value in pairs],
            "colours": [colours.get(label, "") for label, _ in pairs],
            "sure": name is not None,
            "threshold": 0.0 if name else 1.1,  # none of them: all bars are weak
            "verdict": name or (NONE if seen else f"{missing.capitalize()} is not seen"),
            "share": round(max(value for _, value in pairs), 3) if name else None,
            "note": f"distance to the nearest sample {self.distance:.2f}{far}" if seen else "",
        }


def embedder_of(model: Any, trained: Trained) -> Any:
    """What embeds a picture for this head: `model`, or where it was fine-tuned the network with its own tail, which
    takes a second to make."""
    if trained.tuned is None:
        return model
    from models.teachable.learn.tuning import Embedder

    return Embedder(model, trained.tuned)


def explained(model: Any, trained: Trained, rgb: np.ndarray) -> Explanation:
    """What in the middle square of a picture raised the score of the likeliest class above the others', in the
    picture's own pixels. For heads on whole pictures that were not fine-tuned; `model` is the network below."""
    seen = square(rgb)
    embedding = model.embed_square(seen)
    number = int(trained.head.predict_proba(embedding[None])[0].argmax())
    found: Explanation = model.explain_own(seen, trained.names[number], trained.head.slope(embedding, number))
    height, width = rgb.shape[:2]
    side = min(height, width)
    region = (width - side) // 2, (height - side) // 2, side, side
    return replace(found, region=region, size_wh=(width, height))


class Answerer:
    """rgb → Answer, by one trained head; without a head it only finds poses. `model` is what `embedder_of` gave.

    For a stream it has a memory, a tracker and an average over `smooth_s` seconds: one per stream.
    """

    def __init__(
        self, kind: Kind, model: Any, trained: Trained | None, *, live: bool = False, smooth_s: float = 0.0
    ) -> None:
        self.trained = trained
        self._kind, self._model, self._average = kind, model, MovingAverage(smooth_s)
        self._novelty = Novelty(trained.examples, trained.near) if trained else None
        self._track = model.tracker(people=1) if live and kind.name != "pictures" else None

    def __call__(self, rgb: np.ndarray) -> Answer:
        """What it is. Raises ValueError unless the picture is uint8 (H, W, 3)."""
        began = time.perf_counter()
        found, pose = self._features(rgb)
        embedded_at = time.perf_counter()
        if found is None or self.trained is None or self._novelty is None:
            self._average.clear()
            return Answer(None, pose=pose)
        probabilities = self.trained.head.predict_proba(found[None])[0]
        distance = float(self._novelty.distance(found[None])[0])
        seconds = {"network": embedded_at - began, "head": time.perf_counter() - embedded_at}
        scores = Scores(self.trained.names, probabilities, seconds)
        return Answer(self._average.add(scores), distance, pose, scores)

    def all(self, pictures: Sequence[np.ndarray]) -> list[Answer]:
        """One answer per picture."""
        return [self(rgb) for rgb in pictures]

    def _features(self, rgb: np.ndarray) -> tuple[np.ndarray | None, Pose | None]:
        if self._track is None:
            return features(self._kind, self._model, rgb), None
        poses = self._track(rgb, time.monotonic())
        if not poses:
            return None, None
        return (body_features if self._kind.name == "body" else hand_features)(poses[0]), poses[0]
