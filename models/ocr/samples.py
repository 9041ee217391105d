"""Pictures of text to try the reader on; assets/ocr/README.md says where they are from."""

from pathlib import Path

from models.pictures.images import SamplePicture

FOLDER = Path(__file__).parents[2] / "assets" / "ocr"
_TITLES = {
    "receipt": "Receipt",
    "card": "Business card",
    "newsletter": "Two columns",
    "table": "Price table",
    "code": "Code",
    "poster": "Poster with QR code",
    "upside_down": "Upside down",
    "hard": "Hard: glare, tiny print",
    "script": "Another script",
    "mirror": "In a mirror",
    "zeros": "Two zeros",
}


def ocr_samples() -> tuple[SamplePicture, ...]:
    """In the order of the menu; none is read before its `load()`. One of them is upside down."""
    return tuple(SamplePicture(name, title, f"{name}.webp", FOLDER) for name, title in _TITLES.items())
