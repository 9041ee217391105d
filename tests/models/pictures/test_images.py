"""Real files of every kind, made here with Pillow, must open as the eye should see them, and bad ones must be
refused in a sentence the visitor understands.
"""

import io
import random
import resource
import socket
import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import psutil
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from models.errors import BadImage
from models.pictures import images
from models.pictures.images import SamplePicture, open_image, sample_pictures, to_jpeg

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
LOSSLESS = ["PNG", "WEBP", "GIF", "BMP", "TIFF"]
EVERY_FORMAT = ["JPEG", *LOSSLESS, "AVIF"]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    if kind == "WEBP":
        options = {"lossless": True, **options}
    image.save(file, kind, **options)
    return file.getvalue()


def near(pixels: np.ndarray, colour: tuple[int, int, int], tolerance: int = 3) -> bool:
    return bool(np.abs(pixels.astype(int) - colour).max() <= tolerance)


@pytest.fixture
def corners() -> Image.Image:
    """48×32 with a different colour in each quarter, so that every turn and flip can be told apart."""
    image = Image.new("RGB", (48, 32), RED)
    for box, colour in [((24, 0), GREEN), ((0, 16), BLUE), ((24, 16), WHITE)]:
        image.paste(colour, (*box, box[0] + 24, box[1] + 16))
    return image


def assert_upright(rgb: np.ndarray, scale: float = 1) -> None:
    assert rgb.dtype == np.uint8 and rgb.flags.c_contiguous
    assert rgb.shape == (round(32 * scale), round(48 * scale), 3)
    for y, x, colour in [(8, 12, RED), (8, 36, GREEN), (24, 12, BLUE), (24, 36, WHITE)]:
        assert near(rgb[round(y * scale), round(x * scale)], colour, 8), (y, x)


