"""Each step on pictures worked out by hand, and skew on rendered pages turned by known angles."""

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.errors import BadInput
from models.ocr.prepare.steps import MAX_STRAIGHTENED_PIXELS, Tools, apply, skew, steps
from models.pictures.images import sample_pictures

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
WORDS = "The quick brown fox jumps over 13 lazy dogs, and every reader takes a turn before the page ends."
EVERYTHING = Tools(
    turn=1, straighten=5, deskew=True, region=(0.1, 0.1, 0.9, 0.9), brightness=0.1, contrast=1.2, grey=True, denoise=20
)


@cache
def page(lines: int = 24, size: int = 18, font: str = "DejaVuSans.ttf", ink: int = 30, paper: int = 250) -> np.ndarray:
    words = WORDS.split()
    image = Image.new("RGB", (900, 60 + lines * 2 * size), (paper,) * 3)
    draw = ImageDraw.Draw(image)
    for line in range(lines):
        text = " ".join(words[(line * 5 + i) % len(words)] for i in range(9))
        draw.text((40, 30 + line * 1.6 * size), text, (ink,) * 3, ImageFont.truetype(str(FONTS / font), size))
    return np.asarray(image)


def turned(rgb: np.ndarray, degrees: float) -> np.ndarray:
    """Clockwise, by Pillow, which counts the other way round."""
    fill = tuple(int(level) for level in rgb[0, 0])
    return np.asarray(Image.fromarray(rgb).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=fill))


def only(rgb: np.ndarray, tools: Tools) -> tuple[str, np.ndarray]:
    [step] = steps(rgb, tools)
    return step


class TestApply:
    def test_nothing_to_do_is_a_copy(self) -> None:
        rgb = page()
        out = apply(rgb, Tools())
        assert (out == rgb).all() and not np.shares_memory(out, rgb) and steps(rgb, Tools()) == []

    def test_every_step_at_once(self) -> None:
        rgb = turned(page(), 90 - 5 - 3)  # so that 3° are left to be found
        names = [name for name, _ in steps(rgb, replace(EVERYTHING, turn=3, threshold="Otsu"))]
        assert names[:2] == ["Turned by 270°", "Straightened by 5.0°"] and names[2].startswith("Deskewed by 3.0")
        assert names[3:] == ["Cropped", "Brightness and contrast", "Grey", "Denoised", "Otsu threshold"]

    def test_is_what_the_last_step_shows(self) -> None:
        for threshold in ("none", "Otsu", "adaptive"):
            tools = replace(EVERYTHING, threshold=threshold)
            assert (apply(page(), tools) == steps(page(), tools)[-1][1]).all()

    @pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 2000), (2000, 3), (31, 17)])
    def test_odd_sizes_and_read_only_pictures(self, shape: tuple[int, int]) -> None:
        rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
        rgb.flags.writeable = False
        before = rgb.copy()
        for turn, threshold, part in itertools.product(range(4), ("none", "Otsu", "adaptive"), (False, True)):
            tools = Tools(turn=turn) if part else replace(EVERYTHING, turn=turn)
            out = apply(rgb, replace(tools, threshold=threshold, block_size=255))
            assert out.dtype == np.uint8 and out.ndim == 3 and out.shape[2] == 3 and out.size
            assert out.flags.c_contiguous and out.flags.writeable and not np.shares_memory(out, rgb)
        assert (rgb == before).all()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"straighten": 46},
            {"straighten": float("nan")},
            {"brightness": 2},
            {"contrast": -1},
            {"denoise": 101},
            {"block_size": 30},
            {"block_size": 1},
            {"threshold": "otsu"},
        ],
        ids=str,
    )
    def test_values_outside_are_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Tools(**wrong)  # type: ignore[arg-type]


