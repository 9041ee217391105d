"""Picture files from visitors: bytes in, RGB uint8 (H, W, 3) out, or a BadImage that says what to do.

The bytes are a stranger's. Only the formats below are tried (Pillow would also run Ghostscript on EPS), the
size is read from the header before a pixel is decoded, and whatever a decoder raises becomes a BadImage.
"""

import codecs
import io
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from models.errors import BadImage
from models.pictures.ground import on_ground
from models.pictures.jpeg_scans import is_costly

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_ACCEPTED = "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"

# A JPEG is shrunk while it is decoded, row by row, so photos of 200 megapixels get in. But of a progressive one, or one
# that stores its colours one after the other, the decoder keeps all coefficients at full size: 3 to 8 bytes a pixel.
_JPEG_MAX_PIXELS = 256_000_000
_JPEG_MAX_COEFFICIENTS = 330_000_000  # 2 bytes each

_AGAIN = "Download or export it again."
_AS_JPEG = "Save it as JPEG or PNG and try again."
_SCREENSHOT = "Take a screenshot of what you want to show and use that."
_HEIC_ADVICE = (
    "On the iPhone choose Settings > Camera > Formats > Most Compatible and take it again, or export the photo as JPEG."
)

# Files people pick by mistake: where the signature is, what it looks like, what it is, what to do about it.
_OTHER_KINDS: tuple[tuple[int, bytes | tuple[bytes, ...], str, str], ...] = (
    (4, b"ftypcrx", "a camera's raw photo", _AS_JPEG),
    (4, b"ftyp", "a video", _SCREENSHOT),
    (0, b"\x1aE\xdf\xa3", "a video", _SCREENSHOT),
    (0, (b"%PDF", b"%!PS"), "a PDF or PostScript document", _SCREENSHOT),
    (0, b"8BPS", "a Photoshop document", _AS_JPEG),
    (0, (b"\x00\x00\x00\x0cJXL ", b"\xff\x0a"), "a JPEG XL picture", _AS_JPEG),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture", _AS_JPEG),
    (0, (b"PK\x03\x04", b"\x1f\x8b"), "an archive or an Office document", "Take the picture out of it."),
)

# How the accepted formats begin, and how and where the header writes width and height.
_ACCEPTED_KINDS: tuple[tuple[bytes | tuple[bytes, ...], str, str, int], ...] = (
    (b"\xff\xd8\xff", "JPEG", "", 0),
    (b"\x89PNG", "PNG", ">II", 16),
    (b"RIFF", "WebP", "", 0),
    (b"GIF8", "GIF", "<HH", 6),
    (b"BM", "BMP", "<ii", 18),
    ((b"II*\0", b"MM\0*"), "TIFF", "", 0),
)

# Pictures in the container of MP4 videos: its "ftyp" box names what is inside, by four letters each.
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}


def open_image(
    data: bytes,
    *,
    name: str = "picture",
    max_bytes: int = 20_000_000,
    max_pixels: int = 40_000_000,
    max_side: int = 4096,
) -> np.ndarray:
    """The picture as the eye should see it: RGB uint8 (H, W, 3), contiguous, upright by its EXIF orientation,
    in sRGB, transparency on the ground that its ink needs (white, if it can be seen there), first frame of an
    animation, no side over `max_side` pixels (aspect kept).

    Raises BadImage, naming the file by `name`, for anything else. A file over `max_bytes` or `max_pixels` is
    refused before it is decoded; a JPEG over `max_pixels` is decoded at 1/2, 1/4 or 1/8 of its size instead.
    """
    name = " ".join(name.split())
    name = name if len(name) <= 80 else f"{name[:50]}…{name[-29:]}"  # the end holds the extension
    if not data:
        raise BadImage(f"{name} is empty (0 bytes). Pick it again, or export it again.")
    if len(data) > max_bytes:
        raise BadImage(
            f"{name} is {len(data) / 1e6:.1f} MB, and at most {max_bytes / 1e6:.1f} MB can be opened here. "
            "Save it smaller, for example as JPEG, and try again."
        )
    too_many_pixels = BadImage(
        f"{name} has too many pixels: at most {max_pixels / 1e6:g} million can be opened here, of a JPEG photo "
        f"{_JPEG_MAX_PIXELS / 1e6:g} million (110 million if it is progressive). Scale it down and try again."
    )
    try:
        with _opened(data) as image:
            costly = is_costly(image, data)  # first: what follows sets a JPEG to decode smaller, which saves no scans
            if not _fits(image, data, max_pixels, max_side):
                raise too_many_pixels
            if costly:
                raise BadImage(f"{name} is stored in a way that takes too long to open. {_AS_JPEG}")
            image.load()
            # Broken EXIF is no reason to refuse a picture that has just been decoded.
            with suppress(Exception):
                ImageOps.exif_transpose(image, in_place=True)
            flat = _flatten(image)
            flat.thumbnail((max_side, max_side))
            return np.array(_to_srgb(flat, image.info.get("icc_profile")).convert("RGB"))
    except BadImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise too_many_pixels from error
    except Exception as error:  # OSError, SyntaxError, ValueError, struct.error, zlib.error …
        raise BadImage(_diagnosis(data, name)) from error


