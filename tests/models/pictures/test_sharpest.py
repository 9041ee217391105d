"""Sharpness measured on known pictures, and the sharpest of a second found among frames of known sharpness."""

import threading
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest

from models.pictures.images import sample_pictures
from models.pictures.sharpest import SLOTS, Sharpest, sharpness
from models.runtime.engine import Engine


def frame(value: int) -> np.ndarray:
    """Sharper with `value`, which each of its pixels tells by its distance from 100."""
    rgb = np.full((24, 32, 3), 100, np.uint8)
    rgb[::2] += np.uint8(value)
    return rgb


def told(rgb: np.ndarray | None) -> int:
    assert rgb is not None
    return int(rgb[0, 0, 0]) - 100


def shown(values: Sequence[int], *, every_s: float = 0.1, window_s: float = 1.0) -> list[int]:
    """What is the best after each of the frames."""
    sharpest, bests = Sharpest(window_s), []
    for i, value in enumerate(values):
        sharpest(frame(value), at=i * every_s)
        bests.append(told(sharpest.best()))
    return bests


class TestSharpness:
    def test_by_hand(self) -> None:
        # rows of 0 and 10 in turn: the Laplacian is +20 and -20, their variance 400
        rgb = np.zeros((8, 8, 3), np.uint8)
        rgb[1::2] = 10
        assert sharpness(rgb) == pytest.approx(400)

    def test_an_even_surface_has_none(self) -> None:
        assert sharpness(np.full((480, 640, 3), 77, np.uint8)) == 0

    @pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (3, 1), (2000, 3)])
    def test_odd_sizes(self, shape: tuple[int, int]) -> None:
        assert sharpness(np.zeros((*shape, 3), np.uint8)) == 0

    def test_falls_with_every_blur(self) -> None:
        page = {sample.name: sample for sample in sample_pictures()}["page"].load()
        blurs = [page] + [cv2.GaussianBlur(page, (0, 0), sigma) for sigma in (0.6, 1, 2, 4, 8)]
        values = [sharpness(rgb) for rgb in blurs]
        assert values == sorted(values, reverse=True) and values[0] > 5 * values[2]

    def test_falls_with_motion_of_a_large_frame(self) -> None:
        page = {sample.name: sample for sample in sample_pictures()}["page"].load()
        large = cv2.resize(page, (1920, 960), interpolation=cv2.INTER_CUBIC)
        values = [sharpness(cv2.blur(large, (length, 1))) for length in (1, 9, 17)]
        assert values == sorted(values, reverse=True) and values[0] > values[1] > values[2]

    def test_the_picture_is_only_borrowed(self) -> None:
        rgb = frame(50)
        rgb.flags.writeable = False
        assert sharpness(rgb) > 0


class TestSharpest:
    def test_none_before_the_first(self) -> None:
        assert Sharpest().best() is None

    def test_returns_the_sharpness_of_each(self) -> None:
        sharpest = Sharpest()
        assert [sharpest(frame(v)) for v in (9, 3)] == [sharpness(frame(9)), sharpness(frame(3))]

    def test_the_sharpest_so_far_while_it_is_young(self) -> None:
        assert shown([5, 9, 2, 7, 1, 30, 4]) == [5, 9, 9, 9, 9, 30, 30]

    def test_an_old_one_gives_way_to_the_best_of_the_later_ones(self) -> None:
        bests = shown([50, *[10] * 4, 40, *[20] * 9])  # a tenth of a second apart
        assert bests[:11] == [50] * 11 and bests[11:] == [40] * 4

    @pytest.mark.parametrize("seed", range(5))
    def test_is_never_older_than_the_window_nor_worse_than_its_newer_slots(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        values = [int(v) for v in rng.permutation(120)]
        times = np.cumsum(rng.uniform(0.01, 0.2, len(values)))
        sharpest = Sharpest(window_s=1.0)
        for now in range(len(values)):
            sharpest(frame(values[now]), at=float(times[now]))
            best = told(sharpest.best())
            assert best in [v for v, t in zip(values, times, strict=True) if times[now] - 1 <= t <= times[now]]
            newer = times[now] - 1 + 1 / SLOTS
            assert best >= max(v for v, t in zip(values, times, strict=True) if newer < t <= times[now])

    def test_stays_when_the_camera_stops_and_goes_when_it_comes_back(self) -> None:
        sharpest = Sharpest()
        sharpest(frame(50), at=10.0)
        assert told(sharpest.best()) == 50
        sharpest(frame(3), at=500.0)
        assert told(sharpest.best()) == 3

    def test_is_a_copy_made_only_when_it_becomes_the_best(self) -> None:
        sharpest = Sharpest(window_s=100)
        rgb = frame(9)
        sharpest(rgb, at=0)
        first = sharpest.best()
        rgb[:] = 0
        sharpest(frame(5), at=1)
        assert sharpest.best() is first and told(first) == 9
        assert first is not None and not first.flags.writeable

    def test_frames_of_another_size_may_follow(self) -> None:
        sharpest = Sharpest()
        sharpest(frame(5), at=0)
        sharpest(np.rot90(frame(9)), at=0.1)
        best = sharpest.best()
        assert best is not None and best.shape == (32, 24, 3)

    def test_memory_is_bounded_by_the_slots(self) -> None:
        sharpest = Sharpest()
        for i in range(200):
            sharpest(frame(200 - i if i < 155 else 1), at=i / 50)
            assert len(sharpest._bests) <= SLOTS + 1

    def test_one_thread_reads_while_another_shows_frames(self) -> None:
        sharpest, stop, seen = Sharpest(window_s=0.01), threading.Event(), 0

        def show() -> None:
            i = 0
            while not stop.is_set():
                sharpest(frame(i % 100))
                i += 1

        sharpest(frame(1))
        thread = threading.Thread(target=show)
        thread.start()
        try:
            for _ in range(3000):
                rgb = sharpest.best()
                assert rgb is not None and (rgb[::2] == rgb[0]).all() and (rgb[1::2] == 100).all(), "half a frame"
                seen += 1
        finally:
            stop.set()
            thread.join()
        assert seen == 3000

    def test_as_the_predict_of_a_stream(self, until: Callable[[Callable[[], object]], None]) -> None:
        engine, sharpest = Engine(lambda _: None), Sharpest()
        with engine.open(predict=sharpest) as stream:
            stream.offer(frame(40))
            until(lambda: stream.latest() is not None)
            result = stream.latest()
        engine.stop()
        assert result is not None and result.error is None and result.value == sharpness(frame(40))
        assert told(sharpest.best()) == 40

    def test_a_window_without_length_is_refused(self) -> None:
        with pytest.raises(ValueError, match="above 0"):
            Sharpest(0)
