import pytest

from models.ocr.layout.arrange import arrange_best
from models.ocr.layout.records import begins
from tests.models.ocr.layout.laid_out import column, ragged, wrapped

RECORDS = {
    "numbers": ["1. Switch the machine off and unplug it", "2. Open the lid and take out the filter", "3. Let it dry"],
    "numbers without a mark": ["7 Switch the machine off", "8 Open the lid", "9 Rinse the filter", "10 Let it dry"],
    "letters": ["a) Switch the machine off and unplug it", "b) Open the lid and take out the filter"],
    "ticks": ["✓ Switch the machine off and unplug it", "✓ Open the lid and take out the filter"],
    "a log": ["2026-03-01 08:00:12 INF0 server started", "2026-03-01 08:00:13 WARN cache folder is missing, made it"],
    "a log of hours": ["[08:00:12] INFO: server started on port 80", "[08: 00:13] WARN: cache folder is missing"],
    "commits, 1 read as l": ["alb2c3d Fix rounding in totals", "9f8e7d6 Add export of invoices as PDF"],
    "requests": ['10.0.0.7 - - "GET /index.html HTTP/1.1" 200', '10.0.0.9 - - "GET /api/items HTTP/1.1" 404'],
    "a chat": ["Anna: are we still on for seven?", "Ben: yes, at the usual place by the river", "Anna: great"],
    "a form": ["Customer: Anna Berg, Harbour Lane 12", "Order number: A-2231-07 of 19 March", "Place: Västerås"],
    "settings": ["host = 10.0.0.7", "port = 8080"],
    "a session": ["$ git status", "On branch main", "nothing to commit, working tree clean"],
    "PowerShell": ["PS C:\\Users\\mia> Get-Location", "Path", "C:\\Users\\mia"],
}


@pytest.mark.parametrize("case", RECORDS)
def test_each_line_begins_one(case: str) -> None:
    assert all(begins(RECORDS[case]))


@pytest.mark.parametrize("case", RECORDS)
@pytest.mark.parametrize("width", [0, 60], ids=["as long as they are", "all equally wide"])
def test_auto_keeps_the_printed_lines(case: str, width: int) -> None:
    lines = [line.ljust(width, "x") for line in RECORDS[case]]
    assert [line for line in arrange_best(column(lines)).text.split("\n") if line] == lines


@pytest.mark.parametrize(
    "lines",
    [
        ["The committee had last met in the year", "1987. Nobody spoke for a while, and then", "they left."],
        ["She wrote to the mayor that there was no", "time: the bridge had to be closed, and the", "ferry built."],
        ["It costs 12 or, with a ticket for the way", "2 and from there on foot, or 9 euros and", "so on."],
    ],
)
def test_prose_begins_none(lines: list[str]) -> None:
    assert not any(begins(lines))
    assert arrange_best(column(lines)).text == " ".join(lines)


def test_a_turn_of_a_chat_goes_on_over_its_lines() -> None:
    turns = ["Anna: " + " ".join(ragged(200, 1)), "Ben: " + " ".join(ragged(200, 1, 20))]
    lines = [line for turn in turns for line in wrapped(turn, 44)]
    assert [line for line in arrange_best(column(lines)).text.split("\n") if line] == turns
