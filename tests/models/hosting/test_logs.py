"""The log as JSON: one line whatever happens, no addresses."""

import io
import json
import logging
import sys
import uuid
from collections.abc import Iterator

import pytest

from models.hosting import logs
from models.hosting.logs import JsonLines, NamelessRecord, nameless

SESSION = "6f1d2c3b-8a4e-4f5d-9c7b-0123456789ab"


@pytest.fixture
def plain() -> Iterator[None]:
    """The log as set up for a terminal, and as it was afterwards."""
    factory, events = logging.getLogRecordFactory(), logging.getLogger("limelight.events")
    before = events.handlers[:], events.propagate, events.level
    logs.set_up("plain")
    yield
    logging.setLogRecordFactory(factory)
    events.handlers[:], events.propagate, events.level = before


def line(message: str, exc_info: object = None, **more: object) -> dict[str, object]:
    record = NamelessRecord("a.b", logging.ERROR, "f.py", 1, message, None, exc_info)
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


ADDRESSES = ["10.0.0.7", "10.0.0.7:51234", "2001:db8:85a3:0:0:8a2e:370:7334", "2001:db8::1", "fe80::1%eth0", "::1"]


@pytest.mark.parametrize("address", [*ADDRESSES, "::ffff:10.0.0.7"])
def test_addresses_are_taken_out(address: str) -> None:
    assert nameless(f"from {address} came") == "from (address) came"


@pytest.mark.parametrize(
    "text", ["streamlit 1.60.0", "at 12:30:05", "0.9 s old", "1.2.3", "std::vector", "a: b: c", "abc:def:12"]
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert nameless(text) == text


@pytest.mark.parametrize("secret", [SESSION, SESSION.upper(), uuid.UUID(SESSION).hex, *ADDRESSES])
def test_no_handler_ever_added_writes_them_down(plain: None, secret: str) -> None:
    logger, out = logging.getLogger("some.library"), io.StringIO()
    handler = logging.StreamHandler(out)  # as Streamlit does it: one of its own per logger, after our set-up
    logger.addHandler(handler)
    try:
        raise ValueError(f"no {secret}")
    except ValueError:
        logger.exception("Session with id %s is already connected", secret)
    finally:
        logger.removeHandler(handler)
    text = out.getvalue()
    assert "Session with id (" in text and "ValueError: no (" in text and secret not in text
