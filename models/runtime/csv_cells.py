"""Comma-separated values that a spreadsheet takes for what they are: no text in them is run as a formula.

A cell that begins like one gets an apostrophe in front, which spreadsheets read as "this is text" (OWASP, "CSV
Injection"). Numbers with a sign, and dashes that stand for nothing, stay as they are.
"""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"[\s\0\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_HARMLESS = re.compile(r"\s*(-+|[+-]?\s?[\d.,'’\s]*\d[\d.,'’\s]*[%€$£]?)\s*")  # digits and what stands between them


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """These rows after RFC 4180, each cell made harmless."""
    out = io.StringIO()
    csv.writer(out).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: str) -> str:
    """The cell, marked as text where a spreadsheet would take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) and not _HARMLESS.fullmatch(cell) else cell
