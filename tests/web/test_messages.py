"""What is let in of a browser's messages, and what is refused before it costs anything."""

import json

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from components.web.messages import BYTES, MAX_BYTES, MAX_PARTS, MESSAGES, Window, count_parts


def field(number: int, content: bytes) -> bytes:
    """A field of the wire format that holds bytes, a text or a message."""
    length, coded = len(content), b""
    while length > 127:
        coded += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 & 127 | 2]) + coded + bytes([length]) + content


def rerun(content: bytes) -> bytes:
    return field(11, content)


def pasted(size: int) -> bytes:
    message = BackMsg()
    message.rerun_script.widget_states.widgets.add(
        id="paste", json_trigger_value=json.dumps({"picture": "data:image/png;base64," + "A" * size})
    )
    return message.SerializeToString()


def chosen(files: int) -> bytes:
    message = BackMsg()
    widget = message.rerun_script.widget_states.widgets.add(id="uploader")
    for number in range(files):
        info = widget.file_uploader_state_value.uploaded_file_info.add(name=f"{number}.jpg", size=3, file_id="f" * 36)
        info.file_urls.file_id, info.file_urls.upload_url, info.file_urls.delete_url = "f" * 36, "u" * 90, "d" * 90
    return message.SerializeToString()


MANY = 2_000_000
HOSTILE = {
    "empty states": rerun(field(2, b"\x0a\x00" * MANY)),
    "empty texts in a state": rerun(field(2, field(1, field(9, b"\x0a\x00" * MANY)))),
    "packed numbers": rerun(field(2, field(1, field(8, field(1, b"\0" * MANY))))),
    "empty files": rerun(field(2, field(1, field(13, b"\x12\x00" * MANY)))),
    "file names": b"\x82\x01" + field(2, b"\x12\x00" * MANY)[1:],
    "many hashes": rerun(b"\x3a\x00" * MANY),
    "lists in lists": rerun(field(2, field(1, field(10, b"[" + b"[]," * MANY + b"0]")))),
    "the same again and again": rerun(b"\x0a\x00" * MANY),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_message_of_too_many_parts_is_refused_without_being_parsed(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.web.messages._is_readable", lambda data: pytest.fail("was parsed"))
    assert Window().refusal(HOSTILE[kind]) == ("too many parts", 1009)


def test_what_is_too_large_is_refused_by_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.web.messages.count_parts", lambda data: pytest.fail("was read"))
    assert Window().refusal(bytes(MAX_BYTES + 1)) == ("too large", 1009)


@pytest.mark.parametrize(
    "message", [pasted(26_600_000), chosen(2000), pasted(100), b""], ids=["20 MB", "2000", "", "0"]
)
def test_what_pages_send_comes_in(message: bytes) -> None:
    assert Window().refusal(message) is None


@pytest.mark.parametrize("message", [None, b"\xff" * 100, b"\xff" * 100_000, bytes(30_000), rerun(b"\x0a" * 50_000)])
def test_what_is_no_message_is_refused(message: bytes | None) -> None:
    assert Window().refusal(message) == ("broken", 1003)


def test_a_tab_has_a_budget_of_messages_and_of_bytes() -> None:
    window, large = Window(), pasted(1_000_000)
    assert [window.refusal(b"") for _ in range(MESSAGES)] == [None] * MESSAGES
    assert window.refusal(b"") == ("too often", 1008)
    window, fit = Window(), BYTES // len(large)
    assert [window.refusal(large) for _ in range(fit)] == [None] * fit
    assert window.refusal(large) == ("too often", 1008)


def test_the_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("components.web.messages.time.monotonic", lambda: now)
    window = Window()
    while window.refusal(b"") is None:
        pass
    now = 10.1
    assert window.refusal(b"") is None


def test_parts_are_counted_as_protobuf_would_make_them() -> None:
    message = BackMsg()
    message.rerun_script.query_string = "a=b"
    message.rerun_script.widget_states.widgets.add(id="x", double_value=1.5)
    message.rerun_script.widget_states.widgets.add(id="y").double_array_value.data.extend([1, 2])
    # rerun_script, query_string, widget_states; widgets, id, double_value; widgets, id, double_array_value, 16 packed
    assert count_parts(message.SerializeToString()) == 3 + 3 + 3 + 1 + 16
    assert (count_parts(HOSTILE["empty states"]) or 0) > MAX_PARTS
