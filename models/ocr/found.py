"""Finds what is worth copying by itself: e-mail addresses, links, phone numbers, dates and amounts of money.

Links and addresses by linkify-it-py, phone numbers by Google's rules (package phonenumbers). Each kind is looked for
in what the ones before it left over, so that nothing is found twice: a date is no phone number.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, partial

import phonenumbers
from linkify_it import LinkifyIt
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

MAX_LINK_LETTERS = 1000  # letters; linkify-it-py takes the square of the length, so it gets the text in parts
# besides the ones it knows
COMMON_TLDS = ["app", "blog", "cloud", "dev", "eu", "online", "page", "shop", "site", "store", "tech", "tv", "xyz"]
# countries too, but "main.py" and "Org.nr" are no links
FILE_ENDINGS = ("cc", "cs", "md", "ml", "mm", "name", "nr", "pm", "ps", "py", "rs", "sc", "sh", "so", "st", "vi")

_BLANK = r" \t\xa0\u202f"  # within a line

_MAYBE_LINK = re.compile(r"[^\s.:@][.:@]\S")
_LABEL = re.compile(r"^([^\s/:@]+):(?=[^\W\d])")  # "Web:www.example.org", "mailto:ada@example.org"


@dataclass(frozen=True)
class Found:
    """`text` is text[start:end] as it stands. `value` is what to copy: a link with its scheme, a phone number in
    international form where its country is known, a date as 2026-11-20 unless it can be read in two ways, an amount
    such as "1234.56 EUR", with the sign where that stands for several currencies."""

    kind: str
    text: str
    value: str
    start: int
    end: int


def find_all(text: str, region: str | None = None) -> list[Found]:
    """All that is found, in order, without overlaps. `region` is a country's two letters, such as "SE": with it,
    phone numbers written without their country are found too; without, only those that say that they are one."""
    found: list[Found] = []
    rest = text
    for find in _finders(region.upper() if region else None):
        fresh = [Found(kind, text[start:end], value, start, end) for kind, value, start, end in find(rest)]
        rest = _without(rest, fresh)
        found += fresh
    return sorted(found, key=lambda item: item.start)


Hit = tuple[str, str, int, int]  # kind, value, start, end


def _without(text: str, found: list[Found]) -> str:
    """The text with line ends in place of what was found: no other kind reaches over those."""
    parts, at = [], 0
    for item in found:
        parts += [text[at : item.start], "\n" * (item.end - item.start)]
        at = item.end
    return "".join([*parts, text[at:]])


# --- links and e-mail addresses


@cache
def _linkify() -> LinkifyIt:
    return LinkifyIt().tlds(COMMON_TLDS, True)


def _links(text: str) -> Iterator[Hit]:
    for word in re.finditer(rf"\S{{4,{MAX_LINK_LETTERS}}}", text):
        if not _MAYBE_LINK.search(word[0]):  # the library is slow
            continue
        for match in _linkify().match(_LABEL.sub(r"\1 ", word[0])) or ():
            start, end = word.start() + match.index, word.start() + match.last_index
            if match.schema == "mailto:":
                yield "E-mail", match.raw, start, end
            elif match.schema not in ("", "//"):
                yield "Link", match.url, start, end
            elif match.schema or _is_host(match.raw):
                yield "Link", f"https://{match.raw.removeprefix('//')}", start, end


def _is_host(link: str) -> bool:
    """Whether words joined by dots are a link: no file name, and no two sentences without a space between."""
    host, _, path = link.partition("/")
    ending = host.rpartition(".")[2]
    if host.lower().startswith("www.") or path:
        return True
    return (ending.islower() or host.isupper()) and ending.lower() not in FILE_ENDINGS and len(host) > len("ab.cd")


# --- dates

_MONTHS = {  # English, Swedish and German, in full or short
    name: number
    for number, names in enumerate(
        (
            "january jan januari januar jänner",
            "february feb februari februar febr",
            "march mar mars märz maerz mrz",
            "april apr",
            "may maj mai",
            "june jun juni",
            "july jul juli",
            "august aug augusti",
            "september sep sept",
            "october oct oktober okt",
            "november nov",
            "december dec dezember dez",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = rf"(?P<m>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_DAY = r"(?P<d>\d\d?)"
_YEAR = r"(?P<y>(?:1\d|2[01])\d\d)"
_GAP = rf"[-{_BLANK}]{{0,3}}"
_DATE_FORMS = tuple(
    re.compile(rf"(?<![^\W_])(?<!\d[-./]){form}(?!\d)(?![-/.]\d)", re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?P<mark>[-/.])(?P<m>\d\d?)(?P=mark){_DAY}",
        rf"{_DAY}\. ?(?P<m>\d\d?)\. ?{_YEAR}",
        r"(?P<d>\d\d)\.(?P<m>\d\d)\.(?P<y>\d\d)",
        rf"(?P<a>\d\d?)(?P<mark>[-/])(?P<b>\d\d?)(?P=mark){_YEAR}",
        r"(?P<a>\d\d)/(?P<b>\d\d)/(?P<c>\d\d)",
        rf"{_DAY}(?:st|nd|rd|th)?(?:\.|{_GAP}of(?![^\W_]))?{_GAP}{_MONTH},?{_GAP}{_YEAR}",
        rf"{_MONTH}{_GAP}{_DAY}(?:st|nd|rd|th)?(?:,|[{_BLANK}]){_GAP}{_YEAR}",
    )
)


def _dates(form: re.Pattern[str], text: str) -> Iterator[Hit]:
    for match in form.finditer(text):
        days = {day for year, month, d in _readings(match.groupdict()) if (day := _date(year, month, d))}
        if days:
            yield "Date", days.pop().isoformat() if len(days) == 1 else match[0], match.start(), match.end()


def _readings(parts: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """The year, month and day that the parts of a date may be."""
    if "a" not in parts:
        yield parts["y"], parts["m"], parts["d"]
        return
    first, second, last = parts["a"], parts["b"], parts.get("y") or parts["c"]
    yield last, second, first
    yield last, first, second
    if "c" in parts:
        yield first, second, last


def _date(year: str, month: str, day: str) -> date | None:
    number = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    try:
        return date(number, _MONTHS.get(month.lower()) or int(month), int(day))
    except ValueError:  # no such day
        return None


# --- amounts of money

# what is copied, and how else it is written; $, ¥, kr and Rs belong to several countries, so they stay as they are,
# and TRY and PHP are other words, too
_CURRENCIES = """
EUR € euro Euro, GBP £, INR ₹, MYR RM, USD US$, AUD A$ AU$, CAD C$ CA$, SGD S$, HKD HK$, NZD NZ$, BRL R$, CNY 元,
JPY 円, KRW ₩, RUB ₽, ₺, ILS ₪, THB ฿, VND ₫, ₱, UAH ₴, PLN zł, CZK Kč, HUF Ft, $, ¥, kr Kr KR kr. kronor, Rs Rs., CHF,
SEK, NOK, DKK, ISK, RON, MXN, ZAR, TWD, IDR, AED, SAR
"""
_SIGNS = {sign: names.split()[0] for names in _CURRENCIES.split(",") for sign in names.split()}
_SIGN = f"(?:{'|'.join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))})"
_NUMBER = rf"(?:\d{{1,3}}(?:[.,'’{_BLANK}]\d{{3}})+(?:[.,]\d\d?)?|\d{{1,12}}(?:[.,]\d\d?)?)(?!\d)(?![.,'’]\d)"
_SPACE = f"[{_BLANK}]?"
_AMOUNT = re.compile(
    rf"(?<![^\W_])(?<!\d[.,])(?P<minus>(?<!\w[-−])[-−])?(?:"
    rf"(?P<before>{_SIGN}){_SPACE}(?P<less>[-−])?(?P<n>{_NUMBER})(?![^\W_])"
    # "1 RM 9.00" is one piece for 9.00
    rf"|(?P<m>{_NUMBER}){_SPACE}(?P<after>{_SIGN})(?![^\W_])(?!{_SPACE}\d))"
)


def _amounts(text: str) -> Iterator[Hit]:
    for match in _AMOUNT.finditer(text):
        number = _plain(match["n"] or match["m"])
        if number:
            minus = "-" if match["minus"] or match["less"] else ""
            yield "Amount", f"{minus}{number} {_SIGNS[match['before'] or match['after']]}", match.start(), match.end()


def _plain(number: str) -> str | None:
    """Digits with a point before the decimals, "1.234,5" as "1234.5"; None where the marks contradict each other."""
    whole, mark, decimals = re.fullmatch(r"(.*?)(?:([.,])(\d\d?))?", number).groups()  # type: ignore[union-attr]
    groups = set(re.sub(r"\d", "", whole))
    if len(groups) > 1 or mark in groups:
        return None
    if groups and whole.startswith("0"):  # "0.125" is no group of thousands
        return None
    return re.sub(r"\D", "", whole) + (f".{decimals}" if mark else "")


# --- phone numbers

# account and card numbers, which hold what looks like a phone number
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b|(?<![\d+])\d(?:[ -]?\d){15,40}")
_PHONE_WORD = (
    "(?:telephone|telefon|tel|tfn|tlf|phone|ph|hotline|mobile|mobil|mob|cell|handy|hp|h/p|fax|whatsapp)"
    r"(?![^\W_])[. ]{0,2}(?:(?:no|nr|number|nummer)(?![^\W_])\.?)?"
)
_NAMED_PHONE = re.compile(
    rf"(?<![^\W_]){_PHONE_WORD}(?:[ /&,]{{1,3}}{_PHONE_WORD}){{0,2}}[{_BLANK}.:#-]{{0,4}}"
    rf"(?P<number>\(?\d(?:[{_BLANK}().-]{{0,3}}\d){{5,14}})(?![^\W_])(?![.-]?\d)",
    re.IGNORECASE,
)
_BY_00 = re.compile(rf"(?<![^\W_])(?<![\d.,+-])00(?P<number>[1-9](?:[{_BLANK}().-]{{0,3}}\d){{7,14}})(?![^\W_])")


def _phones(region: str | None, text: str) -> Iterator[Hit]:
    """Numbers that say their country by + or that `region` has."""
    text = _without_accounts(text)
    if region or "+" in text or "＋" in text:
        for match in PhoneNumberMatcher(text, region):
            raw = match.raw_string
            if not raw.isdecimal() or raw.startswith("0"):  # eight digits in a row may be anything
                yield "Phone", _international(match.number), match.start, match.end


def _phones_by_00(text: str) -> Iterator[Hit]:
    for match in _BY_00.finditer(_without_accounts(text)):
        if number := _parsed("+" + match["number"], None):
            yield "Phone", _international(number), match.start(), match.end()


def _named_phones(region: str | None, text: str) -> Iterator[Hit]:
    """Numbers after "Tel." and the like; as bare digits where the country is unknown."""
    for match in _NAMED_PHONE.finditer(_without_accounts(text)):
        number = _parsed(match["number"], region) if region else None
        value = _international(number) if number else re.sub(r"\D", "", match["number"])
        yield "Phone", value, match.start("number"), match.end("number")


def _without_accounts(text: str) -> str:
    return _ACCOUNT.sub(lambda match: "\n" * len(match[0]), text)


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _international(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


# each takes the text and yields what it finds in order; the first to find something has it
_Finder = Callable[[str], Iterator[Hit]]


def _finders(region: str | None) -> Iterator[_Finder]:
    yield _links
    for form in _DATE_FORMS:
        yield partial(_dates, form)
    yield _amounts
    yield partial(_phones, region)
    yield _phones_by_00
    yield partial(_named_phones, region)
