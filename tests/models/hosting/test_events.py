"""Events: counted, kept up to a bound, a line each."""

import json
import logging

import pytest

from models.hosting.events import Events


def test_an_event_is_one_json_line_of_the_log_and_among_the_newest(caplog: pytest.LogCaptureFixture) -> None:
    events = Events()
    with caplog.at_level(logging.INFO, "limelight.events"):
        events.record("camera on", session=3)
        events.record("stepped down", level="photo", why="answers are\n0.9 s old")
    assert [json.loads(record.getMessage())["event"] for record in caplog.records] == ["camera on", "stepped down"]
    assert all("\n" not in record.getMessage() for record in caplog.records)
    newest = events.newest(1)
    assert [event.kind for event in newest] == ["stepped down"] and newest[0].facts["level"] == "photo"


def test_the_download_has_them_oldest_first_and_memory_is_bounded() -> None:
    events = Events(keep=3)
    for number in range(5):
        events.record("page opened", session=number)
    rows = [json.loads(line) for line in events.as_jsonl().splitlines()]
    assert [row["session"] for row in rows] == [2, 3, 4]
    assert rows[0]["at"].endswith("+00:00")
    assert events.counts() == {"page opened": 5}, "what is counted is not what is kept"
