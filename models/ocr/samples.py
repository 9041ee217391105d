"""Pictures of text to try the reader on; assets/ocr/README.md says where they are from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.pictures.images import open_image

FOLDER = Path(__file__).parents[2] / "assets" / "ocr"


@dataclass(frozen=True)
class OcrSample:
    """A picture that comes with the app. `title` is short enough for a button."""

    name: str
    title: str
    file: str

    def load(self) -> np.ndarray:
        """RGB uint8 (H, W, 3), as it was taken: one of them is upside down."""
        return open_image((FOLDER / self.file).read_bytes(), name=self.file)


def ocr_samples() -> tuple[OcrSample, ...]:
    """In the order of the menu; none is read before its `load()`."""
    return (
        OcrSample("receipt", "Receipt", "receipt.webp"),
        OcrSample("card", "Business card", "card.webp"),
        OcrSample("newsletter", "Two columns", "newsletter.webp"),
        OcrSample("table", "Price table", "table.webp"),
        OcrSample("code", "Code", "code.webp"),
        OcrSample("poster", "Poster with QR code", "poster.webp"),
        OcrSample("upside_down", "Upside down", "upside_down.webp"),
        OcrSample("hard", "Hard: glare, tiny print", "hard.webp"),
    )
