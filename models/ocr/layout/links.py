"""Links, e-mail addresses and paths of files that go on over the end of a line: nothing is put or taken there.

A line may be broken behind a mark of the address (/ \\ = & - _ . @), before one, or in the middle of a name.
"""

import re
from collections.abc import Sequence

from models.ocr.layout.marks import CLOSING, FUNCTION_WORDS, OPENING

LINK = re.compile(
    r"(?:https?|ftps?|file|sftp|ssh|git|mailto):\S|www\.\S|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*", re.IGNORECASE
)
BEGUN = re.compile(r"(?:https?|ftps?|file)(?::/{0,2})?$|www\.?$", re.IGNORECASE)
HOST_ONLY = re.compile(r"(?:\w+://)?[\w.-]+/?$")
MAIL = re.compile(r"[\w.+-]+@(?P<host>[\w.-]*)$")
WINDOWS = re.compile(r"[A-Za-z]:\\|\\\\\w|\w\\")
UNIX = re.compile(r"~/$|(?:~|\.{0,2})/[\w.@-]+(?:/|$)|[\w.-]+/[\w.-]+/")
# of hosts and of files
_ENDINGS = """
com org net edu gov info io dev app eu se de uk fr es it nl no dk fi pl at ch us co
html htm php asp aspx pdf txt csv json xml yaml yml toml ini cfg conf log md py js css sql sh exe dll zip gz tar
jpg jpeg png gif svg webp docx xlsx pptx doc xls mp3 mp4
"""
ENDINGS = frozenset(_ENDINGS.split())
ROOTS = re.compile(r"/(usr|etc|home|var|tmp|opt|srv|mnt|root|dev|bin|lib|proc|sys|run|boot|media|Users|Library)\b")
NEVER_LAST = "=&?_%#+~@"  # no link ends in one of these
ADDRESSED = re.compile(r"[^\W_]+[._/=&?%@#\\-]+[^\W_]|\w/|[/=&]\w|[a-z]\d|\d[a-z]|[a-z][A-Z]")  # no plain word


def continued(texts: Sequence[str]) -> list[bool]:
    """Which of the lines begin inside an address that began in a line before."""
    found, tail = [], ""
    for text in texts:
        found.append(goes_on(tail, text))
        tail = tail + text if found[-1] else text
    return found


def goes_on(before: str, after: str) -> bool:
    """Whether an address, link or path at the end of `before` goes on at the beginning of `after`."""
    if not before or before[-1].isspace() or not after or after[0].isspace():
        return False
    tail = before.split()[-1].lstrip(OPENING + "<{")
    head = after.split()[0]
    if not tail or head.startswith(("http://", "https://", "\\\\")) or (head.startswith("www.") and tail[-1] != "/"):
        return False
    if re.match(r"\\\w", head) and re.search(r"[A-Za-z]:\\|\\\\\w", before):
        return tail[-1].isalnum() or tail[-1] in ")_-"
    return _mail_goes_on(tail, head) or _link_goes_on(tail, head) or _path_goes_on(tail, head)


def _link_goes_on(link: str, head: str) -> bool:
    if not LINK.match(link):
        return bool(BEGUN.match(link)) and head[0] in ":/." + "w"
    if link[-1] in NEVER_LAST:
        return head[0].isalnum() or head[0] in "%&=/_-."
    if link[-1] in "-/":
        return head[0].isalnum() and _is_part(head, plain=not HOST_ONLY.match(link))
    if link[-1] in ".:":
        return _is_ending(head)
    if not link[-1].isalnum():
        return False
    if head[0] in "/?&=#_%.-":
        return head[1:2].isalnum()
    return _is_cut(link, head)


def _is_cut(address: str, head: str) -> bool:
    """Whether an address that ends in a letter goes on with one: it has no ending yet, and that is no plain word."""
    if re.split(r"[./]", address)[-1] in ENDINGS:
        return False
    host = re.match(r"\w+://([^/?#]*)$", address)
    if host and _host_ends(head):
        return True
    if re.match(r"[A-Za-z]{1,7}/[A-Za-z]{1,7}\W*$", head):  # and/or
        return False
    return bool(re.search(r"\w[/=&_%]\w|[/=&]\w", head)) or _has_ending(head)


def _mail_goes_on(mail: str, head: str) -> bool:
    if re.match(r"@[\w-]+(\.[\w-]+)+", head):
        return bool(re.search(r"[\w.+-]$", mail)) and "@" not in mail
    if "@" in head and re.search(r"\w[-_+]$", mail):
        return True
    found = MAIL.search(mail)
    if not found:
        return False
    host = found["host"]
    if not host or host[-1] == "-":
        return _host_ends(head) or (not host and head[0].isalnum())
    whole = host.rstrip(".").rpartition(".")[2] in ENDINGS
    if host[-1] == ".":
        return _is_ending(head) or (not whole and _host_ends(head))
    if head[0] in ".-":
        return head[1:2].isalnum()
    return not whole and _host_ends(head)


def _path_goes_on(path: str, head: str) -> bool:
    windows, unix = WINDOWS.search(path), UNIX.match(path)
    if not (windows or unix):
        return False
    if path[-1] == "\\":
        return head[0].isalnum() or head[0] in "._-%$({"
    if path[-1] == "/":
        return (head[0].isalnum() or head[0] in "._") and _is_part(head, plain=path.count("/") > 1)
    if path[-1] in "-_":
        return head[0].isalnum() and _is_part(head, plain=path[-1] == "_")
    if path[-1] == ".":
        return _is_ending(head)
    if not path[-1].isalnum():
        return False
    if head[0] in "._":
        return _is_ending(head.lstrip("._"))
    if windows:
        return bool(re.match(r"[a-z]\w*\\", head)) or (head[0].islower() and _is_cut(path, head))
    return (bool(re.match(r"/\w", head)) and not ROOTS.match(head)) or _is_cut(path, head)


def _is_part(head: str, *, plain: bool) -> bool:
    """Whether the word may be a part of an address: no plain one, or if `plain` any but and, or, before."""
    word = head.rstrip(CLOSING + ".,;:!?>")
    if ADDRESSED.search(word) or word.isdigit() or _is_ending(word):
        return True
    return plain and not word[:1].isupper() and word.lower() not in FUNCTION_WORDS


def _is_ending(head: str) -> bool:
    """Whether it is what hosts and files end in, such as org and pdf, alone or with the rest of a link."""
    found = re.match(r"[a-z0-9]{2,4}(?=[/?#]\w|[.,;:!?)>\]\"'”]*$)", head)
    return bool(found) and found[0] in ENDINGS  # type: ignore[index]


def _host_ends(head: str) -> bool:
    """Whether it begins as the end of a host does, such as "company.org"."""
    return bool(re.match(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.([a-z]{2,})(?=[/?#:]|[.,;:!?)>\]\"'”]*$)", head))


def _has_ending(head: str) -> bool:
    """Whether it ends as hosts and files do, such as "ata.conf"."""
    found = re.match(r"[\w.-]*\w\.([a-z0-9]{2,4})[.,;:!?)>\]\"'”]*$", head)
    return bool(found) and found[1] in ENDINGS  # type: ignore[index]
