"""Overlays return new pictures: the right pixels change, the rest and the input do not."""

from collections.abc import Callable

import numpy as np
import pytest

from models.pictures import drawing
from models.pictures.drawing import feature_maps, grid, heat_layer, heatmap, mirror, typeset

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")  # NaN cast to a byte is anything

GREY = 120


@pytest.fixture
def picture() -> np.ndarray:
    """A grey 480×640 that cannot be written to: drawing on the input itself raises."""
    rgb = np.full((480, 640, 3), GREY, np.uint8)
    rgb.flags.writeable = False
    return rgb


@pytest.fixture
def ramp() -> np.ndarray:
    """A picture whose every column has its own colour, so that left and right can be told apart."""
    rgb = np.zeros((20, 200, 3), np.uint8)
    rgb[..., 0] = np.arange(200)
    rgb.flags.writeable = False
    return rgb


class TestTypeset:
    def test_letters_beyond_ascii_are_drawn_as_themselves(self) -> None:
        drawn = [typeset(text, 20, 400) for text in ("a", "ä", "é", "ж", "Ω", "?")]
        for i, one in enumerate(drawn):
            assert all(one.shape != other.shape or (one != other).any() for other in drawn[i + 1 :])

    def test_without_a_full_font_letters_lose_their_accents(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(drawing, "_FONT_FILE", None)
        drawing.font_of.cache_clear()
        typeset.cache_clear()
        try:
            assert (typeset("Käse café", 20, 400) == typeset("Kase cafe", 20, 400)).all()
            other = typeset("K?se", 20, 400)
            assert (plain := typeset("Kase", 20, 400)).shape != other.shape or (plain != other).any()
        finally:
            drawing.font_of.cache_clear()
            typeset.cache_clear()

    def test_a_long_text_is_cut_to_the_width(self) -> None:
        cut = typeset("W" * 400, 20, 300)
        assert cut.shape[1] <= 300 and (cut == typeset("W" * 500, 20, 300)).all()
        assert cut.shape[1] > 250


class TestHeatmap:
    def test_cold_is_untouched_and_hot_is_half_colour(self, picture: np.ndarray) -> None:
        heat = np.zeros((7, 7), np.float32)
        heat[:, 4:] = 1
        out = heatmap(picture, heat)
        assert out.shape == picture.shape and out.dtype == np.uint8
        assert (out[:, :200] == GREY).all()
        hottest = drawing._INFERNO[255, 0].astype(int)
        assert np.abs(out[240, 620] - (GREY + hottest) / 2).max() <= 1.5
        assert out[240, 620, 0] > out[240, 620, 2] + 20, "inferno's top is yellow in RGB, not blue"

    @pytest.mark.parametrize("strength", [0.0, 0.25, 1.0])
    def test_strength_is_the_share_of_colour_at_the_hottest(self, picture: np.ndarray, strength: float) -> None:
        out = heatmap(picture, np.ones((2, 2), np.float32), strength=strength)
        expected = (1 - strength) * GREY + strength * drawing._INFERNO[255, 0].astype(float)
        assert np.abs(out - expected).max() <= 1.5

    def test_hotter_is_lighter_all_the_way_up(self) -> None:
        heat = np.linspace(0, 1, 64, dtype=np.float32)[None]
        out = heatmap(np.zeros((4, 64, 3), np.uint8), heat, strength=1)
        lightness = out[0] @ np.array([0.299, 0.587, 0.114])
        assert (np.diff(lightness) >= -1).all() and lightness[-1] > 200

    def test_outside_the_region_is_dimmed_and_never_coloured(self, picture: np.ndarray) -> None:
        out = heatmap(picture, np.ones((7, 7), np.float32), region=(80, 10, 480, 460))
        inside = np.zeros((480, 640), bool)
        inside[10:470, 80:560] = True
        assert (out[inside] == out[240, 320]).all() and out[240, 320, 0] > GREY
        assert (out[~inside] == round(0.7 * GREY)).all()

    def test_the_region_may_be_the_whole_picture(self, ramp: np.ndarray) -> None:
        heat = np.random.default_rng(0).random((5, 5), np.float32)
        assert (heatmap(ramp, heat, region=(0, 0, 200, 20)) == heatmap(ramp, heat)).all()

    def test_a_browser_that_lays_the_layer_over_the_picture_gets_the_same(self, ramp: np.ndarray) -> None:
        heat = np.random.default_rng(0).random((5, 5), np.float32)
        layer = heat_layer(heat, ramp.shape[1], ramp.shape[0])
        alpha = layer[:, :, 3:].astype(float) / 255
        laid = ramp * (1 - alpha) + layer[:, :, :3] * alpha
        assert np.abs(laid - heatmap(ramp, heat)).max() <= 2

    def test_nan_is_cold_and_values_are_clipped(self, picture: np.ndarray) -> None:
        wild = np.array([[np.nan, -3.0], [np.inf, 7.0]], np.float32)
        tame = np.array([[0.0, 0.0], [1.0, 1.0]], np.float32)
        assert (heatmap(picture, wild) == heatmap(picture, tame)).all()

    def test_leaves_the_heat_alone(self, picture: np.ndarray) -> None:
        heat = np.array([[np.nan, 2.0]], np.float32)
        heat.flags.writeable = False
        heatmap(picture, heat)
        assert np.isnan(heat[0, 0]) and heat[0, 1] == 2

    @pytest.mark.parametrize(
        "region", [(-1, 0, 10, 10), (0, 0, 641, 480), (0, 470, 10, 11), (0, 0, 0, 5), (0, 0, 5, -1)]
    )
    def test_a_region_that_reaches_outside_is_refused(
        self, picture: np.ndarray, region: tuple[int, int, int, int]
    ) -> None:
        with pytest.raises(ValueError, match=r"640, 480, got " + ", ".join(map(str, region))):
            heatmap(picture, np.ones((7, 7), np.float32), region=region)

    @pytest.mark.parametrize("shape", [(7,), (1, 7, 7), (0, 7)])
    def test_heat_of_another_shape_is_refused(self, picture: np.ndarray, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match=r"\(h, w\), got \("):
            heatmap(picture, np.ones(shape, np.float32))

    def test_a_strength_over_one_is_refused(self, picture: np.ndarray) -> None:
        with pytest.raises(ValueError, match=r"0\.\.1, got 1\.5"):
            heatmap(picture, np.ones((7, 7), np.float32), strength=1.5)


class TestGrid:
    def test_tiles_go_row_by_row_with_background_between_and_after(self) -> None:
        tiles = [np.full((3, 4, 3), value, np.uint8) for value in (50, 100, 150)]
        out = grid(tiles, columns=2, pad=2, background=(9, 8, 7))
        assert out.shape == (8, 10, 3)
        expected = np.full((8, 10, 3), (9, 8, 7), np.uint8)
        expected[:3, :4], expected[:3, 6:], expected[5:, :4] = 50, 100, 150
        assert (out == expected).all()

    def test_grey_and_colour_tiles_mix(self) -> None:
        grey, red = np.full((2, 2), 77, np.uint8), np.zeros((2, 2, 3), np.uint8)
        red[..., 0] = 255
        out = grid([grey, red], columns=2, pad=0)
        assert (out[:, :2] == 77).all() and (out[:, 2:] == (255, 0, 0)).all()

    def test_fewer_tiles_than_columns_make_a_narrow_grid(self) -> None:
        assert grid([np.zeros((5, 5), np.uint8)], columns=8).shape == (5, 5, 3)

    @pytest.mark.parametrize(
        ("tiles", "message"),
        [
            ([np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8)], r"\(2, 2\).*got uint8 \(2, 3\)"),
            ([np.zeros((2, 2), np.float32)], r"uint8.*got float32"),
            ([np.zeros((2, 2, 4), np.uint8)], r"got uint8 \(2, 2, 4\)"),
            ([], "expected tiles"),
        ],
    )
    def test_tiles_that_do_not_match_are_refused(self, tiles: list[np.ndarray], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            grid(tiles, columns=2)


class TestFeatureMaps:
    def test_each_map_uses_all_of_viridis_whatever_its_range(self) -> None:
        maps = np.array([[[0, 1], [1, 1]], [[500, -500], [-500, -500]]], np.float32)
        out = feature_maps(maps, columns=2, tile=10)
        assert out.shape == (10, 22, 3)
        dark, light = (68, 1, 84), (253, 231, 37)  # the ends of viridis as published, R G B
        assert np.abs(out[0, 0] - np.array(dark)).max() <= 3 and (out[:5, :5] == out[0, 0]).all()
        assert np.abs(out[9, 9] - np.array(light)).max() <= 3
        assert (out[0, 12] == out[9, 9]).all() and (out[9, 21] == out[0, 0]).all()

    def test_pixels_are_enlarged_without_smoothing(self) -> None:
        maps = np.random.default_rng(0).random((1, 4, 4), np.float32)
        out = feature_maps(maps, tile=48)
        assert len(np.unique(out.reshape(-1, 3), axis=0)) == 16

    def test_sixteen_maps_make_two_rows_of_eight(self) -> None:
        assert feature_maps(np.zeros((16, 7, 7), np.float32)).shape == (48 + 2 + 48, 8 * 50 - 2, 3)

    def test_tall_maps_keep_their_shape(self) -> None:
        assert feature_maps(np.zeros((1, 8, 4), np.float32), tile=40).shape == (40, 20, 3)

    def test_constant_and_broken_maps_are_dark(self) -> None:
        out = feature_maps(np.stack([np.full((3, 3), 5.0), np.full((3, 3), np.nan)]), columns=2, tile=3)
        assert (out[:, :3] == drawing._VIRIDIS[0, 0]).all() and (out[:, 5:] == drawing._VIRIDIS[0, 0]).all()

    @pytest.mark.parametrize("shape", [(7, 7), (0, 7, 7), (1, 7, 7, 1)])
    def test_another_shape_is_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match=r"\(n, h, w\), got \("):
            feature_maps(np.zeros(shape, np.float32))


def test_mirror_swaps_left_and_right_in_a_contiguous_copy(ramp: np.ndarray) -> None:
    out = mirror(ramp)
    assert out[0, 0, 0] == 199 and (out == ramp[:, ::-1]).all()
    assert out.flags.c_contiguous and not np.shares_memory(out, ramp)
    assert not np.shares_memory(mirror(ramp[:, :1]), ramp)


@pytest.mark.parametrize("draw", [mirror, lambda rgb: heatmap(rgb, np.ones((1, 1)))])
@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)]
)
def test_what_is_not_a_picture_is_refused_with_its_shape(
    draw: Callable[[np.ndarray], np.ndarray], wrong: np.ndarray
) -> None:
    with pytest.raises(ValueError, match=rf"uint8 \(H, W, 3\), got {wrong.dtype} \(4, 4"):
        draw(wrong)
