"""The log: plain lines for a terminal, or one JSON object a line for whatever collects them."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Literal

ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b(?::\d+)?|\b(?:[0-9a-f]{1,4}:){4,}[0-9a-f:]*\b", re.IGNORECASE)


class JsonLines(logging.Formatter):
    """A record as one line: time (UTC), level, logger, message, an event's facts, a traceback as one field. Network
    addresses are taken out: who was here is nobody's business."""

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
            row["message"] = without_addresses(record.getMessage())
        if record.exc_info:
            row["traceback"] = without_addresses(self.formatException(record.exc_info))
        return json.dumps(row, ensure_ascii=False, default=str)


def without_addresses(text: str) -> str:
    """The text with IP addresses, and their ports, replaced."""
    return ADDRESS.sub("(address)", text)


def set_up(form: Literal["plain", "json"]) -> None:
    """Log to stderr, once per process: everything from warnings on, and our own events. The libraries' own handlers go
    in JSON, so that each line of the stream is one."""
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
