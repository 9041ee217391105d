"""A stranger's zip is listed and read, or refused with words; never does it get more memory than it was given."""

import io
import random
import stat
import struct
import tracemalloc
import warnings
import zipfile
import zlib
from typing import Any

import pytest

from models.errors import BadInput
from models.teachable.keep import archive
from models.teachable.keep.archive import Archive, Member

ENTRY, LOCAL = b"PK\x01\x02", b"PK\x03\x04"


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def patched(data: bytes, header: bytes, offset: int, layout: str, value: int) -> bytes:
    """`data` with another number in the first such header."""
    changed = bytearray(data)
    struct.pack_into(layout, changed, data.index(header) + offset, value)
    return bytes(changed)


def opened(data: bytes, **limits: Any) -> Archive:
    return Archive(data, name="holiday.zip", **limits)


def read_all(data: bytes, **limits: Any) -> dict[str, bytes]:
    made = opened(data, **limits)
    return {member.name: made.read(member.name) for member in made.members}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_out_as_they_were(method: int) -> None:
    files = {"a/Größe 猫.jpg": b"123" * 1000, "b.txt": b"", "c/d/e": bytes(range(256))}
    made = opened(packed(files, method))
    assert made.members == tuple(Member(name, len(content)) for name, content in files.items())
    assert {name: made.read(name) for name in files} == files
    assert "b.txt" in made and "c/d" not in made
    assert made.size("c/d/e") == 256


def test_a_zip_written_as_a_stream_is_read() -> None:
    class Stream(io.RawIOBase):
        """Without seek, zipfile puts the sizes after each file."""

        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, part: Any) -> int:
            self.parts.append(bytes(part))
            return len(part)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a", b"first" * 100)
        made.writestr("b", b"second")
    assert read_all(b"".join(stream.parts)) == {"a": b"first" * 100, "b": b"second"}


def test_an_empty_zip_has_no_files() -> None:
    assert opened(packed({})).members == ()


def test_something_before_the_zip_does_no_harm() -> None:
    assert read_all(b"#!/bin/sh\n" + packed({"a": b"A"})) == {"a": b"A"}


def test_what_systems_add_is_not_there() -> None:
    names = ["a/", "a/1.jpg", "__MACOSX/a/._1.jpg", "a/._1.jpg", "a/.DS_Store", "Thumbs.db", "a/desktop.ini", "a/b/"]
    assert [member.name for member in opened(packed(dict.fromkeys(names, b""))).members] == ["a/1.jpg"]


def test_names_from_macos_are_read_as_utf_8() -> None:
    data = packed({"Äpfel/1.jpg": b"A"})
    unmarked = patched(patched(data, ENTRY, 8, "<H", 0), LOCAL, 6, "<H", 0)
    assert read_all(unmarked) == {"Äpfel/1.jpg": b"A"}


def test_names_from_old_systems_are_read_as_well_as_can_be() -> None:
    data = packed({"Aepfel/1.jpg": b"A"}).replace(b"Aepfel", b"\x8e_pfel")  # Ä in cp437, and no UTF-8
    assert list(read_all(data)) == ["Ä_pfel/1.jpg"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello", "not a zip"),
        (b"\x80\x04\x95" + b"." * 50, "not a zip"),
        (b'{"cells": [], "nbformat": 4}', "not a zip"),
        (b"\xff\xd8\xff\xe0" + b"." * 50, "a picture, not a zip"),
        (b"Rar!\x1a\x07\x00", "a RAR archive, not a zip"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive, not a zip"),
        (b"\x1f\x8b\x08" + b"." * 50, "gzip archive, not a zip"),
        (b"%PDF-1.7", "a PDF, not a zip"),
        (LOCAL + b"." * 500, "damaged or cut short"),
    ],
)
def test_what_is_no_zip_is_told_apart(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=rf"^holiday\.zip .*{words}"):
        opened(data)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_half_a_zip_is_refused(share: float) -> None:
    data = packed({str(n): random.Random(n).randbytes(500) for n in range(10)})
    with pytest.raises(BadInput, match=r"holiday\.zip .*cut short"):
        opened(data[: int(len(data) * share)])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_with_another_content_than_its_checksum_is_refused(method: int) -> None:
    content = random.Random(0).randbytes(1000)
    data = bytearray(packed({"a.bin": content}, method))
    data[500] ^= 1
    with pytest.raises(BadInput, match=r"damaged: a\.bin"):
        read_all(bytes(data))


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2000])
def test_a_locked_zip_is_refused(flags: int) -> None:
    with pytest.raises(BadInput, match="password"):
        opened(patched(packed({"a": b"A"}), ENTRY, 8, "<H", flags))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int) -> None:
    with pytest.raises(BadInput, match="ordinary"):
        opened(packed({"a": b"A" * 100}, method))


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "/../a", "C:/a", "c:a", "..\\a", "C:\\a", "a/..", "..", "\\..\\a", "a\\..\\b", "/C:/a"],
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="leads out"):
        opened(packed({"good.jpg": b"", name: b"A"}))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("cats\\1.jpg", "cats/1.jpg"),
        ("pets\\cats/1.jpg", "pets/cats/1.jpg"),
        ("/cats/1.jpg", "cats/1.jpg"),
        ("//server/share/1.jpg", "server/share/1.jpg"),
        ("\\\\server\\cats\\1.jpg", "server/cats/1.jpg"),
    ],
)
def test_names_are_relative_and_have_forward_slashes(name: str, path: str) -> None:
    assert read_all(packed({name: b"A"})) == {path: b"A"}


