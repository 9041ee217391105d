"""JPEGs of thousands of scans are told by their markers; those of cameras and of careful encoders are let in."""

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image

from models.errors import BadImage
from models.pictures import images, jpeg_scans
from models.pictures.images import open_image
from models.pictures.jpeg_scans import MAX_SCANS, scans
from tests.bench.costly_files import PICTURES, many_scans


def jpeg(**options: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_of_thousands_of_scans_is_refused_before_it_is_decoded(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = PICTURES[kind]()
    Image.init()  # loads all formats; one of them decodes a picture of its own then
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it is decoded"))
    with pytest.raises(BadImage, match=r"^holiday\.jpg .*too long") as caught:
        open_image(data, name="holiday.jpg")
    assert "scan" not in str(caught.value)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_few_scans_more_than_usual_are_let_in(kind: str) -> None:
    assert open_image(PICTURES[kind](60, 64)).shape == (64, 64, 3)


def test_large_pictures_may_have_fewer_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    data = many_scans(60, 1000)
    monkeypatch.setattr(jpeg_scans, "MAX_PIXELS_SCANNED", 50_000_000)
    with pytest.raises(BadImage, match="too long"):
        open_image(data, max_side=100)
    assert open_image(many_scans(40, 1000), max_side=100).shape == (100, 100, 3)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(lambda: jpeg(), 1, id="row by row"),
        pytest.param(lambda: jpeg(progressive=True), 10, id="progressive"),
        pytest.param(lambda: jpeg(comment=b"\xff\xda\0\x02" * 500), 1, id="in a comment"),
        pytest.param(lambda: jpeg(icc_profile=b"\xff\xda" * 90_000), 1, id="in a profile of several segments"),
        pytest.param(lambda: jpeg(restart_marker_blocks=1), 1, id="restarts"),
        pytest.param(lambda: jpeg() + b"\xff\xda\0\x02" * 500, 1, id="behind its end, as in a motion photo"),
        pytest.param(lambda: jpeg()[:-2], 1, id="cut short"),
        pytest.param(lambda: jpeg()[:30], 0, id="cut in its header"),
        pytest.param(lambda: many_scans(5000, 16), MAX_SCANS + 1, id="too many"),
    ],
)
def test_scans_are_counted_as_a_decoder_meets_them(data: Callable[[], bytes], expected: int) -> None:
    assert scans(data()) == expected


def test_any_bytes_have_a_number_of_scans() -> None:
    rng, whole = random.Random(1), jpeg(progressive=True)
    for _ in range(500):
        changed = bytearray(whole[: rng.randrange(len(whole))])
        for _ in range(min(len(changed), 20)):
            changed[rng.randrange(len(changed))] = rng.choice((0xFF, 0xDA, 0, rng.randrange(256)))
        assert 0 <= scans(bytes(changed)) <= MAX_SCANS + 1


def test_a_picture_that_is_no_jpeg_is_not_searched() -> None:
    file = io.BytesIO()
    Image.frombytes("RGB", (100, 100), b"\xff\xda\0" * 10_000).save(file, "BMP")
    assert images.open_image(file.getvalue()).shape == (100, 100, 3)
