import pytest

from models.ocr.layout.marks import closed, ended


@pytest.mark.parametrize("text", ["They left.", "“They left!”", "Why (and how?)", "我们走了。", "and so on…"])
def test_sentences_end_and_close_also_in_quotation_marks(text: str) -> None:
    assert ended(text) and closed(text)


def test_a_colon_or_semicolon_ends_but_does_not_close() -> None:
    assert ended("as follows:") and not closed("as follows:")
    assert not ended("they left,") and not closed("they left")
