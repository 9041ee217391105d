"""A feed keeps the newest value of each channel for whoever has its token, and no more."""

import json
import threading
import time

import pytest

from models.hosting.feeds import MAX_BYTES, MAX_CHANNELS, Feed, Feeds


def texts(feed: Feed) -> list[str]:
    return [json.loads(message)["text"] for message in feed.take()]


def test_only_the_newest_value_of_a_channel_is_taken_and_only_once() -> None:
    feed = Feed()
    for n in range(1000):
        feed.push("a", f"a{n}")
        feed.push("b", f"b{n}")
    assert texts(feed) == ["a999", "b999"]
    assert texts(feed) == []
    feed.push("b", "again")
    assert texts(feed) == ["again"]


def test_who_attaches_gets_the_newest_of_everything_and_who_was_there_is_woken_a_last_time() -> None:
    feed, woken = Feed(), []

    def first() -> None:
        woken.append("first")

    def second() -> None:
        woken.append("second")

    feed.push("a", "1")
    feed.attach(first)
    assert texts(feed) == ["1"] and feed.is_attached(first)
    feed.push("a", "2")
    assert texts(feed) == ["2"]
    woken.clear()
    feed.attach(second)
    assert woken == ["first", "second"] and not feed.is_attached(first)
    assert texts(feed) == ["2"], "whoever reconnects sees what is there now"
    feed.detach(first)
    feed.push("a", "3")
    assert woken == ["first", "second", "second"], "a late goodbye of the first takes nothing from the second"


def test_who_takes_is_woken_once_however_much_is_pushed_meanwhile() -> None:
    feed, woken = Feed(), []
    feed.attach(lambda: woken.append(1))
    feed.take()
    woken.clear()
    for n in range(50):
        feed.push("a", str(n))
    assert len(woken) == 1
    feed.take()
    feed.push("a", "next")
    assert len(woken) == 2


def test_a_closed_feed_wakes_forgets_and_takes_nothing_more() -> None:
    feed, woken = Feed(), []
    feed.push("a", "1")
    feed.attach(lambda: woken.append(1))
    feed.take()
    woken.clear()
    feed.close()
    feed.push("a", "2")
    assert woken and feed.closed and feed.take() == []


def test_what_is_pushed_carries_its_time_and_the_size_of_its_picture() -> None:
    feed, before = Feed(), time.monotonic()
    feed.push("a", {"kind": "scores", "top": []}, at=12.34567, size_wh=(640, 480))
    feed.push("b", "now")
    first, second = (json.loads(message) for message in feed.take())
    assert first == {"kind": "scores", "top": [], "channel": "a", "at": 12345.7, "size": [640, 480]}
    assert 1000 * before - 1 <= second["at"] <= 1000 * time.monotonic() + 1


def test_a_picture_comes_behind_its_json() -> None:
    feed = Feed()
    feed.push("heat", {"kind": "picture", "region": [0, 0, 7, 7]}, picture=b"\x89PNG and more")
    (message,) = feed.take()
    assert isinstance(message, bytes)
    length = int.from_bytes(message[:4], "big")
    assert json.loads(message[4 : 4 + length])["region"] == [0, 0, 7, 7]
    assert message[4 + length :] == b"\x89PNG and more"


@pytest.mark.parametrize(
    "value", [{"text": "x" * (MAX_BYTES + 1)}, {"text": "å" * (MAX_BYTES // 2 + 1)}, {"number": float("nan")}]
)
def test_what_is_too_large_or_no_json_is_refused_and_the_last_value_stays(value: dict[str, object]) -> None:
    feed = Feed()
    feed.push("a", "good")
    with pytest.raises(ValueError):
        feed.push("a", value)
    assert texts(feed) == ["good"]
    with pytest.raises(ValueError, match=str(MAX_BYTES)):
        feed.push("a", {"kind": "picture"}, picture=bytes(MAX_BYTES))


def test_a_feed_has_so_many_channels_and_a_dropped_one_makes_room() -> None:
    feed = Feed()
    for n in range(MAX_CHANNELS):
        feed.push(str(n), "x")
    with pytest.raises(ValueError, match="channels"):
        feed.push("one more", "x")
    feed.drop("0")
    feed.push("one more", "x")
    assert len(feed.take()) == MAX_CHANNELS


def test_what_the_browser_sends_reaches_who_listens_whose_failure_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed, heard = Feed("sound"), []
    feed.receive(b"nobody listens")

    def listen(data: bytes) -> None:
        heard.append(data)
        raise ZeroDivisionError

    feed.on_bytes = listen
    feed.receive(b"1")
    feed.receive(b"2")
    assert heard == [b"1", b"2"]
    assert len(caplog.records) == 1 and "ZeroDivisionError" in caplog.text


def test_a_session_has_one_feed_whose_token_dies_with_it() -> None:
    feeds = Feeds()
    first, other = feeds.open("session", "classifier"), feeds.open("another session", "classifier")
    assert feeds.open("session", "classifier") is first
    assert feeds.find(first.token) == ("session", first) and len(first.token) >= 22 and first.token != other.token
    second = feeds.open("session", "pose")
    assert first.closed and feeds.find(first.token) is None and second.token != first.token
    feeds.close("session")
    feeds.close("session")
    assert second.closed and feeds.find(second.token) is None and feeds.of_session("session") is None
    assert not other.closed and feeds.all() == [other]


def test_threads_push_while_another_takes_and_the_last_value_arrives() -> None:
    feed, seen, woken = Feed(), [], threading.Event()
    feed.attach(woken.set)
    threads = [
        threading.Thread(target=lambda c=c: [feed.push(c, {"kind": "n", "n": n}) for n in range(300)]) for c in "abcd"
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or woken.is_set():
        woken.wait(0.01)
        woken.clear()
        seen += [json.loads(message) for message in feed.take()]
    newest = {message["channel"]: message["n"] for message in seen}
    assert newest == dict.fromkeys("abcd", 299)
    for channel in "abcd":
        numbers = [message["n"] for message in seen if message["channel"] == channel]
        assert numbers == sorted(numbers)


def test_a_value_may_say_itself_what_picture_its_pixels_are_of() -> None:
    feed = Feed()
    feed.push("a", {"kind": "lines", "size": (480, 640)}, size_wh=(640, 480))
    feed.push("b", {"kind": "lines"}, size_wh=(640, 480))
    assert [json.loads(message)["size"] for message in feed.take()] == [[480, 640], [640, 480]]
