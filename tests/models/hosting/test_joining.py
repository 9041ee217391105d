"""The address that others join by: never one that leads nowhere, nothing of what a browser made up."""

import re

import cv2
import numpy as np
import pytest
import zxingcpp

from models.hosting import joining


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://192.168.1.5:8501/classifier?k=3#x", "http://192.168.1.5:8501"),
        ("https://room.example:443/", "https://room.example"),
        ("http://[fe80::1]:8501/", "http://[fe80::1]:8501"),
        ("https://user:secret@room.example/", "https://room.example"),
        ("javascript:alert(1)", None),
        ("https://a b/", None),
        ('https://x"><script>/', None),
        ("https://room.example:99999/", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_of_an_address_only_its_origin_is_kept(url: str, shown: str | None) -> None:
    assert joining.origin(url) == shown


@pytest.mark.parametrize(
    ("address", "local"),
    [("http://localhost:8501", True), ("http://127.0.0.1", True), ("http://[::1]:1", True), ("http://10.0.0.1", False)],
)
def test_what_works_on_this_machine_alone(address: str, local: bool) -> None:
    assert joining.is_local(address) is local


@pytest.mark.parametrize("setting", ["demo/room", "/demo/room", "demo/room/", "/demo/room/"])
def test_a_path_is_written_as_addresses_have_it(setting: str) -> None:
    assert joining.base_path(setting) == "/demo/room" and joining.base_path("") == joining.base_path("/") == ""


def test_which_address_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(**changes: object) -> str | None:
        given = {"public": "", "used": "http://localhost:8501/", "serves_all": True, "port": 8501, "https": False}
        return joining.join_address(**{**given, **changes})

    monkeypatch.setattr(joining, "network_address", lambda: "192.168.1.5")
    assert shown(public="https://room.example/") == "https://room.example"
    assert shown(used="http://10.0.0.9:8501/pose") == "http://10.0.0.9:8501"
    assert shown() == "http://192.168.1.5:8501" and shown(https=True) == "https://192.168.1.5:8501"
    assert shown(serves_all=False) is None, "served on this machine alone"
    for path in ("/demo/room", "/x"):
        assert shown(path=path) == f"http://192.168.1.5:8501{path}"
        assert shown(path=path, used="https://room.example/x/y/ocr?k=3") == f"https://room.example{path}"
        assert shown(path=path, public="https://room.example/") == f"https://room.example{path}"
        assert shown(path=path, public="https://room.example/own/way/") == "https://room.example/own/way"
    monkeypatch.setattr(joining, "network_address", lambda: None)
    assert shown() is None, "no network"


def test_the_qr_code_can_be_read_from_the_svg() -> None:
    url = "https://room.example:8501"
    svg = joining.qr_svg(url)
    size = int(re.search(r'viewBox="0 0 (\d+) \d+"', svg)[1])
    modules = np.full((size, size), 255, np.uint8)
    x = y = 0.0
    path = re.search(r'<path[^>]*class="qrline"[^>]* d="([^"]+)"|stroke="#10130c"[^>]* d="([^"]+)"', svg)
    for command, arguments in re.findall(r"([Mmh])([^Mmh]*)", next(filter(None, path.groups()))):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", arguments)]
        if command == "h":
            modules[int(y), int(x) : int(x + numbers[0])] = 0
            x += numbers[0]
        elif command == "M":
            x, y = numbers
        else:
            x, y = x + numbers[0], y + numbers[1]
    picture = cv2.resize(modules, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [url]