def to_jpeg(rgb: np.ndarray, quality: int = 85) -> bytes:
    """RGB uint8 (H, W, 3) as the bytes of a JPEG file; `quality` 1 (small) to 95 (best)."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return file.getvalue()


@dataclass(frozen=True)
class SamplePicture:
    """A picture to try a demo on, in `folder` or in the scikit-image wheel, so it opens without a network, or drawn by
    `draw`. `title` is short enough for a button. `change` makes another picture of it."""

    name: str
    title: str
    file: str = ""
    folder: Path | None = None
    change: Callable[[np.ndarray], np.ndarray] | None = None
    draw: Callable[[], np.ndarray] | None = None

    def load(self) -> np.ndarray:
        """RGB uint8 (H, W, 3)."""
        if self.draw is not None:
            return self.draw()
        folder = self.folder or files("skimage") / "data"  # `skimage.data.…()` may go online instead
        rgb = open_image((folder / self.file).read_bytes(), name=self.file)
        return rgb if self.change is None else self.change(rgb)


def sample_pictures() -> tuple[SamplePicture, ...]:
    """Pictures to try a demo on, in the order of the menu; none is read before its `load()`."""
    return (
        SamplePicture("cat", "Chelsea the cat", "chelsea.png"),
        SamplePicture("coffee", "Cup of coffee", "coffee.png"),
        SamplePicture("astronaut", "Astronaut Eileen Collins", "astronaut.png"),
        SamplePicture("rocket", "Rocket taking off", "rocket.jpg"),
        SamplePicture("page", "Photo of a printed page", "page.png"),
    )


def _formats() -> tuple[str, ...]:
    # pillow-heif is not required; whoever installs and registers it gets iPhone photos opened.
    return (*FORMATS, "HEIF") if "HEIF" in Image.OPEN else FORMATS


def _opened(data: bytes) -> Image.Image:
    # Image.open refuses any picture of 179 megapixels, also one that is to be shrunk while it is decoded.
    if data.startswith(b"\xff\xd8\xff"):
        return JpegImageFile(io.BytesIO(data))
    return Image.open(io.BytesIO(data), formats=_formats())


def _fits(image: Image.Image, data: bytes, max_pixels: int, max_side: int) -> bool:
    """Whether `image`, not decoded yet, may be; a large JPEG is set to decode at 1/2, 1/4 or 1/8 first."""
    width, height = image.size
    if isinstance(image, JpegImageFile):
        if width * height > _JPEG_MAX_PIXELS or _coefficients_held(image, data) > _JPEG_MAX_COEFFICIENTS:
            return False
        factor = 1
        while factor < 8 and (
            max(width, height) // (2 * factor) >= max_side or width * height > max_pixels * factor**2
        ):
            factor *= 2
        image.draft(None, (max(1, width // factor), max(1, height // factor)))
    return image.width * image.height <= max_pixels


def _coefficients_held(jpeg: JpegImageFile, data: bytes) -> float:
    """How many coefficients the decoder keeps at once; 0 where it works row by row, as all colours come together."""
    sampling = [(across, down) for _, across, down, _ in jpeg.layer]
    count = len(sampling)
    scan = jpeg.fp.tell() - 6 - 2 * count if jpeg.fp else 0  # the header of the first scan lies right behind us
    together = struct.pack(">HB", 6 + 2 * count, count)
    if not jpeg.info.get("progressive") and data.startswith(together, scan):
        return 0
    largest = max((across for across, _ in sampling), default=1) * max((down for _, down in sampling), default=1)
    return jpeg.width * jpeg.height * sum(across * down for across, down in sampling) / max(1, largest)


def _flatten(image: Image.Image) -> Image.Image:
    """The same picture in a mode that scales and converts well: 8 bits, no palette, no transparency."""
    if image.mode.startswith(("I", "F")):
        grey = Image.fromarray(_grey_bytes(np.asarray(image), _white_of(image)))
        white_is_zero = image.mode.startswith("I;") and getattr(image, "tag_v2", {}).get(262) == 0
        return ImageOps.invert(grey) if white_is_zero else grey
    if image.has_transparency_data:
        return on_ground(image)
    if image.mode in ("1", "P"):  # Pillow scales these without smoothing, which ruins scanned text
        return image.convert("L" if image.mode == "1" else "RGB")
    return image


def _white_of(image: Image.Image) -> int | None:
    """The number that means white in a grey picture of over 8 bits, None where its file does not say.

    PNG counts to 65535. TIFF says how many bits a sample has (tag 258) and sometimes its largest value (281, 341); the
    12 bits of a camera in a file that claims 16 and says no more come out as dark as it says that they are.
    """
    if not image.mode.startswith("I;"):
        return None
    tags = getattr(image, "tag_v2", {})
    bits, *stated = (np.ravel(tags.get(tag, 0))[:1].tolist()[0] for tag in (258, 281, 341))
    top = next((value for value in stated if isinstance(value, int | float) and 255 <= value <= 65535), None)
    return int(top or (4095 if bits == 12 else 65535))


def _grey_bytes(grey: np.ndarray, white: float | None) -> np.ndarray:
    """Grey of any number type (H, W) as uint8, black to white over 0..`white`.

    Where the file does not say that (32-bit numbers), over the smallest common range that holds the brightest pixel:
    8 or 16 bits of whole numbers, also 0..1, 10, 12 or 14 bits of others. Numbers outside of all (heights,
    temperatures) are stretched from their least to their greatest.
    """
    values = np.nan_to_num(grey.astype(np.float32), posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    if white is None and (low < 0 or high > 65535):
        values, white = values - low, (high - low) or 1
    if white is None:
        ranges = (255, 65535) if np.issubdtype(grey.dtype, np.integer) else (1, 255, 1023, 4095, 16383, 65535)
        white = next(top for top in ranges if high <= top)
    return np.rint(np.minimum(values * (255 / white), 255)).astype(np.uint8)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as sRGB, the space of the web and of our models' training; broken profiles are ignored."""
    srgb = ImageCms.createProfile("sRGB")
    with suppress(Exception):  # lcms wraps most of its errors in PyCMSError, not all
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in (source.profile.profile_description or ""):  # most have it: saves 100 ms a photo
                return ImageCms.profileToProfile(image, source, srgb, outputMode="RGB") or image
    return image


