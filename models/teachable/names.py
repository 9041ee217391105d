"""Names of classes and projects, as visitors type them and folders bring them: tidied, compared, cut, told apart."""

import unicodedata
from collections.abc import Callable
from itertools import islice

import regex  # its tables of Unicode are newer than Python's, and it knows grapheme clusters

MAX_NAME_LETTERS = 40  # letters as a reader counts them: grapheme clusters (Unicode, UAX #29)
MAX_POINTS = 16  # code points of one of them; the longest emoji has 10
MAX_TYPED = 200  # UTF-16 units that a box for a name takes: 40 emoji, and what is left of a longer text is seen at once

# What can't be seen goes, but for these, without which something else is seen.
_INVISIBLE = regex.compile(
    r"""(?x)
    (?P<needed>
      \U0001F3F4 [\U000E0020-\U000E007E]+ \U000E007F                        # flags of regions: tags after a black flag
    | (?<=\p{Emoji}) [\uFE0E\uFE0F]                                         # an emoji as text or in colour
    | (?<=\p{ExtPict} [\uFE0F\p{Emoji_Modifier}]{0,2}) \u200D (?=\p{ExtPict})  # joined emoji
    | (?<=\p{ccc=9}) [\u200C\u200D] | \u200D (?=\p{ccc=9})                  # conjuncts of Indic scripts
    | (?<=[\p{JT=L}\p{JT=D}] \p{JT=T}{0,8}) \u200C (?=\p{JT=T}{0,8} [\p{JT=R}\p{JT=D}])  # Persian, as in RFC 5892, A.1
    | (?<=\p{Han}) [\uFE00-\uFE02\U000E0100-\U000E01EF]                     # forms of a Chinese character
    | (?<=\p{Mongolian}) [\u180B-\u180F]
    )
    | \p{Default_Ignorable_Code_Point}                                      # controls of direction are among these
    """
)
_BLANK = regex.compile(r"(?V1)[[\p{C}\p{Z}\u2800\s]--[\p{Default_Ignorable_Code_Point}\p{ExtPict}]]+")
_STRAY_MARKS = regex.compile(r"^[\p{M}\s]+")
_CLUSTER = regex.compile(r"\X")
_FORM_OF_EMOJI = str.maketrans("", "", "\ufe0e\ufe0f")


def clean(name: str) -> str:
    """On one line, composed (NFC), without what can't be seen, at most MAX_NAME_LETTERS letters; empty where nothing is
    left to see."""
    return cut(tidied(name))


def tidied(name: str) -> str:
    """The same, however long."""
    visible = _INVISIBLE.sub(lambda found: found["needed"] or "", name)
    one_line = _BLANK.sub(" ", unicodedata.normalize("NFC", visible)).strip()
    return _STRAY_MARKS.sub("", one_line)


def cut(name: str, most: int = MAX_NAME_LETTERS, max_points: int = MAX_NAME_LETTERS * MAX_POINTS) -> str:
    """Its first letters, `most` of them and `max_points` code points; no letter in halves."""
    kept = ""
    for cluster in islice(_CLUSTER.finditer(name), most):
        letter = cluster.group()[:MAX_POINTS]  # nobody's is longer: heaped-up marks, which would hide their neighbours
        if len(kept) + len(letter) > max_points:
            break
        kept += letter
    return kept.strip().rstrip("\u200d")


def middle_cut(name: str) -> str:
    """Its first and its last letters around an ellipsis, MAX_NAME_LETTERS in all: for names that begin alike."""
    letters = _CLUSTER.findall(name)
    half = MAX_NAME_LETTERS // 2
    return cut(f"{''.join(letters[: half - 1]).strip()}…{''.join(letters[-half:]).strip()}")


def alike(name: str) -> str:
    """What two tidied names share that a reader takes for one: other capitals, composed or not, full or half width, an
    emoji as text or in colour. (Unicode 3.13, D145: canonical caseless matching.)"""
    wide = "".join(map(_of_common_width, unicodedata.normalize("NFC", name))).translate(_FORM_OF_EMOJI)
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", wide).casefold())
    return " ".join(folded.split())


def distinct(name: str, is_taken: Callable[[str], bool]) -> str:
    """The name, or where it is taken the name with the first number from 2 on that is not."""
    number, free = 1, name
    while is_taken(free):
        number += 1
        free = f"{cut(name, MAX_NAME_LETTERS - 4)} {number}"
    return free


def _of_common_width(char: str) -> str:
    kind, _, code = unicodedata.decomposition(char).partition(" ")
    return chr(int(code, 16)) if kind in ("<wide>", "<narrow>") else char