class TestTurning:
    def test_a_quarter_clockwise_brings_the_left_edge_to_the_top(self) -> None:
        rgb = np.arange(6 * 3, dtype=np.uint8).reshape(2, 3, 3)
        name, out = only(rgb, Tools(turn=1))
        assert name == "Turned by 90°"
        assert out.shape == (3, 2, 3) and (out[0] == [rgb[1, 0], rgb[0, 0]]).all()

    def test_minus_one_is_three_and_four_is_none(self) -> None:
        rgb = page()
        assert (apply(rgb, Tools(turn=-1)) == apply(rgb, Tools(turn=3))).all()
        assert steps(rgb, Tools(turn=4)) == []

    def test_straightening_loses_no_corner_and_fills_with_the_edges_colour(self) -> None:
        rgb = np.full((40, 60, 3), (10, 200, 30), np.uint8)
        rgb[1:-1, 1:-1] = 255
        for y, x in itertools.product((2, 37), (2, 57)):
            rgb[y - 1 : y + 2, x - 1 : x + 2] = (200, 0, 0)
        out = apply(rgb, Tools(straighten=30))
        assert out.shape == (65, 72, 3), "40 cos 30° + 60 sin 30°, 60 cos 30° + 40 sin 30°"
        assert (out[0, 0] == (10, 200, 30)).all() and (out[-1, -1] == (10, 200, 30)).all()
        red = (out[..., 0] > 120) & (out[..., 1] < 100)
        assert cv2.connectedComponents(red.astype(np.uint8))[0] == 1 + 4

    def test_straightening_goes_clockwise(self) -> None:
        rgb = np.zeros((101, 101, 3), np.uint8)
        rgb[48:53, 88:93] = 255  # right of the middle, by 40
        y, x = np.argwhere(apply(rgb, Tools(straighten=45))[..., 0] > 128).mean(axis=0)
        middle = (round(101 * 2**0.5) - 1) / 2
        assert (x - middle, y - middle) == pytest.approx((40 * 0.5**0.5,) * 2, abs=0.3), "down to the right"

    def test_a_strip_that_would_need_too_large_a_canvas_is_refused_in_words(self) -> None:
        strip = np.zeros((20, 30_000, 3), np.uint8)
        with pytest.raises(BadInput, match=rf"30000 × 20 pixels.*{MAX_STRAIGHTENED_PIXELS // 10**6} million.*shorter"):
            apply(strip, Tools(straighten=45))
        with pytest.raises(BadInput, match="32000 on a side"):
            apply(np.zeros((3, 33_000, 3), np.uint8), Tools(straighten=0.5))


