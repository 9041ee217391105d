"""Small JPEGs are made once, and go by the picture alone."""

import pytest

from components.remembered import Recent
from components.teachable import thumbs
from models.pictures.images import sample_pictures, to_jpeg


def test_a_picture_is_made_small_once(monkeypatch: pytest.MonkeyPatch) -> None:
    jpeg = to_jpeg(sample_pictures()[0].load()[:224, :224])
    first = thumbs.thumb_base64(jpeg, 80)
    monkeypatch.setattr(thumbs, "thumb", lambda *_: pytest.fail("made again"))
    assert thumbs.thumb_base64(bytes(bytearray(jpeg)), 80) == first


def test_small_pictures_are_kept_up_to_a_bound_the_latest_used_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []
    monkeypatch.setattr(thumbs, "_thumbs", Recent(3))
    monkeypatch.setattr(thumbs, "thumb", lambda jpeg, side: made.append(jpeg) or jpeg)
    for jpeg in (b"a", b"b", b"c", b"a", b"d", b"a", b"b"):
        thumbs.thumb_base64(jpeg, 8)
    assert made == [b"a", b"b", b"c", b"d", b"b"]