class TestFormats:
    @pytest.mark.parametrize("kind", EVERY_FORMAT)
    def test_each_format_opens_as_rgb(self, corners: Image.Image, kind: str) -> None:
        assert_upright(open_image(saved(corners, kind)))

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_an_animation_shows_its_first_frame(self, corners: Image.Image, kind: str) -> None:
        others = [Image.new("RGB", corners.size, BLACK), Image.new("RGB", corners.size, RED)]
        assert_upright(open_image(saved(corners, kind, save_all=True, append_images=others)))

    def test_a_phones_jpeg_with_a_second_picture_inside(self, corners: Image.Image) -> None:
        data = saved(corners, "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32), BLACK)])
        assert Image.open(io.BytesIO(data)).format == "MPO"
        assert_upright(open_image(data))

    def test_heic_opens_where_a_plugin_can(self, corners: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
        def factory(file: io.BytesIO, _name: str) -> Image.Image:
            return PngImagePlugin.PngImageFile(io.BytesIO(file.read()[12:]))

        data = b"\0\0\0\x0cftypheic" + saved(corners, "PNG")
        with pytest.raises(BadImage, match="HEIC"):
            open_image(data)
        monkeypatch.setitem(Image.OPEN, "HEIF", (factory, lambda head: head[4:12] == b"ftypheic"))
        assert_upright(open_image(data))
        with pytest.raises(BadImage, match="starts like a HEIC, but is damaged"):
            open_image(data[:60])

    def test_the_array_is_the_callers_to_change(self, corners: Image.Image) -> None:
        open_image(saved(corners, "PNG"))[:] = 0


# How a camera stores an upright scene under each orientation: the inverse of what a viewer must do.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


class TestOrientation:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
    def test_every_orientation_is_turned_upright_once(self, corners: Image.Image, kind: str) -> None:
        for orientation, turn in STORED.items():
            stored = corners if turn is None else corners.transpose(turn)
            exif = Image.Exif()
            exif[0x0112] = orientation
            assert_upright(open_image(saved(stored, kind, exif=exif)))

    def test_a_compressed_tiff_is_turned_once_too(self, corners: Image.Image) -> None:
        stored = corners.transpose(Image.Transpose.ROTATE_90)
        assert_upright(open_image(saved(stored, "TIFF", compression="tiff_lzw", tiffinfo={0x0112: 6})))

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF")
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("exif", [b"rubbish and more", b"II*\0\xff", b"II*\0\xff\xff\xff\xff rubbish"])
    def test_broken_exif_is_ignored(self, corners: Image.Image, exif: bytes, kind: str) -> None:
        assert_upright(open_image(saved(corners, kind, exif=b"Exif\0\0" + exif)))


class TestColour:
    @pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
    def test_cmyk_red_is_red(self, kind: str) -> None:
        data = saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), kind)
        assert near(open_image(data), RED)

    def test_an_adobe_ycck_jpeg_is_not_a_negative(self) -> None:
        # Pillow cannot write YCCK, so a CMYK file is relabelled: transform 2 in the Adobe marker. Its planes
        # are stored inverted, so they now say Y 200, neutral chroma, no black: a grey that is 255 - 200.
        neutral = Image.new("CMYK", (16, 16), (55, 127, 127, 0))
        data = saved(neutral, "JPEG", quality=100)
        marker = data.index(b"Adobe")
        ycck = data[: marker + 11] + b"\x02" + data[marker + 12 :]
        assert ycck != data
        assert near(open_image(ycck), (55, 55, 55), 6)

    @pytest.mark.parametrize("kind", ["PNG", "TIFF"])
    @pytest.mark.parametrize("top", [255, 1023, 4095, 16383, 65535])
    def test_a_16_bit_grey_ramp_is_as_bright_as_16_bits_say(self, kind: str, top: int) -> None:
        ramp = np.linspace(0, top, 256).round().astype(np.uint16)[None].repeat(4, axis=0)
        out = open_image(saved(Image.fromarray(ramp), kind))
        assert np.abs(out - ramp[..., None] / 257).max() <= 0.51

    def test_greys_stored_in_other_ways_are_as_dark_as_the_same_in_png(self) -> None:
        night = np.array([[0, 1000, 4000]], np.uint16).repeat(2, axis=0)
        big_endian = Image.frombytes("I;16B", (3, 2), night.astype(">u2").tobytes())
        files = {
            "big-endian TIFF": saved(big_endian, "TIFF"),
            "packed TIFF": saved(Image.fromarray(night), "TIFF", compression="tiff_lzw"),
            "32-bit TIFF": saved(Image.fromarray(night.astype(np.int32)), "TIFF"),
            "colour PNG": cv2.imencode(".png", np.stack([night] * 3, axis=-1))[1].tobytes(),
            "colour PNG with alpha": cv2.imencode(".png", np.stack([*[night] * 3, night * 0 + 65535], -1))[1].tobytes(),
            "colour TIFF": cv2.imencode(".tiff", np.stack([night] * 3, axis=-1))[1].tobytes(),
        }
        for name, data in files.items():
            assert np.abs(open_image(data)[0, :, 0].astype(int) - [0, 4, 16]).max() <= 1, name

    @pytest.mark.parametrize("tag", [281, 341])
    def test_a_tiff_may_say_that_its_16_bits_hold_12(self, tag: int) -> None:
        ramp = np.linspace(0, 4095, 256).round().astype(np.uint16)[None].repeat(4, axis=0)
        out = open_image(saved(Image.fromarray(ramp), "TIFF", tiffinfo={tag: 4095}))
        assert np.abs(out - np.arange(256)[None, :, None]).max() <= 1

    def test_a_16_bit_tiff_whose_zero_is_white(self) -> None:
        grey = np.array([[0, 65535, 60_000]], np.uint16)
        data = saved(Image.fromarray(grey), "TIFF", tiffinfo={262: 0})
        assert Image.open(io.BytesIO(data)).tag_v2[262] == 0
        assert np.abs(open_image(data)[0, :, 0].astype(int) - [255, 0, 22]).max() <= 1

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
            (np.array([[0.0, 100.0, 255.0]], np.float32), [0, 100, 255]),
            (np.array([[-10.0, 0.0, 10.0]], np.float32), [0, 128, 255]),
            (np.array([[np.nan, 0.5, 1.0]], np.float32), [0, 128, 255]),
            (np.array([[7.0, 1e6, 2e6]], np.float32), [0, 127, 255]),
            (np.array([[-7.0, -7.0, -7.0]], np.float32), [0, 0, 0]),
            (np.array([[-100, 0, 100]], np.int32), [0, 128, 255]),
            (np.array([[0, 0, 0]], np.int32), [0, 0, 0]),
        ],
    )
    def test_32_bit_greys_are_shown_over_the_range_they_use(self, values: np.ndarray, expected: list[int]) -> None:
        out = open_image(saved(Image.fromarray(values), "TIFF"))
        assert np.abs(out[0].astype(int) - np.array(expected)[:, None]).max() <= 1

    def test_one_bit_is_black_and_white(self) -> None:
        image = Image.new("1", (2, 1))
        image.putpixel((1, 0), 1)
        assert open_image(saved(image, "PNG")).tolist() == [[list(BLACK), list(WHITE)]]

    @pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
    def test_transparency_is_blended_onto_white(self, kind: str) -> None:
        image = Image.new("RGBA", (3, 1))
        image.putdata([(255, 0, 0, 255), (255, 0, 0, 128), (255, 0, 0, 0)])
        out = open_image(saved(image, kind, exact=True) if kind == "WEBP" else saved(image, kind))
        assert near(out[0, 0], RED) and near(out[0, 1], (255, 127, 127)) and near(out[0, 2], WHITE)

    def test_grey_with_alpha(self) -> None:
        image = Image.new("LA", (2, 1))
        image.putdata([(50, 255), (50, 0)])
        assert open_image(saved(image, "PNG")).tolist() == [[[50] * 3, [255] * 3]]

    @pytest.mark.parametrize("kind", ["PNG", "GIF"])
    def test_a_palette_with_and_without_transparency(self, corners: Image.Image, kind: str) -> None:
        palette = corners.quantize(4)
        assert_upright(open_image(saved(palette, kind)))
        red = palette.getpixel((0, 0))
        out = open_image(saved(palette, kind, transparency=red))
        assert near(out[8, 12], WHITE) and near(out[8, 36], GREEN) and near(out[24, 12], BLUE)

    def test_one_transparent_colour_in_a_png_without_alpha(self, corners: Image.Image) -> None:
        out = open_image(saved(corners, "PNG", transparency=GREEN))
        assert near(out[8, 36], WHITE) and near(out[8, 12], RED)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
    def test_a_colour_profile_is_followed(self, corners: Image.Image, kind: str) -> None:
        out = open_image(saved(corners, kind, icc_profile=swapped_profile()))
        assert near(out[8, 12], GREEN, 8) and near(out[8, 36], RED, 8), "the profile swaps red and green"
        assert near(out[24, 36], WHITE, 8)

    @pytest.mark.parametrize("profile", [b"rubbish", b"\0" * 200])
    def test_a_broken_profile_is_ignored(self, corners: Image.Image, profile: bytes) -> None:
        assert_upright(open_image(saved(corners, "PNG", icc_profile=profile)))

    def test_a_profile_for_another_kind_of_picture_is_ignored(self) -> None:
        grey = Image.new("L", (4, 4), 100)
        assert near(open_image(saved(grey, "PNG", icc_profile=swapped_profile())), (100, 100, 100))

    def test_lab_tiff(self) -> None:
        lab = Image.new("LAB", (4, 4), (136, 208, 195))  # sRGB red: L 53 %, a 80, b 67 from 128
        assert near(open_image(saved(lab, "TIFF")), RED, 12)


