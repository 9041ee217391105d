"""Small texts that every page puts together in the same way."""

import pytest

from components.layout import ROOT, counted, file_stem, shortened


@pytest.mark.parametrize(
    ("name", "stem"), [("../Romeo & Juliet: 2", "Romeo-Juliet-2"), ("…", "model"), ("Größe 2", "Größe-2")]
)
def test_a_name_becomes_a_plain_file_name(name: str, stem: str) -> None:
    assert file_stem(name, "model") == stem


def test_a_text_is_cut_where_it_is_too_long() -> None:
    assert shortened("abcde", 5) == "abcde" and shortened("abcdef", 5) == "abcd…"


@pytest.mark.parametrize(
    ("number", "what", "words"),
    [(1, "class", "1 class"), (2, "class", "2 classes"), (1200, "sample", "1,200 samples")],
)
def test_things_are_counted_in_words(number: int, what: str, words: str) -> None:
    assert counted(number, what) == words


def test_nothing_in_the_style_sheet_looks_like_a_tag() -> None:
    # the browser's sanitizer would drop the whole sheet; CSS can write one as \\3c
    assert "<" not in (ROOT / "assets" / "style.css").read_text(encoding="utf-8")
