"""What a browser may send by the websocket: so large, so many parts, so often. Everything cheap is checked first.

Two bytes of a message are enough for a part of which protobuf makes a hundred: 40 MB of them take 2.3 s and 2.3 GB to
parse, on the loop that carries everybody. So the parts are counted on the bytes as they came, by the wire format
(https://protobuf.dev/programming-guides/encoding), and no more than `MAX_PARTS` of them.
"""

import time
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg

PASTED_BYTES = 20_000_000
"""The largest picture that a page takes from the clipboard. It comes as base64, four letters for three bytes."""

MAX_BYTES = PASTED_BYTES * 4 // 3 + 1_000_000  # and what else the page tells; server.maxMessageSize is the next million
SMALL_BYTES = 20_000  # parsed in a millisecond whatever it is
MAX_PARTS = 20_000  # two thousand files chosen at a time have nine each
MAX_ITEMS = 200_000  # brackets and commas: what JSON may become, 64 bytes each
WINDOW_S = 10.0
MESSAGES, BYTES, PARTS = 600, 3 * MAX_BYTES, 10 * MAX_PARTS
"""In a window, by one tab: live pages send about ten messages a second, of a few thousand bytes."""

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
SKIP = {FIXED64: 8, FIXED32: 4}
TEXT = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}

Fields = dict[int, tuple[Descriptor | None, bool]]


class Window:
    """How much one tab has sent by Streamlit's websocket in the last `WINDOW_S`."""

    takes_text, max_bytes, max_messages, max_bytes_in_all = False, MAX_BYTES, MESSAGES, BYTES

    def __init__(self) -> None:
        self._began, self._messages, self._bytes, self._parts = time.monotonic(), 0, 0, 0

    def refusal(self, data: bytes | None) -> tuple[str, int] | None:
        """Why a message is not taken, and the websocket's code for that; None for a good one."""
        if data is None:
            return "broken", 1003
        return self._refusal_of_size(len(data)) or self._refusal_of_parts(data)

    def _refusal_of_size(self, size: int) -> tuple[str, int] | None:
        if size > self.max_bytes:
            return "too large", 1009
        if time.monotonic() - self._began > WINDOW_S:
            self._began, self._messages, self._bytes, self._parts = time.monotonic(), 0, 0, 0
        self._messages += 1  # by hand: the library's counter costs more than the message
        self._bytes += size
        too_often = self._messages > self.max_messages or self._bytes > self.max_bytes_in_all
        return ("too often", 1008) if too_often else None

    def _refusal_of_parts(self, data: bytes) -> tuple[str, int] | None:
        if len(data) > SMALL_BYTES:
            parts = count_parts(data)
            if parts is None:
                return "broken", 1003
            self._parts += parts
            if parts > MAX_PARTS or _has_too_many_items(data):
                return "too many parts", 1009
            if self._parts > PARTS:
                return "too often", 1008
        return None if _is_readable(data) else ("broken", 1003)


class LiveWindow(Window):
    """The same by a live page's own websocket: notes of a few bytes, or sensors' readings and sound."""

    takes_text, max_bytes, max_messages, max_bytes_in_all = True, 64_000, 1000, 4_000_000

    def refusal(self, data: bytes | None) -> tuple[str, int] | None:
        """As of a Window, of bytes or of a text's bytes."""
        return self._refusal_of_size(len(data or b""))


def count_parts(data: bytes) -> int | None:
    """How many fields a `BackMsg` has, those of the messages in it too; a packed number counts as one, and the count
    ends above `MAX_PARTS`. None for what ends too early or has what Streamlit never sends."""
    count = 0
    waiting: list[tuple[int, int, Descriptor]] = [(0, len(data), BackMsg.DESCRIPTOR)]
    try:
        while waiting:
            at, end, kind = waiting.pop()
            fields = _fields(kind)
            while at < end:
                count += 1
                if count > MAX_PARTS:
                    return count
                tag, at = _varint(data, at)
                wire = tag & 7
                if wire == VARINT:
                    at = _varint(data, at)[1]
                elif wire == LENGTH:
                    length, at = _varint(data, at)
                    inner, is_packed = fields.get(tag >> 3, (None, False))
                    if at + length > end:
                        return None
                    if inner is not None:
                        waiting.append((at, at + length, inner))
                    count += length if is_packed else 0
                    at += length
                else:
                    at += SKIP[wire]
    except (IndexError, KeyError):
        return None
    return count


def _has_too_many_items(data: bytes) -> bool:
    items = 0
    for start in range(0, len(data), MAX_ITEMS):  # by pieces: to count ten million takes a tenth of a second
        items += sum(data.count(mark, start, start + MAX_ITEMS) for mark in (b"[", b"{", b","))
        if items > MAX_ITEMS:
            return True
    return False


@cache
def _fields(kind: Descriptor) -> Fields:
    """Of a kind of message: number → the kind of message in it, and whether it may be packed numbers."""
    return {
        field.number: (field.message_type, field.message_type is None and field.type not in TEXT)
        for field in kind.fields
    }


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _is_readable(data: bytes) -> bool:
    """Whether it is a message of Streamlit's, which stumbles over other bytes."""
    try:
        message: Any = BackMsg.FromString(data)
        return message is not None
    except DecodeError:
        return False
