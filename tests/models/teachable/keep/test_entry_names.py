"""Names of entries come out as they were written, whatever system and program wrote them into the zip."""

import io
import random
import struct
import zipfile
import zlib

import pytest

from models.teachable.keep import entry_names
from models.teachable.keep.archive import Archive

FLAG_AT = {b"PK\x01\x02": 8, b"PK\x03\x04": 6}


def written(page: str, *names: str, extra: bytes = b"") -> bytes:
    """A zip whose names stand there in that code page, with nothing that says so."""
    standins = [chr(97 + number) * len(name.encode(page)) for number, name in enumerate(names)]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for standin in standins:
            info = zipfile.ZipInfo(standin)
            info.extra = extra
            made.writestr(info, b"")
    data = file.getvalue()
    for standin, name in zip(standins, names, strict=True):
        data = data.replace(standin.encode(), name.encode(page))
    return data


def found(data: bytes) -> list[str]:
    return [member.name for member in Archive(data).members]


PACKED = [
    ("cp866", ["Кошки/1.jpg", "Собаки/1.jpg"]),
    ("cp866", ["КОТ/IMG_1.JPG", "да/снимок 2.jpg"]),
    ("cp866", ["Українська їжа/фото.jpg"]),
    ("cp932", ["猫/1.jpg", "犬/1.jpg"]),
    ("cp932", ["りんご/写真1.jpg", "バナナ/写真2.jpg"]),
    ("cp932", ["ソース表/能.jpg"]),  # whose last bytes are those of a backslash
    ("cp437", ["Größe/1.jpg", "Äpfel/1.jpg"]),
    ("cp437", ["forêt/été.jpg", "à/é.jpg"]),
    ("cp850", ["smørrebrød/1.jpg", "São Paulo/1.jpg"]),
    ("cp852", ["žluťoučký kůň/1.jpg", "Żółw/1.jpg"]),
    ("cp1252", ["Größe/1.jpg", "Äpfel/1.jpg"]),
    ("cp1251", ["Кошки/1.jpg", "собаки/1.jpg"]),
    ("gb2312", ["苹果/1.jpg", "香蕉/1.jpg"]),
    ("utf-8", ["Äpfel/1.jpg", "猫/1.jpg", "Кошки/1.jpg", "👩‍🏫/1.jpg"]),
]


@pytest.mark.parametrize(("page", "names"), PACKED, ids=[f"{page} {names[0]}" for page, names in PACKED])
def test_the_code_page_is_seen_from_the_words(page: str, names: list[str]) -> None:
    assert found(written(page, *names)) == names


def unicode_path(name: str, of: bytes, version: int = 1) -> bytes:
    content = struct.pack("<BL", version, zlib.crc32(of)) + name.encode()
    return struct.pack("<HH", 0x7075, len(content)) + content


def with_extra(extra: bytes) -> bytes:
    return written("ascii", "_____/1.jpg", extra=extra)


def test_a_name_that_was_added_in_utf_8_is_the_name() -> None:
    added = unicode_path("Кошки\\1.jpg", b"0" * 11)
    other = struct.pack("<HHL", 0x9999, 4, 1)
    for extra in (added, other + added, added + other):
        (info,) = zipfile.ZipFile(io.BytesIO(written("ascii", "x" * 11, extra=extra))).infolist()
        info.orig_filename = "0" * 11
        assert entry_names.names([info]) == ["Кошки\\1.jpg"]


def test_so_it_is_in_a_zip() -> None:
    assert found(with_extra(unicode_path("Кошки/1.jpg", b"_____/1.jpg"))) == ["Кошки/1.jpg"]


@pytest.mark.parametrize(
    "extra",
    [
        unicode_path("Кошки/1.jpg", b"another name"),
        unicode_path("Кошки/1.jpg", b"_____/1.jpg", version=2),
        struct.pack("<HHB", 0x7075, 1, 1),
        struct.pack("<HHBL", 0x7075, 7, 1, zlib.crc32(b"_____/1.jpg")) + b"\xff\xfe",
    ],
    ids=["renamed since", "of a later version", "empty", "no UTF-8"],
)
def test_an_added_name_that_is_of_no_use_is_left(extra: bytes) -> None:
    assert found(with_extra(extra)) == ["_____/1.jpg"]


def test_an_added_name_leads_nowhere_else() -> None:
    with pytest.raises(Exception, match="leads out"):
        found(with_extra(unicode_path("../../1.jpg", b"_____/1.jpg")))


def test_a_marked_name_is_taken_as_it_is() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("Größe/猫.jpg", b"")
    assert found(file.getvalue()) == ["Größe/猫.jpg"]


def test_bytes_of_no_code_page_give_some_name() -> None:
    dice = random.Random(0)
    for _ in range(200):
        raw = bytes(dice.randrange(1, 256) for _ in range(8))
        info = zipfile.ZipInfo("x")
        info.orig_filename = raw.decode("cp437")
        (name,) = entry_names.names([info])
        assert name
