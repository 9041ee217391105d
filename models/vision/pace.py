"""How large a live picture may be so that its chain keeps up with the camera: many steps on one core can take longer
than the time from one picture to the next."""

SCALES = (1.0, 0.75, 0.5, 0.375, 0.25)
BUDGET_S = 0.04  # of the 67 ms between two pictures: the rest is for decoding, encoding and the other visitors
SLOW, QUICK = 3, 15  # pictures in a row after which the scale changes


class Pace:
    """Chooses the scale of a live picture's sides from what the chain took with those before. Not for two threads."""

    def __init__(self) -> None:
        self._at = self._slow = self._quick = 0

    @property
    def scale(self) -> float:
        """In 0..1, for the next picture."""
        return SCALES[self._at]

    def took(self, seconds: float) -> None:
        """The chain took so long with a picture of this scale."""
        larger = SCALES[self._at - 1] if self._at else self.scale
        self._slow = self._slow + 1 if seconds > BUDGET_S else 0
        is_quick = self._at > 0 and seconds * (larger / self.scale) ** 2 < 0.7 * BUDGET_S
        self._quick = self._quick + 1 if is_quick else 0
        if self._slow >= SLOW and self._at < len(SCALES) - 1:
            self._step(1)
        elif self._quick >= QUICK:
            self._step(-1)

    def _step(self, by: int) -> None:
        self._at, self._slow, self._quick = self._at + by, 0, 0
