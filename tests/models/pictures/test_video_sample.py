"""The film that the page offers to try."""

from pathlib import Path

import numpy as np

from models.pictures.video import annotate
from models.pictures.video_sample import FPS, SECONDS, sample_film


def test_it_lasts_five_seconds_and_moves(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(sample_film())
    seen: list[np.ndarray] = []

    def keep(rgb: np.ndarray, seconds: float) -> np.ndarray:
        seen.append(rgb)
        return rgb

    done = annotate(tmp_path / "film.mp4", tmp_path / "out.mp4", keep)
    assert done.frames == len(seen) == SECONDS * FPS and abs(done.seconds - SECONDS) < 0.2
    assert np.abs(seen[0].astype(int) - seen[20]).mean() > 5
