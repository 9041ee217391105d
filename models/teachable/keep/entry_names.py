"""What the entries of a zip are called, also where nothing says in which code page their names were written.

A zip says of an entry that its name is UTF-8, or adds the name in UTF-8 (Info-ZIP's Unicode Path: APPNOTE 4.6.9).
Otherwise the bytes are those of the system that packed it. All of one zip are of one code page: the one in which their
words look most like words.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from itertools import islice

import regex

_UTF8 = 0x800  # flag: the name is UTF-8
_UNICODE_PATH = 0x7075

CODE_PAGES = ("utf-8", "cp437", "cp850", "cp852", "cp866", "cp932", "cp1252", "cp1251", "gb2312")
"""The first of those that do equally well is taken. Korean is not among them: most of it can be read as Chinese."""

MAX_NAMES_READ = 500  # names of a zip from which the code page is guessed

_BREAK = regex.compile(r"(?V1)[\p{ASCII}--\p{L}–—’…]+")
_LATIN = regex.compile(r"\p{Latin}+")
_CYRILLIC = regex.compile(r"\p{Cyrillic}+")
_CHINESE_OR_JAPANESE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー々A-Za-z]+")
_CASES = regex.compile(r"\p{Lu}?\p{Ll}+|\p{Lu}+")  # as most words are written
_VOWEL = regex.compile(r"(?i)[аеёиоуыэюяіїєў]")
_NARROW = regex.compile(r"[\uFF66-\uFF9F]")  # katakana of a single byte


def names(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Each entry's path as it was meant, its separators as they are."""
    # zipfile takes unmarked bytes for cp437, which has a character for each; `filename` would end at a NUL
    written = [None if one.flag_bits & _UTF8 else one.orig_filename.encode("cp437") for one in entries]
    page = _code_page(raw for raw in written if raw is not None and not raw.isascii())
    found = []
    for one, raw in zip(entries, written, strict=True):
        if raw is None:
            found.append(one.orig_filename)
        else:
            added = _unicode_path(one.extra, raw)
            found.append(_decoded(raw, page) if added is None else added)
    return found


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in an entry's extra fields, if it was added to this very name, which its checksum says."""
    while len(extra) >= 4:
        field, size = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + size], extra[4 + size :]
        if field == _UNICODE_PATH and len(content) == size >= 5:
            version, crc = struct.unpack_from("<BL", content)
            if version == 1 and crc == zlib.crc32(raw):
                try:
                    return content[5:].decode("utf-8")
                except UnicodeDecodeError:
                    return None
    return None


def _code_page(written: Iterable[bytes]) -> str:
    seen = list(islice(dict.fromkeys(written), MAX_NAMES_READ))
    if all(_in(raw, "utf-8") is not None for raw in seen):
        return "utf-8"  # nothing else comes out as UTF-8 by chance
    return max(CODE_PAGES[1:], key=lambda page: _plausible(seen, page))


def _decoded(raw: bytes, page: str) -> str:
    found = (_in(raw, one) for one in (page, "utf-8", "cp437"))
    return next(text for text in found if text is not None)


def _in(raw: bytes, page: str) -> str | None:
    try:
        return raw.decode(page)
    except UnicodeDecodeError:
        return None


def _plausible(written: Sequence[bytes], page: str) -> float:
    """How much these names look like words in that code page, 0..1; a name that it can't have counts as 0."""
    scores = []
    for raw in written:
        words = [word for word in _BREAK.split(_in(raw, page) or "�") if word and not word.isascii()]
        scores.append(sum(map(_word_score, words)) / max(1, len(words)))
    return sum(scores) / len(scores)


def _word_score(word: str) -> float:
    """1 for a word of one script, less for each oddity, 0 for anything else."""
    has_ascii = any(char.isascii() for char in word)
    if _LATIN.fullmatch(word):
        odd = [not _CASES.fullmatch(word), not has_ascii and len(word) > 1]
    elif _CYRILLIC.fullmatch(word):
        odd = [not _CASES.fullmatch(word), not _VOWEL.search(word) and len(word) > 1]
    elif _CHINESE_OR_JAPANESE.fullmatch(word):
        odd = [_NARROW.search(word) is not None]
        return (0.6 if has_ascii else 1.0) * 0.5 ** sum(odd)
    else:
        return 0.0
    return 0.5 ** sum(odd)
