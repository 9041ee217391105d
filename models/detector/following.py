"""Things keep their number from frame to frame: a small ByteTrack (Zhang et al. 2022).

Boxes are matched with where the followed things should be by now, first the sure ones, then the unsure ones, which
also keep a thing alive that is half hidden. A name is the one with the highest sum of scores so far.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from models.detector.boxes import Found, iou

UNSURE = 0.5  # of the score that begins a track: boxes down to it can still prolong one
MIN_IOU, MIN_IOU_UNSURE = 0.2, 0.4
LOST_S = 1.2  # after which a thing that is not seen any more is forgotten
SEEN_BEFORE_SHOWN = 2  # times
SMOOTH = 0.6  # of a new box in the one that is shown
FORGETS = 0.9  # of the earlier scores of its names, with each new one


@dataclass
class _Track:
    box: np.ndarray
    at: float
    id: int
    speed: np.ndarray = field(default_factory=lambda: np.zeros(4))
    names: dict[str, float] = field(default_factory=dict)
    score: float = 0.0
    seen: int = 0

    def expected(self, at: float) -> np.ndarray:
        return self.box + self.speed * (at - self.at)

    def add(self, box: np.ndarray, name: str, score: float, at: float) -> None:
        passed = at - self.at
        if self.seen and passed > 0:
            expected = self.expected(at)
            new = expected + SMOOTH * (box - expected)
            self.speed = 0.5 * self.speed + 0.5 * (new - self.box) / passed
            box = new
        self.names = {known: FORGETS * value for known, value in self.names.items()}
        self.names[name] = self.names.get(name, 0.0) + score
        self.box, self.at, self.score, self.seen = box, at, score, self.seen + 1

    @property
    def name(self) -> str:
        return max(self.names, key=lambda name: self.names[name])


class Follower:
    """Of one stream. `min_score` is the least with which something new is taken for a thing."""

    def __init__(self, min_score: float) -> None:
        self.min_score = min_score
        self._tracks: list[_Track] = []
        self._next = 1

    def __call__(self, found: Found, at: float) -> Found:
        """The things in the next frame, of time `at` in seconds, with their ids; only those seen at least twice.
        `found` has boxes down to UNSURE · min_score, after suppression."""
        self._tracks = [track for track in self._tracks if 0 <= at - track.at <= LOST_S]
        sure = found.scores >= self.min_score
        free = self._match(found, np.flatnonzero(sure), list(self._tracks), MIN_IOU, at)
        unmatched = [track for track in self._tracks if track.at != at]
        self._match(found, np.flatnonzero(~sure & (found.scores >= UNSURE * self.min_score)), unmatched,
                    MIN_IOU_UNSURE, at)  # fmt: skip
        for place in free:
            track = _Track(found.boxes[place].astype(float), at, self._next)
            track.add(track.box, found.names[place], float(found.scores[place]), at)
            self._next += 1
            self._tracks.append(track)
        now = [track for track in self._tracks if track.at == at and track.seen >= SEEN_BEFORE_SHOWN]
        now.sort(key=lambda track: -track.score)
        edge = np.array(found.size_wh * 2)
        boxes = np.array([np.clip(track.box, 0, edge) for track in now], np.float32).reshape(-1, 4)
        boxes[:, 2:] = np.maximum(boxes[:, :2], boxes[:, 2:])
        return Found(
            boxes,
            tuple(track.name for track in now),
            np.array([track.score for track in now], np.float32),
            found.size_wh,
            np.array([track.id for track in now], int),
        )

    @staticmethod
    def _match(found: Found, places: np.ndarray, tracks: list[_Track], least: float, at: float) -> list[int]:
        """Prolong the tracks by the boxes at these places that fit best; the places of those that fit none."""
        if not len(places) or not tracks:
            return [int(place) for place in places]
        overlaps = iou(found.boxes[places], np.array([track.expected(at) for track in tracks]))
        alike = np.array([[found.names[place] in track.names for track in tracks] for place in places])
        rows, columns = linear_sum_assignment(-(overlaps + 0.1 * alike))
        taken = set()
        for row, column in zip(rows, columns, strict=True):
            if overlaps[row, column] >= least:
                place = int(places[row])
                tracks[column].add(found.boxes[place].astype(float), found.names[place], float(found.scores[place]), at)
                taken.add(place)
        return [int(place) for place in places if int(place) not in taken]