def test_folders_are_no_files_however_they_are_written_and_how_often() -> None:
    marked = zipfile.ZipInfo("dogs")
    marked.external_attr = 0x10  # a folder, says DOS
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's, of names that stand twice
        for folder in ("cats/", "cats/", "birds\\", "birds/", "/", marked, marked):
            made.writestr(folder, b"")
        made.writestr("cats/1.jpg", b"A")
    assert read_all(file.getvalue()) == {"cats/1.jpg": b"A"}


def test_a_file_twice_by_another_slash_is_refused() -> None:
    with pytest.raises(BadInput, match=r"two files .*a/1\.jpg"):
        opened(packed({"a/1.jpg": b"A", "a\\1.jpg": b"B"}))


def test_a_name_that_macos_took_apart_is_found_as_it_was_written() -> None:
    made = opened(packed({"cafe\u0301/1.jpg": b"A"}))
    assert made.members == (Member("café/1.jpg", 1),)
    assert "cafe\u0301/1.jpg" in made and made.read("cafe\u0301/1.jpg") == b"A"


def test_names_that_differ_in_how_they_are_composed_are_two_files() -> None:
    assert len(read_all(packed({"café.jpg": b"A", "cafe\u0301.jpg": b"B"}))) == 2


def test_a_name_with_a_nul_is_refused() -> None:
    data = packed({"good.jpgX.exe": b"A"}).replace(b"good.jpgX", b"good.jpg\0")
    with pytest.raises(BadInput, match="leads out"):
        opened(data)


