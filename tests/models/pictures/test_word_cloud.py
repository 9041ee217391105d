"""Word clouds: which words count, where they stand, and that a stranger's text breaks nothing."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageColor

from models.errors import BadInput
from models.pictures.word_cloud import (
    BACKGROUNDS,
    MAX_WORDS,
    PALETTES,
    SHAPES,
    STOP_WORDS,
    mask,
    to_png,
    word_cloud,
    words_of,
)

WORDS = {"king": 9, "lord": 7, "good": 6, "come": 5, "love": 4, "über": 2, "small": 1}


def coloured(rgb: np.ndarray, background: str = "light") -> np.ndarray:
    """Where there is ink: bool (H, W)."""
    return (rgb != ImageColor.getrgb(BACKGROUNDS[background])).any(axis=2)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("The King, the king; THE KING'S crown!", {"king": 3, "crown": 1}),
        ("Blå å blå, né NÉ", {"blå": 2, "å": 1, "né": 2}),
        ("bla\u030a blå", {"blå": 2}),  # the same letter written in two ways
        ("turn'd turn’d 'quoted' king’s", {"turn'd": 2, "quoted": 1, "king": 1}),
        ("'Tis thou; ’tis THEE, thy lord hath it", {"lord": 1}),
        ("let's go; that's it", {"go": 1}),
        ("λόγος ΛΌΓΟΣ привет שלום שָׁלוֹם", {"λόγος": 2, "привет": 1, "שלום": 1, "שָׁלוֹם": 1}),
        ("in 1593 or 3 acts, act_two", {"acts": 1, "act": 1, "two": 1}),
        ("😀 🎭\0king\0 \ud800", {"king": 1}),
        ("我愛你", {"我愛你": 1}),
        ("", {}),
    ],
)
def test_words_are_counted_in_lower_case_in_any_script(text: str, counts: dict[str, int]) -> None:
    assert words_of(text) == counts


def test_the_visitors_own_stop_words_take_the_place_of_ours() -> None:
    assert words_of("the King thou", {"KING"}) == {"the": 1, "thou": 1}
    assert words_of("the king", ()) == {"the": 1, "king": 1}


def test_stop_words_know_english_of_today_and_of_shakespeare() -> None:
    assert {"the", "and", "don't", "thou", "hath", "'tis", "prithee"} <= STOP_WORDS
    assert not {"king", "love", "death"} & STOP_WORDS
    assert all(word == word.lower() and "’" not in word for word in STOP_WORDS)


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_cloud_has_its_size_and_stays_within_its_shape(shape: str, background: str) -> None:
    rgb = word_cloud(WORDS, shape=shape, background=background, width=403, height=251, seed=1)
    assert rgb.shape == (251, 403, 3) and rgb.dtype == np.uint8
    ink = coloured(rgb, background)
    inside = mask(shape, 403, 251) == 0
    assert ink.sum() > 0.05 * inside.sum()
    assert not (ink & ~inside).any()


def test_each_shape_is_another_and_in_the_middle() -> None:
    masks = [mask(shape, 200, 160) == 0 for shape in SHAPES]
    assert len({m.tobytes() for m in masks}) == len(SHAPES)
    for shape, inside in zip(SHAPES, masks, strict=True):
        assert 0.2 < inside.mean() <= 1, shape
        assert inside[80, 100], shape


def test_a_larger_cloud_is_laid_out_small_and_drawn_sharp() -> None:
    rgb = word_cloud(WORDS, shape="circle", width=1500, height=901)
    assert rgb.shape == (901, 1500, 3)
    grown = mask("circle", 1500, 901) == 0
    assert (coloured(rgb) & ~grown).mean() < 0.002, "rounding may move a word by a pixel or two, no more"


def test_the_same_seed_draws_the_same_cloud_and_another_another() -> None:
    again = word_cloud(dict(reversed(WORDS.items())), shape="heart", seed=3)
    assert np.array_equal(word_cloud(WORDS, shape="heart", seed=3), again)
    assert not np.array_equal(word_cloud(WORDS, shape="heart", seed=4), again)


@pytest.mark.parametrize(("ell", "oh"), [(10, 1), (1, 10)])
def test_the_more_frequent_word_is_the_larger(ell: int, oh: int) -> None:
    ink = coloured(word_cloud({"ll": ell, "oo": oh})).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(ink)
    letters = [sorted(box[2:4]) for box in boxes[1:].tolist()]  # (shorter, longer side) of each
    sizes = {"l": [long for short, long in letters if long > 2 * short], "o": [x for s, x in letters if x <= 2 * s]}
    assert [len(size) for size in sizes.values()] == [2, 2]
    assert (min(sizes["l"]) > max(sizes["o"]) * 1.4) == (ell > oh), "an l is 1.3 times as tall as an o"


def test_only_the_most_frequent_words_are_drawn() -> None:
    many = {f"w{n}": 1000.0 - n for n in range(MAX_WORDS)}
    more = many | {f"rare{n}": 1.0 for n in range(5000)}
    assert np.array_equal(word_cloud(many, seed=2), word_cloud(more, seed=2))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = np.array(ImageColor.getrgb(colour)) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("name", PALETTES)
def test_every_colour_of_a_palette_can_be_read_on_its_background(name: str) -> None:
    for colours, background in ((PALETTES[name].on_light, "light"), (PALETTES[name].on_dark, "dark")):
        for colour in colours:
            low, high = sorted((luminance(colour), luminance(BACKGROUNDS[background])))
            assert (high + 0.05) / (low + 0.05) >= 3, f"{colour} on {background}"


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("name", PALETTES)
def test_a_cloud_is_painted_in_its_palette(name: str, background: str) -> None:
    rgb = word_cloud(WORDS, colours=name, background=background)
    palette = PALETTES[name].on_dark if background == "dark" else PALETTES[name].on_light
    used = [(rgb == ImageColor.getrgb(colour)).all(axis=2).sum() for colour in palette]
    assert sum(used) > 0.8 * coloured(rgb, background).sum(), "all but the soft edges of the letters"
    assert np.count_nonzero(used) > 1


@pytest.mark.parametrize("nothing", [{}, {"a": 0}, {"a": -1.0}, {"a": float("nan")}, {"": 1}, {" ": 1}])
def test_without_words_the_message_says_what_to_do(nothing: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        word_cloud(nothing)


def test_no_words_and_no_letters_for_them_are_told_apart() -> None:
    with pytest.raises(BadInput, match="empty or only stop words"):
        word_cloud({})
    with pytest.raises(BadInput, match="another script"):
        word_cloud({"我愛你": 3, "🎭": 1})


@pytest.mark.parametrize("odd", ["我愛你", "🎭", "\0", "\ud800", "x" * 100_000, "two\nlines", "שלום", "<b>", "é", "ﷺ"])
def test_whatever_stands_beside_a_word_the_cloud_is_drawn(odd: str) -> None:
    for count in (1, 1e300, 1e-300):
        assert coloured(word_cloud({odd: count, "king": 1}, width=200, height=120)).any(), count


def test_a_canvas_without_room_is_said_to_be_so() -> None:
    with pytest.raises(BadInput, match="no room"):
        word_cloud(WORDS, shape="star", width=6, height=6)


def test_a_png_is_the_very_picture() -> None:
    rgb = word_cloud(WORDS, width=200, height=100)
    data = to_png(rgb)
    assert data.startswith(b"\x89PNG")
    assert np.array_equal(np.array(Image.open(io.BytesIO(data))), rgb)
