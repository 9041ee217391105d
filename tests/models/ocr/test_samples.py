"""The samples open, are small, and hold what the page promises of them."""

import numpy as np
import pytest
import zxingcpp

from models.ocr.prepare.steps import skew
from models.ocr.samples import FOLDER, ocr_samples
from models.pictures.images import SamplePicture

SAMPLES = {sample.name: sample for sample in ocr_samples()}
every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))


@every_sample
def test_opens_at_a_size_that_is_read_well_and_soon(sample: SamplePicture) -> None:
    rgb = sample.load()
    assert rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3
    assert min(rgb.shape[:2]) >= 600 and max(rgb.shape[:2]) <= 1500 and rgb.std() > 15


def test_the_table_names_every_file_once_and_has_titles_for_buttons() -> None:
    assert len(SAMPLES) == len(ocr_samples()) == 11
    assert {sample.file for sample in ocr_samples()} == {path.name for path in FOLDER.glob("*.webp")}
    titles = {sample.title for sample in ocr_samples()}
    assert len(titles) == 11 and all(0 < len(title) <= 24 for title in titles)


def test_all_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 400_000


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [("poster", "QR Code", "https://example.org/night-walk"), ("receipt", "ITF", "731004127920")],
)
def test_codes_can_be_scanned(name: str, kind: str, text: str) -> None:
    [code] = zxingcpp.read_barcodes(SAMPLES[name].load())
    assert (str(code.format), code.text) == (kind, text)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("newsletter", -0.1, 0.1), ("card", -2.5, -1.2), ("hard", -3.7, -1), ("receipt", -1, 2.9)],
)
def test_lines_slope_as_the_sheet_was_laid(name: str, least: float, most: float) -> None:
    assert least <= skew(SAMPLES[name].load()) <= most, "between the slopes of its upper and its lower edge"
