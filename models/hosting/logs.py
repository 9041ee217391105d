"""The log: plain lines for a terminal, or a JSON object a line for what collects them. Nobody is named in either."""

import ipaddress
import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Literal

IPV4 = re.compile(r"(?:::ffff:|\b)(?:\d{1,3}\.){3}\d{1,3}\b(?::\d+)?", re.IGNORECASE)
IPV6 = re.compile(r"(?<![\w:.])[0-9a-f:]*:[0-9a-f]*:[0-9a-f:]*(?:%\w+)?(?![\w:])", re.IGNORECASE)
SESSION = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE)  # a UUID: also of a file


class NamelessRecord(logging.LogRecord):
    """A record of the log without addresses and sessions: who was here is nobody's business, and a session's id is a
    key to it. Made so, and not by a filter, for whatever handlers libraries add later, one per logger at worst."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.exc_info:  # a formatter takes this text if there is one
            self.exc_text = nameless(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:  # noqa: N802, the name is logging's
        """The message with its arguments."""
        return nameless(super().getMessage())


class JsonLines(logging.Formatter):
    """A record as one line: time (UTC), level, logger, message, an event's facts, a traceback as one field."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        row: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if (event := getattr(record, "event", None)) is not None:
            row |= {"event": event, **getattr(record, "facts", {})}
        else:
            row["message"] = record.getMessage()
        if record.exc_info:
            row["traceback"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False, default=str)


def nameless(text: str) -> str:
    """The text with IP addresses, IPv4 with their ports, and ids of sessions and files replaced."""
    return IPV6.sub(_unless_other, IPV4.sub("(address)", SESSION.sub("(id)", text)))


def _unless_other(match: re.Match[str]) -> str:
    """Times have colons too."""
    try:
        address = ipaddress.IPv6Address(match[0])
    except ValueError:
        return match[0]
    return match[0] if address.is_unspecified else "(address)"


def set_up(form: Literal["plain", "json"]) -> None:
    """Log to stderr, once per process: everything from warnings on, and our own events. The libraries' own handlers go
    in JSON, so that each line of the stream is one. In both forms records are `NamelessRecord`s."""
    logging.setLogRecordFactory(NamelessRecord)
    events = logging.getLogger("limelight.events")
    events.setLevel(logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    if form == "plain":
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        if not events.handlers:
            events.addHandler(handler)
            events.propagate = False
        return
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    for name in ("streamlit", "uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)  # who asked for what is nobody's business
