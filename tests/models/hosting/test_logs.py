"""The log as JSON: one line whatever happens, no addresses."""

import json
import logging
import sys

import pytest

from models.hosting.logs import JsonLines, without_addresses


def line(message: str, exc_info: object = None, **more: object) -> dict[str, object]:
    record = logging.LogRecord("a.b", logging.ERROR, "f.py", 1, message, None, exc_info)
    for name, value in more.items():
        setattr(record, name, value)
    text = JsonLines().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_record_is_one_object_with_its_traceback_in_one_field() -> None:
    try:
        raise ValueError("two\nlines at 192.168.1.7:5000")
    except ValueError:
        row = line("it\nfailed", sys.exc_info())
    assert row["message"] == "it\nfailed" and row["level"] == "error" and row["logger"] == "a.b"
    assert "ValueError: two\nlines at (address)" in row["traceback"]


def test_an_event_brings_its_facts() -> None:
    row = line("{}", event="camera on", facts={"session": 3})
    assert (row["event"], row["session"]) == ("camera on", 3)


@pytest.mark.parametrize("address", ["10.0.0.7", "10.0.0.7:51234", "2001:db8:85a3:0:0:8a2e:370:7334"])
def test_addresses_are_taken_out(address: str) -> None:
    assert without_addresses(f"from {address} came") == "from (address) came"


@pytest.mark.parametrize("text", ["streamlit 1.60.0", "at 12:30:05", "0.9 s old", "1.2.3"])
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert without_addresses(text) == text
