"""Archive: a stranger's zip, read in memory and with limits. No name in it ever reaches a file system.

The table of contents is zipfile's. The bytes are unpacked here, because a member must be exactly as long as the table
says: a header that lies is refused after one byte too many, however far the bomb behind it would go.
"""

import io
import itertools
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass

from models.errors import BadInput
from models.teachable.keep import entry_names
from models.teachable.names import cut, tidied

_ENTRY = b"PK\x01\x02"  # begins each line of the table of contents
_LOCAL = b"PK\x03\x04"  # begins each member
_LOCAL_SIZE = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_DOS_FOLDER = 0x10

# Files people pick by mistake, by how they begin.
_NOT_ZIPS: tuple[tuple[bytes | tuple[bytes, ...], str], ...] = (
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    ((b"\x1f\x8b", b"BZh", b"\xfd7zXZ"), "a tar or gzip archive"),
    ((b"\xff\xd8\xff", b"\x89PNG", b"GIF8"), "a picture"),
    (b"%PDF", "a PDF"),
)


@dataclass(frozen=True)
class Member:
    """One file in the archive: its path, composed (NFC) and with forward slashes, and its bytes when unpacked, as the
    archive says."""

    name: str
    size: int


@dataclass(frozen=True)
class _Place:
    start: int
    end: int
    deflated: bool
    crc: int


