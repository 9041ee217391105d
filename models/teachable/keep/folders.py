"""A zip of folders of pictures: every folder a class. They are opened later, by models.pictures.images.open_image."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from models.errors import BadInput
from models.teachable.classes import MAX_CLASSES, MAX_SAMPLES
from models.teachable.keep.archive import Archive, Member, shown
from models.teachable.names import alike, cut, distinct, middle_cut, tidied

PICTURES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif")
"""How names of pictures end. HEIC is among them, for open_image says how to make another of it."""

MAX_NAMED = 3  # in a message about several


@dataclass(frozen=True)
class Folders:
    """Pictures by class: (file's name, its bytes), in order of their names; and what was left out, a sentence each."""

    classes: dict[str, list[tuple[str, bytes]]]
    left_out: tuple[str, ...] = ()


def folders(data: bytes, *, name: str, max_bytes_each: int = 20_000_000, max_bytes_all: int = 500_000_000) -> Folders:
    """The pictures in a zip by the innermost folder's name; those in no folder below the common one by the zip's own.

    Left out, and reported: what is no picture, pictures that are damaged or over `max_bytes_each`, folders past
    MAX_CLASSES and pictures past MAX_SAMPLES of a class. Raises BadInput where Archive does, without any picture, and
    when what is left comes to more than `max_bytes_all`.
    """
    archive = Archive(data, name=name, max_bytes_each=max_bytes_each, max_bytes_all=max_bytes_all)
    pictures = [member for member in archive.members if member.name.lower().endswith(PICTURES)]
    if not pictures:
        raise BadInput(
            f"There are no pictures in {archive.name}. Pack folders of pictures, JPEG or PNG: every folder becomes a "
            "class."
        )
    left_out = _LeftOut()
    others = [member.name for member in archive.members if not member.name.lower().endswith(PICTURES)]
    left_out.files(others, "not a picture", "not pictures")
    large = [member.name for member in pictures if member.size > max_bytes_each]
    most = f"larger than {max_bytes_each / 1e6:.0f} MB"
    left_out.files(large, most, most)
    chosen = _limited(_by_class([m for m in pictures if m.size <= max_bytes_each], name), left_out)
    total = sum(member.size for members in chosen.values() for member in members)
    if total > max_bytes_all:
        raise BadInput(
            f"The pictures in {archive.name} come to {total / 1e6:.0f} MB, and at most {max_bytes_all / 1e6:.0f} MB "
            "can be taken at a time. Upload it in parts, or scale the pictures down."
        )
    classes: dict[str, list[tuple[str, bytes]]] = {}
    damaged = []
    for of_class, members in chosen.items():
        for member in members:
            try:
                content = archive.read(member.name)
            except BadInput:  # the limits were checked above
                damaged.append(member.name)
            else:
                classes.setdefault(of_class, []).append((_file(member.name), content))
    left_out.files(damaged, "damaged", "damaged")
    if not classes:
        raise BadInput(f"No picture in {archive.name} can be used. {' '.join(left_out.words)}")
    return Folders(classes, tuple(left_out.words))


class _LeftOut:
    """What was left out, in words for the visitor."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def files(self, names: Sequence[str], why: str, why_many: str) -> None:
        """These were, because each is `why`."""
        if len(names) == 1:
            self.words.append(f"1 file was left out because it is {why}: {shown(_file(names[0]))}.")
        elif names:
            named = _listed([_file(name) for name in names])
            self.words.append(f"{len(names)} files were left out because they are {why_many}: {named}.")


def _by_class(pictures: Sequence[Member], name: str) -> dict[str, list[Member]]:
    """Folders whose names a reader takes for one are one class, as they are in a project. Names are compared whole, and
    then cut to what a project has room for."""
    deepest = max((member.name.count("/") for member in pictures), default=0)
    tops = {member.name.split("/")[0] for member in pictures}
    common = len(tops) == 1 and deepest > 1  # a folder around the folders is nobody's class
    stem = tidied(PurePosixPath(name).stem) or "Class"
    by_folder: dict[str, list[Member]] = {}
    for member in sorted(pictures, key=_natural):
        within = [part for part in member.name.split("/")[common:-1] if part.strip(". ")]
        by_folder.setdefault(within[-1] if within else "", []).append(member)
    spelt: dict[str, str] = {}
    by_name: dict[str, list[Member]] = {}
    for folder, members in by_folder.items():
        whole = tidied(folder) or stem
        by_name.setdefault(spelt.setdefault(alike(whole), whole), []).extend(members)
    return dict(zip(_cut_apart(list(by_name)), by_name.values(), strict=True))


def _cut_apart(names: Sequence[str]) -> list[str]:
    """Each as a class can have it, no two the same: those that begin alike keep their ends as well."""
    beginnings = Counter(alike(cut(name)) for name in names)
    taken = {alike(name) for name in names if cut(name) == name}
    found = []
    for name in names:
        short = cut(name)
        if short != name:
            wanted = short if beginnings[alike(short)] == 1 else middle_cut(name)
            short = distinct(wanted, lambda name: alike(name) in taken)
            taken.add(alike(short))
        found.append(short)
    return found


def _limited(by_class: dict[str, list[Member]], left_out: _LeftOut) -> dict[str, list[Member]]:
    names = list(by_class)
    if len(names) > MAX_CLASSES:
        left_out.words.append(
            f"{len(names) - MAX_CLASSES} of the {len(names)} folders were left out because a project has "
            f"{MAX_CLASSES} classes at most: {_listed(names[MAX_CLASSES:])}."
        )
    for name in names[:MAX_CLASSES]:
        if (n := len(by_class[name])) > MAX_SAMPLES:
            left_out.words.append(
                f"{n - MAX_SAMPLES} of the {n} pictures in {name} were left out because a class has {MAX_SAMPLES} "
                "samples at most."
            )
    return {name: by_class[name][:MAX_SAMPLES] for name in names[:MAX_CLASSES]}


def _listed(names: Sequence[str]) -> str:
    named, more = ", ".join(map(shown, names[:MAX_NAMED])), len(names) - MAX_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _file(path: str) -> str:
    return path.split("/")[-1]


def _natural(member: Member) -> list[str | int]:
    """Sorts picture 2 before picture 10."""
    parts = re.split("([0-9]{1,18})", member.name.lower())
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]