class TestRegion:
    def test_shares_of_width_and_height(self) -> None:
        rgb = page()
        name, out = only(rgb, Tools(region=(0.1, 0.25, 0.5, 1.0)))
        height = rgb.shape[0]
        assert name == "Cropped" and (out == rgb[height // 4 :, 90:450]).all()

    def test_a_stripe_over_the_whole_width_is_a_copy_too(self) -> None:
        rgb = page()
        assert not np.shares_memory(apply(rgb, Tools(region=(0, 0, 1, 0.5))), rgb)

    def test_is_one_of_the_turned_picture(self) -> None:
        rgb = np.zeros((10, 20, 3), np.uint8)
        rgb[0, 0] = 255  # goes to the top right
        out = apply(rgb, Tools(turn=1, region=(0.5, 0, 1, 0.5)))
        assert out.shape == (10, 5, 3) and out[0, -1, 0] == 255

    def test_less_than_a_pixel_is_a_pixel(self) -> None:
        rgb = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
        assert (apply(rgb, Tools(region=(0.31, 0.51, 0.32, 0.52))) == rgb[5:6, 3:4]).all()

    def test_what_reaches_beyond_the_picture_is_cut(self) -> None:
        assert steps(page(), Tools(region=(-1, -0.5, 1.5, 2))) == []

    @pytest.mark.parametrize(
        "region",
        [(0.5, 0.2, 0.5, 0.8), (0.2, 0.5, 0.8, 0.5), (0.8, 0.2, 0.2, 0.8), (1.2, 0, 1.5, 1), (float("nan"), 0, 1, 1)],
        ids=str,
    )
    def test_one_without_area_is_refused_in_words(self, region: tuple[float, float, float, float]) -> None:
        with pytest.raises(BadInput, match=r"region is empty.*Draw one"):
            apply(page(), Tools(region=region))
        with pytest.raises(BadInput, match="region is empty"):
            steps(page(), Tools(region=region))


class TestLight:
    @pytest.mark.parametrize(
        ("tools", "levels"),
        [
            (Tools(brightness=0.2), {0: 51, 100: 151, 250: 255}),
            (Tools(brightness=-0.2), {0: 0, 100: 49, 250: 199}),
            (Tools(contrast=2), {0: 0, 100: 72, 127: 126, 128: 128, 200: 255}),
            (Tools(contrast=0), {0: 128, 255: 128}),
            (Tools(contrast=0.5, brightness=0.1), {0: 89, 255: 217}),
        ],
        ids=str,
    )
    def test_levels_by_hand(self, tools: Tools, levels: dict[int, int]) -> None:
        rgb = np.array([[[level] * 3 for level in levels]], np.uint8)
        assert only(rgb, tools)[1][0, :, 0].tolist() == pytest.approx(list(levels.values()), abs=1)

    def test_grey_weighs_the_colours_as_the_eye_does(self) -> None:
        rgb = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
        out = only(rgb, Tools(grey=True))[1]
        assert out[0].tolist() == [[76] * 3, [150] * 3, [29] * 3], "0.299, 0.587, 0.114"

    def test_denoising_brings_a_noisy_page_closer_to_the_clean_one_and_keeps_strokes(self) -> None:
        clean = page()
        noisy = clean + np.random.default_rng(0).normal(0, 15, clean.shape)
        noisy = np.clip(noisy, 0, 255).astype(np.uint8)

        def error(rgb: np.ndarray) -> float:
            return float(np.square(rgb.astype(float) - clean).mean())

        assert error(apply(noisy, Tools(denoise=40))) < 0.5 * error(noisy)
        assert error(apply(clean, Tools(denoise=40))) < 30 < error(cv2.medianBlur(clean, 3))


class TestThreshold:
    @pytest.mark.parametrize("threshold", ["Otsu", "adaptive"])
    @pytest.mark.parametrize(("ink", "paper"), [(40, 220), (220, 40)])
    def test_is_black_and_white_and_keeps_which_is_which(self, threshold: str, ink: int, paper: int) -> None:
        rgb = page(ink=ink, paper=paper)
        out = apply(rgb, Tools(threshold=threshold))  # type: ignore[arg-type]
        assert set(np.unique(out)) == {0, 255} and (out[..., 0] == out[..., 1]).all()
        differs = (out[..., 0] > 128) != (rgb[..., 0] > 130)
        assert differs.mean() < 0.02, "only at the edges of strokes"

    def test_adaptive_reads_through_a_shadow_where_otsu_does_not(self) -> None:
        clean = page()
        light = np.linspace(1, 0.15, clean.shape[1])[None, :, None]
        shadowed = (clean * light).astype(np.uint8)
        wrong = {
            threshold: ((apply(shadowed, Tools(threshold=threshold)) > 128) != (clean > 128)).mean()  # type: ignore[arg-type]
            for threshold in ("Otsu", "adaptive")
        }
        assert wrong["adaptive"] < 0.04 < 0.2 < wrong["Otsu"]

    def test_adaptive_leaves_even_paper_white_and_an_even_screen_black(self) -> None:
        for level, expected in ((230, 255), (20, 0)):
            grain = np.random.default_rng(0).normal(level, 1, (60, 80, 1))
            rgb = np.repeat(np.clip(grain, 0, 255), 3, axis=2).astype(np.uint8)
            rgb[30, 10:60] = 128  # a line of ink
            out = apply(rgb, Tools(threshold="adaptive"))
            assert (out[:25] == expected).all() and (out[30, 15:55] == 255 - expected).all()


class TestSkew:
    @pytest.mark.parametrize("degrees", [-44, -30.5, -12.3, -3, -0.5, 0, 0.4, 1.7, 8, 21.2, 40])
    @pytest.mark.parametrize(
        "rgb",
        [page(), page(30, 14, "DejaVuSerif.ttf"), page(20, 15, "DejaVuSansMono.ttf", 220, 35), page(2)],
        ids=["page", "serif", "code on dark", "two lines"],
    )
    def test_of_turned_pages(self, rgb: np.ndarray, degrees: float) -> None:
        assert skew(turned(rgb, degrees)) == pytest.approx(degrees, abs=0.15)

    def test_of_a_large_noisy_page_in_a_shadow(self) -> None:
        rgb = cv2.resize(page(), None, fx=3, fy=3)
        rgb = turned((rgb * np.linspace(1, 0.3, rgb.shape[1])[None, :, None]).astype(np.uint8), 6.3)
        noise = np.random.default_rng(0).normal(0, 12, (*rgb.shape[:2], 1))
        assert skew(np.clip(rgb + noise, 0, 255).astype(np.uint8)) == pytest.approx(6.3, abs=0.3)

    def test_the_edges_of_the_sheet_on_a_table_do_not_count(self) -> None:
        rgb = turned(page(), 4)[100:-100, 100:-100]
        assert skew(cv2.copyMakeBorder(rgb, 70, 70, 70, 70, cv2.BORDER_CONSTANT, value=(50, 40, 30))) == pytest.approx(
            4, abs=0.15
        )

    def test_straightening_by_its_opposite_levels_the_page(self) -> None:
        tilted = turned(page(), 7.4)
        name, level = only(tilted, Tools(deskew=True))
        assert name == "Deskewed by -7.4°" and abs(skew(level)) < 0.1
        assert (level == apply(tilted, Tools(straighten=-skew(tilted)))).all()

    def test_a_level_page_is_left_alone(self) -> None:
        assert steps(page(), Tools(deskew=True)) == []

    def test_where_there_are_no_lines_it_is_zero(self) -> None:
        rng = np.random.default_rng(0)
        assert skew(np.full((300, 400, 3), 255, np.uint8)) == 0
        assert skew(rng.integers(0, 256, (300, 400, 3), np.uint8)) == 0
        photos = {sample.name: sample for sample in sample_pictures()}
        assert [skew(photos[name].load()) for name in ("cat", "coffee", "astronaut", "rocket")] == [0] * 4