def test_dots_in_a_name_are_no_way_out() -> None:
    assert list(read_all(packed({"a..b/...jpg": b"A", "Tag: 1.jpg": b""}))) == ["a..b/...jpg", "Tag: 1.jpg"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(kind: int) -> None:
    info = zipfile.ZipInfo("innocent.jpg")
    info.external_attr = (kind | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(info, "/etc/passwd")
    with pytest.raises(BadInput, match=r"link.*innocent\.jpg"):
        opened(file.getvalue())


def test_two_files_of_one_name_are_refused() -> None:
    data = packed({"a.jpg": b"A", "b.jpg": b"B"}).replace(b"b.jpg", b"a.jpg")
    with pytest.raises(BadInput, match=r"two files .*a\.jpg"):
        opened(data)


def test_names_are_shown_short_and_on_one_line() -> None:
    with pytest.raises(BadInput) as caught:
        Archive(packed({"../\n\x1b[31m" + "x" * 1000 + ".jpg": b""}), name="my\nzip" + "z" * 500 + ".zip")
    words = str(caught.value)
    assert len(words) < 300 and words.isprintable() and words.startswith("my zipzzz") and ".jpg" in words


# limits


def test_too_many_files_are_counted_before_any_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("zipfile makes an object of every entry")

    data = packed({str(n): b"" for n in range(4)})
    end = data.index(b"PK\x05\x06")
    bomb = data[:end] * 50_000 + data[end:]  # 200,000 entries, of which the end's record knows 4
    monkeypatch.setattr(archive.zipfile, "ZipFile", never)
    with pytest.raises(BadInput, match="more than 100000 files"):
        opened(bomb)
    with pytest.raises(BadInput, match="more than 3 files"):
        opened(data, max_files=3)


def test_as_many_files_as_allowed_are_opened() -> None:
    assert len(opened(packed({str(n): b"" for n in range(4)}), max_files=4).members) == 4


def test_a_bomb_that_tells_its_size_is_refused_unopened() -> None:
    data = packed({"a": bytes(50_000_000)})
    assert len(data) < 60_000
    with pytest.raises(BadInput, match=r"a of 50\.0 MB; 20\.0 MB can be opened"):
        read_all(data)


@pytest.fixture(scope="module")
def gigabyte() -> bytes:
    """A zip of 1 MB whose one file is a gigabyte of zeros and says that it has 1000 bytes."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    stream += block * 1023 + deflate.flush()
    size, crc = 1000, zlib.crc32(bytes(1000))
    about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, crc, len(stream), size, 1, 0)
    table = ENTRY + b"\x14\x00" + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a"
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(table), 31 + len(stream), 0)
    return LOCAL + about + b"a" + stream + table + end


def test_a_bomb_that_lies_about_its_size_is_stopped(gigabyte: bytes) -> None:
    assert len(gigabyte) < 2_000_000
    made = opened(gigabyte)
    assert made.members == (Member("a", 1000),)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="damaged: a in it"):
            made.read("a")
        assert tracemalloc.get_traced_memory()[1] < 3_000_000  # the packed megabyte is copied
    finally:
        tracemalloc.stop()


def test_a_file_shorter_than_it_says_is_refused() -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        data = packed({"a": b"A" * 100}, method)
        with pytest.raises(BadInput, match="damaged"):
            read_all(patched(data, ENTRY, 24, "<I", 101))
        with pytest.raises(BadInput, match="damaged"):
            read_all(patched(data, ENTRY, 24, "<I", 99))


def test_many_files_together_have_a_limit() -> None:
    data = packed({str(n): bytes(1000) for n in range(10)})
    assert len(read_all(data, max_bytes_all=10_000)) == 10
    with pytest.raises(BadInput, match="unpacks to more"):
        read_all(data, max_bytes_all=9_999)


def test_one_file_may_have_a_limit_of_its_own() -> None:
    made = opened(packed({"a": bytes(1000)}), max_bytes_each=1000)
    assert made.read("a", 1000) == made.read("a", 10**9) == bytes(1000)
    with pytest.raises(BadInput, match="can be opened"):
        made.read("a", 999)


def test_files_that_share_their_bytes_are_refused() -> None:
    data = packed({"a": bytes(100_000), "b": b""})
    table = data.rindex(ENTRY)
    aliased = bytearray(data)
    aliased[table + 10 : table + 46] = data[data.index(ENTRY) + 10 : data.index(ENTRY) + 46]  # b is where a is
    with pytest.raises(BadInput, match="overlap"):
        opened(bytes(aliased))


def test_a_file_within_another_is_refused() -> None:
    inner = packed({"b": bytes(100_000)})
    local = inner[: inner.index(ENTRY)]
    data = packed({"a": local, "b": bytes(100_000)}, zipfile.ZIP_STORED)
    quine = bytearray(data)
    table = data.rindex(ENTRY)
    quine[table + 10 : table + 42] = inner[inner.index(ENTRY) + 10 : inner.index(ENTRY) + 42]
    struct.pack_into("<I", quine, table + 42, data.index(local))
    with pytest.raises(BadInput, match="overlap"):
        opened(bytes(quine))


def test_a_file_that_is_not_where_the_table_says_is_refused() -> None:
    for place in (1, 50, 2**31):
        with pytest.raises(BadInput, match="can't be found"):
            opened(patched(packed({"a": b"A"}), ENTRY, 42, "<I", place))


def test_a_file_that_is_not_there_is_asked_for_in_vain() -> None:
    with pytest.raises(BadInput, match=r"lacks b\.jpg"):
        opened(packed({"a.jpg": b""})).read("b.jpg")


def test_any_damage_gives_the_files_or_words() -> None:
    files = {"a/1.jpg": random.Random(0).randbytes(60), "b/2.jpg": b"B" * 300, "c.txt": b"C"}
    whole = packed(files)
    rng = random.Random(1)
    refused = 0
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 1, 2, 8])):
            data[rng.randrange(len(data))] = rng.choice([0, 1, 0x7F, 0xFF, rng.randrange(256)])
        if rng.random() < 0.1:
            data = data[: rng.randrange(len(data))]
        try:
            contents = read_all(bytes(data))
        except BadInput:
            refused += 1
        else:
            assert set(contents.values()) <= set(files.values())
    assert 500 < refused < 1500
