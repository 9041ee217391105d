"""Light ink on transparency can be seen, dark ink stays on white, and so does whatever can be seen there."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from models.pictures.ground import BLACK, GREY, WHITE, ground_for
from models.pictures.images import open_image, sample_pictures

LIGHT = {"white": "#fff", "light grey": "#d2d2d2", "yellow": "#ff0", "pale blue": "#bedcff", "pink": "#ffc0cb"}
DARK = {"black": "#000", "navy": "#000080", "red": "#f00", "mid grey": "#808080", "green": "#008000"}


def written(*lines: tuple[str, str], alpha: int = 255, width: int = 500, size: int = 30) -> Image.Image:
    """Each (words, colour) on a line of its own, smoothly, on transparency."""
    image = Image.new("RGBA", (width, 20 + 2 * size * len(lines)))
    for row, (words, colour) in enumerate(lines):
        ink = Image.new("L", image.size)
        ImageDraw.Draw(ink).text((20, 10 + 2 * size * row), words, font=ImageFont.load_default(size), fill=alpha)
        image.alpha_composite(with_alpha(Image.new("RGB", image.size, colour), ink))
    return image


def with_alpha(image: Image.Image, alpha: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    image.putalpha(alpha)
    return image


def ground(image: Image.Image) -> int:
    return ground_for(np.asarray(image))


@pytest.mark.parametrize("alpha", [255, 120, 30])
def test_light_ink_is_laid_on_black_and_dark_ink_stays_on_white(alpha: int) -> None:
    for inks, paper in ((LIGHT, BLACK), (DARK, WHITE)):
        for name, colour in inks.items():
            assert ground(written(("Limited offer", colour), alpha=alpha)) == paper, name


def test_ink_of_both_kinds_is_laid_between_them() -> None:
    assert ground(written(("One dark word", "#000"), ("One light word", "#fff"))) == GREY


def test_a_large_picture_is_judged_as_a_small_one() -> None:
    small = written(("Limited offer", "#fff"), ("until Friday", "#eee"))
    assert ground(small.resize((small.width * 8, small.height * 8))) == BLACK


def test_letters_cut_out_of_a_white_plate_can_be_read() -> None:
    holes = Image.new("L", (400, 100), 255)
    ImageDraw.Draw(holes).text((20, 20), "STENCIL", font=ImageFont.load_default(50), fill=0)
    assert ground(with_alpha(Image.new("RGB", holes.size, "white"), holes)) == BLACK


def test_what_can_be_seen_on_white_stays_there() -> None:
    page = Image.new("RGBA", (300, 400))
    draw = ImageDraw.Draw(page)
    draw.rounded_rectangle((0, 0, 299, 399), 30, fill="white")
    draw.text((40, 60), "Dark words on a page", font=ImageFont.load_default(20), fill="black")
    assert ground(page) == WHITE, "round corners"
    badge = Image.new("RGBA", (300, 300))
    ImageDraw.Draw(badge).ellipse((20, 20, 280, 280), fill="#14408c")
    ImageDraw.Draw(badge).text((60, 130), "Badge", font=ImageFont.load_default(60), fill="white")
    assert ground(badge) == WHITE, "light words that have a ground of their own"
    shadow = written(("A title", "#000"), alpha=160).filter(ImageFilter.GaussianBlur(5))
    shadow.alpha_composite(written(("A title", "#000")))
    assert ground(shadow) == WHITE, "its shadow"


@pytest.mark.parametrize("sample", sample_pictures()[:3], ids=lambda sample: sample.name)
def test_a_photo_that_was_cut_out_stays_on_white(sample: object) -> None:
    photo = Image.fromarray(sample.load())  # type: ignore[attr-defined]
    outline = Image.new("L", photo.size)
    ImageDraw.Draw(outline).ellipse((photo.width // 4, 20, 3 * photo.width // 4, photo.height - 20), fill=255)
    assert ground(with_alpha(photo, outline)) == WHITE


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_every_kind_of_file_with_transparency(kind: str) -> None:
    image = written(("Limited offer", "#fff"))
    for stored in (image, image.convert("LA"), image.quantize(16)):
        file = io.BytesIO()
        stored.save(file, kind)
        rgb = open_image(file.getvalue())
        assert rgb[:5].max() < 30 and rgb.max() > 225, stored.mode