def swapped_profile() -> bytes:
    """Pillow's sRGB profile with its red and green primaries exchanged, under a name of its own."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    name = "sRGB".encode("utf-16-be")
    assert name in icc and icc.count(b"rXYZ") == icc.count(b"gXYZ") == 1
    icc = icc.replace(name, "swap".encode("utf-16-be"))
    return icc.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


class TestSize:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
    def test_over_max_side_is_scaled_down_with_its_aspect(self, corners: Image.Image, kind: str) -> None:
        large = corners.resize((1200, 800), Image.Resampling.NEAREST)
        assert_upright(open_image(saved(large, kind), max_side=300), scale=300 / 48)
        assert_upright(open_image(saved(large, kind), max_side=1200), scale=1200 / 48)

    def test_a_tall_thin_picture_keeps_a_pixel_of_width(self) -> None:
        assert open_image(saved(Image.new("RGB", (1, 9000), RED), "PNG")).shape == (4096, 1, 3)

    def test_a_large_jpeg_is_decoded_smaller(self, monkeypatch: pytest.MonkeyPatch) -> None:
        decoded: list[tuple[int, int]] = []

        def spy(image: Image.Image) -> Image.Image:
            decoded.append(image.size)
            return image

        monkeypatch.setattr(images, "_flatten", spy)
        data = saved(Image.new("RGB", (2400, 1600), RED), "JPEG")
        out = open_image(data, max_side=500)
        assert decoded == [(600, 400)] and out.shape == (333, 500, 3) and near(out, RED)

    @pytest.mark.parametrize(
        ("size", "options"), [((8064, 6048), {"progressive": True}), ((12000, 9000), {}), ((16320, 12240), {})]
    )
    def test_a_phones_large_jpeg_is_shrunk_and_upright(
        self, corners: Image.Image, size: tuple[int, int], options: dict[str, bool], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decoded: list[int] = []
        flatten = images._flatten
        monkeypatch.setattr(
            images, "_flatten", lambda image: decoded.append(image.width * image.height) or flatten(image)
        )
        exif = Image.Exif()
        exif[0x0112] = 6
        large = corners.transpose(STORED[6]).resize(size, Image.Resampling.NEAREST)
        out = open_image(saved(large, "JPEG", exif=exif, **options))
        assert decoded[0] <= 40_000_000
        assert 3000 < out.shape[1] < out.shape[0] <= 4096, "turned"
        height, width = out.shape[:2]
        for y, x, colour in [(1, 1, RED), (1, 3, GREEN), (3, 1, BLUE), (3, 3, WHITE)]:
            assert near(out[height * y // 4, width * x // 4], colour, 8)

    def test_a_jpeg_that_its_decoder_would_hold_whole_is_refused(self) -> None:
        grey = jpeg_header(0xC0, 20_000, 13_000, [0x11])
        rows, progressive, plane_by_plane = (
            jpeg_header(marker, 14_000, 9_000, [0x11] * 3, first_scan)
            for marker, first_scan in ((0xC0, 3), (0xC2, 3), (0xC0, 1))
        )
        for data in (grey, progressive, plane_by_plane):
            with pytest.raises(BadImage, match="too many pixels"):
                open_image(data)
        with pytest.raises(BadImage, match="damaged"):  # as large, but it would be decoded row by row
            open_image(rows)

    def test_a_scan_in_one_bit_is_smoothed_when_scaled_down(self) -> None:
        stripes = Image.fromarray(np.tile(np.array([[0, 255]], np.uint8), (400, 200))).convert("1")
        out = open_image(saved(stripes, "PNG"), max_side=200)
        assert near(out[50:150, 50:150], (128, 128, 128), 8)

    def test_limits_are_inclusive(self, corners: Image.Image) -> None:
        data = saved(corners, "PNG")
        assert_upright(open_image(data, max_bytes=len(data), max_pixels=48 * 32))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size, with a little valid but far too short pixel data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def jpeg_header(marker: int, width: int, height: int, sampling: list[int], first_scan: int = 1) -> bytes:
    """A JPEG that claims a size and stops where the pixels of its first scan, of so many colours, would begin."""
    count = len(sampling)
    colours = b"".join(bytes((number, factors, 0)) for number, factors in enumerate(sampling, 1))
    frame = struct.pack(">BBHBHHB", 0xFF, marker, 8 + 3 * count, 8, height, width, count) + colours
    scanned = b"".join(bytes((number, 0)) for number in range(1, first_scan + 1))
    scan = struct.pack(">HHB", 0xFFDA, 6 + 2 * first_scan, first_scan) + scanned + b"\0\x3f\0"
    return b"\xff\xd8" + frame + scan


def gif_header(width: int, height: int) -> bytes:
    screen, frame = struct.pack("<HH", width, height), struct.pack("<HHHHB", 0, 0, width, height, 0)
    return b"GIF89a" + screen + b"\0\0\0," + frame + b"\x02\x02\x4c\x01\0;"


def bmp_header(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def webp_header(width: int, height: int) -> bytes:
    extended = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + extended + b"VP8L" + struct.pack("<I", 6) + b"\x2f\xff\xff\xff\x0f\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def half(kind: str) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = saved(Image.fromarray(noise), kind)
    return data[: len(data) // 2]


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "text": (b"Dear all,\nthe workshop starts at 9.\n", "text file"),
    "text that ends inside a letter": (("x" * 4095 + "ä" * 9).encode(), "text file"),
    "utf-16 text": ("Hello".encode("utf-16"), "text file"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF .* screenshot"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing.*PNG"),
    "svg with a byte order mark": (b"\xef\xbb\xbf<svg/>", "SVG drawing.*PNG"),
    "web page": (b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "iPhone HEIC.*Most Compatible"),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a video"),
    "another video": (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "a video"),
    "an iPhone's video": (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a video"),
    "heic, by its other names": (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", "iPhone HEIC.*Most Compatible"),
    "avif, its beginning": (saved(Image.new("RGB", (64, 64)), "AVIF")[:40], "AVIF.*damaged or cut short"),
    "avif sequence": (b"\0\0\0\x18ftypavis\0\0\0\0mif1avif" + bytes(200), "AVIF.*damaged or cut short"),
    "avif, named last": (b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif" + bytes(99), "AVIF.*damaged or cut short"),
    "raw photo": (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "raw photo.*JPEG"),
    "webm": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01", "video"),
    "photoshop": (b"8BPS\0\x01\0\0", "Photoshop"),
    "jpeg xl": (b"\xff\x0a\xfa\x1f", "JPEG XL"),
    "jpeg 2000": (saved(Image.new("RGB", (8, 8)), "JPEG2000"), "JPEG 2000"),
    "zip": (b"PK\x03\x04\x14\0\0\0", "Office document"),
    "noise": (bytes(range(128, 256)) * 8, "not a picture"),
    "icon, which Pillow could open": (saved(Image.new("RGB", (16, 16)), "ICO"), "not a picture"),
    "0×0 png": (png_header(0, 0), "0 pixels"),
    "0×5 gif": (gif_header(0, 5), "0 pixels"),
    "5×0 bmp": (bmp_header(5, 0), "0 pixels"),
    "png bomb": (png_header(50_000, 50_000), "too many pixels.*40 million"),
    "png over our limit, under Pillow's": (png_header(8_000, 8_000), "too many pixels.*40 million"),
    "bmp bomb": (bmp_header(50_000, 50_000), "too many pixels"),
    "gif bomb": (gif_header(65_535, 65_535), "too many pixels"),
    "webp bomb": (webp_header(16_384, 16_384), "too many pixels"),
    "png without its pixels": (png_header(100, 100), "PNG.*damaged or cut short"),
    **{
        f"half a {kind}": (half(kind), f"{kind}.*damaged or cut short")
        for kind in ["JPEG", "PNG", "GIF", "BMP", "TIFF", "AVIF"]
    },
    "half a WebP": (half("WEBP"), "WebP.*damaged or cut short"),
    "half a header": (b"\x89PNG\r\n\x1a\n\0\0", "PNG.*damaged"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
class TestBadFiles:
    @pytest.mark.parametrize("case", BAD_FILES)
    def test_is_refused_in_a_sentence_that_names_the_file(self, case: str) -> None:
        data, expected = BAD_FILES[case]
        with pytest.raises(BadImage, match=rf"^holiday photo\.jpg (is|has|starts) .*{expected}") as caught:
            open_image(data, name="holiday photo.jpg")
        message = str(caught.value)
        assert message.endswith(".") and message.count(". ") >= 1, "what is wrong, then what to do"
        for jargon in ("Error", "Exception", "Unidentified", "BytesIO", "Traceback", "0x", "\n"):
            assert jargon not in message

    def test_over_max_bytes(self) -> None:
        with pytest.raises(BadImage, match=r"big\.png is 20\.0 MB.*at most 20\.0 MB"):
            open_image(b"\x89PNG" + bytes(20_000_000), name="big.png")

    @pytest.mark.parametrize("case", [case for case in BAD_FILES if "bomb" in case])
    def test_a_bomb_is_refused_before_memory_is_spent(self, case: str) -> None:
        process = psutil.Process()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB on Linux
        resident = process.memory_info().rss
        with pytest.raises(BadImage):
            open_image(BAD_FILES[case][0])
        assert process.memory_info().rss - resident < 50e6
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 50_000

    def test_the_decoders_own_error_is_kept_for_the_log(self) -> None:
        with pytest.raises(BadImage) as caught:
            open_image(half("PNG"))
        assert caught.value.__cause__ is not None

    def test_running_out_of_memory_is_told_as_too_many_pixels(
        self, corners: Image.Image, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def exhausted(_image: Image.Image) -> Image.Image:
            raise MemoryError

        monkeypatch.setattr(images, "_flatten", exhausted)
        with pytest.raises(BadImage, match="too many pixels"):
            open_image(saved(corners, "PNG"))

    def test_a_long_name_with_line_breaks_is_kept_readable(self) -> None:
        with pytest.raises(BadImage) as caught:
            open_image(b"", name="my\nphoto " + "very " * 500 + "long.jpeg")
        name = str(caught.value).split(" is empty")[0]
        assert name.startswith("my photo very") and name.endswith("very long.jpeg") and len(name) <= 80


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", EVERY_FORMAT)
def test_damaged_files_open_or_are_refused_and_nothing_else(kind: str) -> None:
    rng = random.Random(kind)
    noise = np.random.default_rng(1).integers(0, 256, (24, 40, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    options: dict[str, object] = {} if kind in ("GIF", "BMP") else {"exif": exif, "icc_profile": swapped_profile()}
    whole = saved(Image.fromarray(noise), kind, **options)
    refused = 0
    for _ in range(300 if kind != "AVIF" else 60):
        data = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.4 else whole)
        for _ in range(rng.randrange(12)):
            if data:
                # Half of the flips hit the header, where a byte changes what the decoder does, not a colour.
                data[rng.randrange(len(data) if rng.random() < 0.5 else min(len(data), 300))] = rng.randrange(256)
        try:
            rgb = open_image(bytes(data), name="damaged.bin", max_side=512)
        except BadImage as error:
            refused += 1
            assert "damaged.bin" in str(error)
        else:
            assert rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3 and rgb.size
            assert max(rgb.shape) <= 512 and rgb.flags.c_contiguous
    assert refused > 20


class TestToJpeg:
    def test_comes_back_as_the_same_picture(self, corners: Image.Image) -> None:
        data = to_jpeg(np.asarray(corners))
        assert data.startswith(b"\xff\xd8\xff")
        assert_upright(open_image(data))

    def test_quality_costs_bytes(self) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        assert len(to_jpeg(noise, quality=30)) < len(to_jpeg(noise)) < len(to_jpeg(noise, quality=95))


class TestSamples:
    @pytest.mark.parametrize("sample", sample_pictures(), ids=lambda sample: sample.name)
    def test_loads_without_a_network(self, sample: SamplePicture, monkeypatch: pytest.MonkeyPatch) -> None:
        def unplugged(*_: object) -> None:
            raise AssertionError("a sample went online")

        monkeypatch.setattr(socket.socket, "connect", unplugged)
        rgb = sample.load()
        assert rgb.dtype == np.uint8 and min(rgb.shape[:2]) >= 150 and rgb.std() > 20
        assert sample.title and sample.title != sample.name

    def test_names_are_unique_and_the_cat_is_the_cat(self) -> None:
        from skimage import data

        samples = {sample.name: sample for sample in sample_pictures()}
        assert len(samples) == len(sample_pictures()) >= 4
        original: Callable[[], np.ndarray] = data.chelsea
        assert (samples["cat"].load() == original()).all()