class Archive:
    """The files in a zip; `members` in its order, without folders and what macOS and Windows add by themselves.

    At most `max_files` entries; `read` gives at most `max_bytes_each` for one member and `max_bytes_all` for all
    that is read. Raises BadInput, naming the archive by `name`, for what is no zip, is damaged, encrypted, packed in
    another way than usual, or has members that overlap, are no ordinary files, or have odd names.
    """

    def __init__(
        self,
        data: bytes,
        *,
        name: str = "file",
        max_files: int = 100_000,
        max_bytes_each: int = 20_000_000,
        max_bytes_all: int = 500_000_000,
    ) -> None:
        self.name = shown(name)
        self._data = data
        self._max_bytes_each, self._max_bytes_all = max_bytes_each, max_bytes_all
        self._read = 0
        self._places: dict[str, _Place] = {}
        members = []
        table = self._table(max_files)
        for info, path in zip(table, map(_with_slashes, entry_names.names(table)), strict=True):
            self._check(info, path)
            if _is_folder(info, path):
                continue  # it has no bytes, and may stand there twice
            path = path if (composed := _composed(path)) in self._places else composed
            if path in self._places:
                raise self._bad(f"holds two files that are called {shown(path)}", "Pack it again with your system.")
            self._places[path] = self._place(info, path)
            if not _is_litter(path):
                members.append(Member(path, info.file_size))
        self._check_overlaps()
        self.members: tuple[Member, ...] = tuple(members)
        self._sizes = {member.name: member.size for member in members}

    def __contains__(self, member: object) -> bool:
        return isinstance(member, str) and self._own(member) in self._sizes

    def size(self, member: str) -> int:
        """How many bytes the archive says it has. Raises BadInput when it is not there."""
        if member not in self:
            raise self._bad(f"lacks {shown(member)}", "It was changed or cut short; export it again.")
        return self._sizes[self._own(member)]

    def read(self, member: str, max_bytes: int | None = None) -> bytes:
        """One member's bytes, `max_bytes` of them at most. Raises BadInput when it is not there, too large, damaged,
        or longer or shorter than the archive says."""
        size = self.size(member)
        most = self._max_bytes_each if max_bytes is None else min(max_bytes, self._max_bytes_each)
        if size > most:
            raise self._bad(f"holds {shown(member)} of {_mb(size)}; {_mb(most)} can be opened", "Make it smaller.")
        if self._read + size > self._max_bytes_all:
            raise self._bad(f"unpacks to more than the {_mb(self._max_bytes_all)} that can be opened", "Pack less.")
        self._read += size
        place = self._places[self._own(member)]
        packed = memoryview(self._data)[place.start : place.end]
        content, whole = _inflated(packed, size) if place.deflated else (bytes(packed), True)
        if not whole or len(content) != size or zlib.crc32(content) != place.crc:
            raise self._bad(f"is damaged: {shown(member)} in it can't be unpacked", "Download or pack it again.")
        return content

    def _own(self, member: str) -> str:
        """What a member is called here: macOS may have taken its é apart since its name was written down."""
        return member if member in self._sizes else _composed(member)

    def _bad(self, what: str, advice: str) -> BadInput:
        return BadInput(f"{self.name} {what}. {advice}".strip())

    def _table(self, max_files: int) -> list[zipfile.ZipInfo]:
        # Whatever the end record says, zipfile makes an object of every entry it finds: so entries are counted first.
        if self._data.count(_ENTRY) > max_files:
            raise self._bad(f"holds more than {max_files} files", "Pack fewer.")
        try:
            with zipfile.ZipFile(io.BytesIO(self._data)) as table:
                return table.infolist()
        except Exception as error:  # BadZipFile, NotImplementedError, ValueError, struct.error, UnicodeDecodeError …
            raise self._diagnosis() from error

    def _diagnosis(self) -> BadInput:
        if not self._data:
            return self._bad("is empty (0 bytes)", "Pick it again.")
        if self._data.startswith(_LOCAL) or _ENTRY in self._data:
            return self._bad("looks like a zip file, but is damaged or cut short", "Download or pack it again.")
        what = next((f"{what}, not" for magic, what in _NOT_ZIPS if self._data.startswith(magic)), "not")
        return self._bad(f"is {what} a zip file", "Only a .zip can be opened here.")

    def _check(self, info: zipfile.ZipInfo, path: str) -> None:
        parts = path.split("/")
        if ".." in parts or "\0" in path or re.match("[A-Za-z]:", path):
            raise self._bad(
                f"holds a file whose name leads out of its folder: {shown(path)}", "Pack it again with your system."
            )
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise self._bad(f"holds a link, not a file: {shown(path)}", "Pack the files themselves.")
        if info.flag_bits & _ENCRYPTED:
            raise self._bad("is locked with a password", "Pack it again without one.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._bad("is packed in a way that can't be opened here", "Pack it again as an ordinary .zip.")

    def _place(self, info: zipfile.ZipInfo, path: str) -> _Place:
        """Where its bytes are; they begin after a second header, which has lengths of its own."""
        at = info.header_offset
        if 0 <= at <= len(self._data) - _LOCAL_SIZE and self._data.startswith(_LOCAL, at):
            name_size, extra_size = struct.unpack_from("<HH", self._data, at + 26)
            start = at + _LOCAL_SIZE + name_size + extra_size
            if start + info.compress_size <= len(self._data):
                return _Place(start, start + info.compress_size, info.compress_type == zipfile.ZIP_DEFLATED, info.CRC)
        raise self._bad(f"is damaged or cut short: {shown(path)} in it can't be found", "Download or pack it again.")

    def _check_overlaps(self) -> None:
        """Bombs without nesting let many entries unpack the same bytes (Fifield, 2019)."""
        places = sorted(self._places.values(), key=lambda place: place.start)
        for one, other in itertools.pairwise(places):
            if other.start - _LOCAL_SIZE < one.end:
                raise self._bad("is damaged, or made to do harm: files in it overlap", "Pack it again.")


def shown(name: str) -> str:
    """A stranger's file name as a message may show it: on one line and short, its end kept."""
    name = tidied(name[:2000]) or "(no name)"
    return name if len(name) <= 80 else f"{cut(name, 50, 50)}…{name[-29:]}"


def _with_slashes(path: str) -> str:
    """Below the folder that it is unpacked into, as unpackers do; some on Windows pack with backslashes."""
    return path.replace("\\", "/").lstrip("/")


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _is_folder(info: zipfile.ZipInfo, path: str) -> bool:
    """Some write folders without a slash at the end, but say so otherwise."""
    marked = stat.S_ISDIR(info.external_attr >> 16) or bool(info.external_attr & _DOS_FOLDER)
    return not path or path.endswith("/") or (marked and info.file_size == 0)


def _inflated(packed: memoryview, size: int) -> tuple[bytes, bool]:
    """At most `size` + 1 bytes of a deflate stream, and whether it ended there and nothing comes after it."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflate.decompress(packed, size + 1)
    except zlib.error:
        return b"", False
    return content, inflate.eof and not inflate.unused_data


def _is_litter(path: str) -> bool:
    *folders, file = path.split("/")
    return "__MACOSX" in folders or file.startswith("._") or file.lower() in (".ds_store", "thumbs.db", "desktop.ini")


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
