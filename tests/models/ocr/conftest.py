"""The reader and its two stages, loaded once for all tests of OCR."""

import pytest

from models.cache import ModelCache
from models.ocr.lines.detection import TextFinder
from models.ocr.lines.networks import DETECTION, RECOGNITION, cores, text_detector, text_recognizer
from models.ocr.lines.recognition import LineReader
from models.ocr.ppocr import PPOCR


@pytest.fixture(scope="session")
def model() -> PPOCR:
    return ModelCache(10**9).get("ppocr")


@pytest.fixture(scope="session")
def finder() -> TextFinder:
    return TextFinder(text_detector(DETECTION, cores()))


@pytest.fixture(scope="session")
def reader() -> LineReader:
    return LineReader(text_recognizer(RECOGNITION, cores()))
