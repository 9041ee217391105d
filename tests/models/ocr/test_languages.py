"""Which scripts need another network, the rows that fetch one, and lines written from right to left."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import onnxruntime
import pytest
import rapidocr
import yaml
from PIL import Image, ImageDraw, ImageFont

from models.cache import ModelCache
from models.catalog import CATALOG, of_task
from models.errors import ModelFailed, WrongContent
from models.ocr.languages import RECOGNITION_NETWORKS, RecognitionNetwork

PACKAGE = Path(rapidocr.__file__).parent
BUNDLED = PACKAGE / "models" / "PP-OCRv6_rec_small.onnx"
each_network = pytest.mark.parametrize("network", RECOGNITION_NETWORKS, ids=lambda network: network.name)


@pytest.fixture(scope="module")
def alphabet() -> set[str]:
    """Of the bundled network."""
    session = onnxruntime.InferenceSession(str(BUNDLED), providers=["CPUExecutionProvider"])
    return set(session.get_modelmeta().custom_metadata_map["character"].split("\n"))


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    """rapidocr's own table of models for onnxruntime."""
    content = yaml.load((PACKAGE / "default_models.yaml").read_text("utf-8"), yaml.CSafeLoader)
    return content["onnxruntime"]


# Which languages need one

COVERED = {
    "Swedish": "åäöÅÄÖ",
    "German": "äöüßÄÖÜ€",
    "French": "àâæçéèêëîïôœùûüÿÇÉ«»",
    "Spanish": "áéíñóúü¿",
    "Polish": "ąćęłńóśźżŁŻ",
    "Czech": "áčďéěíňóřšťúůýž",
    "Romanian": "ăâîșțŞţ",
    "Turkish": "çğıİöşü",
    "Icelandic": "áðéíóúýþæö",
    "Chinese": "中文汉字漢語圖書館",
    "Japanese": "ひらがなカタカナ日本語ー。",
}
NOT_COVERED = {
    "ppocr-arabic": "العربية",
    "ppocr-cyrillic": "Ђљњћџ",
    "ppocr-devanagari": "हिन्दी",
    "ppocr-east-slavic": "Русскийїўґ",
    "ppocr-greek": "άέήίόύώ",
    "ppocr-kannada": "ಕನ್ನಡ",
    "ppocr-korean": "한국어",
    "ppocr-tamil": "தமிழ்",
    "ppocr-telugu": "తెలుగు",
    "ppocr-thai": "ภาษาไทย",
}


@pytest.mark.parametrize("language", COVERED)
def test_the_bundled_network_reads_languages_of_latin_letters_chinese_and_japanese(
    alphabet: set[str], language: str
) -> None:
    assert set(COVERED[language]) <= alphabet


def test_every_network_is_for_letters_that_the_bundled_one_does_not_have(alphabet: set[str]) -> None:
    assert {network.name for network in RECOGNITION_NETWORKS} == set(NOT_COVERED)
    for name, letters in NOT_COVERED.items():
        assert not set(letters) & alphabet, name


# The rows


@each_network
def test_address_and_hash_are_those_of_the_package(network: RecognitionNetwork, table: dict[str, Any]) -> None:
    row = table[network.version]["rec"][network.key]
    assert (network.file.url, network.file.sha256) == (row["model_dir"], row["SHA256"])
    assert network.file.filename == Path(urlsplit(row["model_dir"]).path).name


def test_no_newer_network_of_the_package_is_left_out(table: dict[str, Any]) -> None:
    # Chinese, English and Latin letters are what the bundled one reads
    offered = {network.key for network in RECOGNITION_NETWORKS}
    newer = {key for key in table["PP-OCRv5"]["rec"] if key.split("_")[0] not in ("ch", "en", "latin")}
    assert newer <= offered


def test_the_catalogue_tells_the_languages_after_the_bundled_models() -> None:
    names = [entry.name for entry in of_task("text recognition")]
    assert [name for name in names if name in NOT_COVERED] == [network.name for network in RECOGNITION_NETWORKS]
    for network in RECOGNITION_NETWORKS:
        entry = CATALOG[network.name]
        assert network.languages in entry.note and entry.title == f"{network.version} {network.script}"
        assert entry.file == network.file and entry.download_mb in (8, 13)


# Catalogue → download → load → read, with the bundled file in place of the one on the internet


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    """The address of the package's folder of models, served from this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(BUNDLED.parent))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def cache_of(file: str, site: str, folder: Path, **changes: Any) -> ModelCache:
    """A cache with the Greek row, whose file is another one at the site."""
    content = (BUNDLED.parent / file).read_bytes()
    row = {"url": f"{site}/{file}", "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), **changes}
    entry = CATALOG["ppocr-greek"]
    return ModelCache(10**9, folder=folder, catalog={entry.name: replace(entry, file=replace(entry.file, **row))})


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    """uint8 (160, 640, 3): two lines, black on white."""
    image = Image.new("RGB", (640, 160), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(36)
    draw.text((30, 20), "Limelight reads 42 lines", "black", font)
    draw.text((30, 90), "downloaded on a click", "black", font)
    return np.asarray(image)


def test_a_network_is_fetched_loaded_and_reads(site: str, tmp_path: Path, page: np.ndarray) -> None:
    cache = cache_of(BUNDLED.name, site, tmp_path)
    assert cache.needs_download("ppocr-greek")
    boxes = cache.get("ppocr-greek").predict(page)
    assert [box.text for box in boxes] == ["Limelight reads 42 lines", "downloaded on a click"]
    assert not cache.needs_download("ppocr-greek")
    assert (tmp_path / "el_PP-OCRv5_rec_mobile.onnx").stat().st_size == BUNDLED.stat().st_size


def test_a_file_with_another_hash_is_refused_and_not_kept(site: str, tmp_path: Path) -> None:
    cache = cache_of(BUNDLED.name, site, tmp_path, sha256="0" * 64)
    with pytest.raises(WrongContent, match=r"el_PP-OCRv5_rec_mobile\.onnx"):
        cache.get("ppocr-greek")
    assert not list(tmp_path.glob("*.onnx*part")) and cache.needs_download("ppocr-greek")


def test_a_network_without_an_alphabet_does_not_load(site: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFailed):
        cache_of("ch_ppocr_mobile_v2.0_cls_mobile.onnx", site, tmp_path).get("ppocr-greek")