def _diagnosis(data: bytes, name: str) -> str:
    """What is wrong with bytes that no decoder could read, for the person who picked the file."""
    brands = _brands(data)
    if brands & _AVIF_BRANDS or (brands & _HEIC_BRANDS and "HEIF" in _formats()):
        kind = "AVIF" if brands & _AVIF_BRANDS else "HEIC"
        return f"{name} starts like {'an' * (kind == 'AVIF') or 'a'} {kind}, but is damaged or cut short. {_AGAIN}"
    if brands & _HEIC_BRANDS:
        return f"{name} is an iPhone HEIC photo, which cannot be opened here; {_ACCEPTED} can. {_HEIC_ADVICE}"
    for offset, magic, what, advice in _OTHER_KINDS:
        if data.startswith(magic, offset):
            return f"{name} is {what}, which cannot be opened here; {_ACCEPTED} can. {advice}"
    text = _text(data[:4096]).lstrip().lower()
    if text.startswith("<") and "<svg" in text:
        return f"{name} is an SVG drawing, not a picture made of pixels. Export it as PNG and try again."
    if text.startswith(("<!doctype html", "<html")):
        return f"{name} is a web page, not a picture. Open it in the browser and save the picture itself."
    if text:
        return f"{name} is a text file, not a picture. Pick a {_ACCEPTED} file."
    for magic, kind, layout, offset in _ACCEPTED_KINDS:
        if data.startswith(magic):
            if layout and len(data) >= offset + 8 and 0 in struct.unpack_from(layout, data, offset):
                return f"{name} is a {kind} of 0 pixels: there is nothing to see in it. Export it again."
            return f"{name} starts like a {kind}, but is damaged or cut short. {_AGAIN}"
    return f"{name} is not a picture that can be opened here. Pick a {_ACCEPTED} file."


def _brands(data: bytes) -> set[bytes]:
    """The brands in the "ftyp" box that a file begins with (ISO 14496-12), empty without one."""
    if data[4:8] != b"ftyp":
        return set()
    head = data[: min(max(12, int.from_bytes(data[:4], "big")), 256)]
    return {head[8:12], *(head[at : at + 4] for at in range(16, len(head), 4))}


def _text(head: bytes) -> str:
    """The start of a file as text, or "" if it is none. UTF-8, or UTF-16 with its byte order mark."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    with suppress(UnicodeDecodeError):
        text = codecs.getincrementaldecoder(encoding)().decode(head)  # incremental: `head` may end mid-character
        if all(char.isprintable() or char.isspace() for char in text):
            return text
    return ""
