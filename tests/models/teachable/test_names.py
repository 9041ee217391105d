"""A name is what a reader sees: no more and no less; and two that look alike are one."""

import unicodedata

import pytest
import regex

from models.teachable.names import MAX_NAME_LETTERS, alike, clean, cut, distinct, middle_cut

EMOJI = ["👩‍🏫", "👩🏽‍🤝‍👩🏻", "👨‍👩‍👧‍👦", "❤️‍🔥", "🏳️‍🌈", "🏴‍☠️", "👍🏽", "🇩🇪", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☎️", "☎︎", "🫨"]


@pytest.mark.parametrize("name", [*EMOJI, "می‌خواهم", "ශ්‍රී", "क्‍ष", "র‍্য", "葛󠄀城", "日本語", "Ωμέγα", "שלום", "ไก่"])
def test_what_is_seen_stays(name: str) -> None:
    assert clean(name) == unicodedata.normalize("NFC", name)
    assert clean(f"  {name}\t{name}\n") == unicodedata.normalize("NFC", f"{name} {name}")


@pytest.mark.parametrize(
    "name",
    [
        *("", " \n\t", "\u200b", "\u200d", "\ufe0f", "\u00ad", "\u2060\ufeff", "\u202e", "\u3164", "\u115f\u1160"),
        *("\uffa0", "\u2800", "\u034f", "\u180e", "\U000e0067", "\u0000", "\ud800", "\ue000"),
    ],
    ids=ascii,
)
def test_what_is_not_seen_is_no_name(name: str) -> None:
    assert clean(name) == "" and clean(f"A{name}") == "A"


def test_a_mark_without_a_letter_is_no_name() -> None:
    assert clean("\u0301") == clean(" \u0301 ") == clean("\u200b\u0301") == ""


@pytest.mark.parametrize("control", "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_controls_of_direction_go(control: str) -> None:
    assert clean(f"{control}cat{control}gpj.exe") == "catgpj.exe"


@pytest.mark.parametrize(
    "name", ["ca\u200dt", "ca\u200ct", "c\ufe0fat", "\u200dcat\u200d", "cat\U000e0067", "c\u00adat"]
)
def test_joiners_that_join_nothing_go(name: str) -> None:
    assert clean(name) == "cat"


@pytest.mark.parametrize("letter", [*EMOJI, "x", "é", "क्षि"])
def test_a_name_is_cut_between_letters(letter: str) -> None:
    assert clean(letter * 100) == letter * MAX_NAME_LETTERS
    assert clean("x" * (MAX_NAME_LETTERS - 1) + letter + "yz") == "x" * (MAX_NAME_LETTERS - 1) + letter
    short = cut(letter * 100, max_points=MAX_NAME_LETTERS)
    assert short and short == letter * (MAX_NAME_LETTERS // len(letter)), "whole letters alone"


def test_heaped_up_marks_are_cut() -> None:
    assert len(clean("Z" + "\u0301\u0316" * 5000 + "algo")) < 30


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("café", "cafe\u0301"),
        ("Å", "\u212b"),
        ("각", "\u1100\u1161\u11a8"),
        ("Tiếng Việt", unicodedata.normalize("NFD", "TIẾNG VIỆT")),
        ("ＣＡＴ１", "cat1"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("❤️", "❤"),
        ("a  b", "A\u3000B"),
        ("ca\u200bt", "cat"),
    ],
)
def test_two_that_look_alike_are_one(one: str, other: str) -> None:
    assert alike(clean(one)) == alike(clean(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("👩‍🏫", "👩‍🚀"),
        ("👩‍🏫", "👩 🏫"),
        ("👍🏽", "👍🏿"),
        ("e", "é"),
        ("m²", "m2"),
        ("می‌خواهم", "میخواهم"),
        ("o", "0"),
    ],
)
def test_two_that_look_different_are_two(one: str, other: str) -> None:
    assert alike(clean(one)) != alike(clean(other))


def test_a_name_that_is_taken_gets_a_number_and_still_fits() -> None:
    taken = {"cat", "cat 2"}
    assert distinct("cat", taken.__contains__) == "cat 3" and distinct("dog", taken.__contains__) == "dog"
    long = "👩‍🏫" * MAX_NAME_LETTERS
    numbered = distinct(long, {long}.__contains__)
    assert numbered.endswith(" 2") and clean(numbered) == numbered


def test_a_long_name_keeps_both_ends() -> None:
    name = middle_cut("Photos taken at the museum in spring 2025 - ripe bananas")
    assert name.startswith("Photos taken at") and name.endswith("ripe bananas")
    assert len(regex.findall(r"\X", name)) <= MAX_NAME_LETTERS and clean(name) == name
