"""Rooms in a real browser: what is taken out stays out, with one tab of the browser open and with two."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from models.pictures.images import sample_pictures, to_jpeg
from models.rooms.store import RoomStore
from models.teachable.keep.files import to_bytes
from models.teachable.project import Project
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser.test_teachable import button, counts, upload

pytestmark = pytest.mark.browser

WATCHED_MS = 6_000  # of a page that looks every two seconds


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('rooms') / 'rooms.sqlite'}"


@pytest.fixture(scope="module")
def server(chromium_required: None, url: str) -> Iterator[Server]:
    with Server(TARGETS["app"], {"LIMELIGHT_ROOMS_HOURS": "8", "LIMELIGHT_ROOMS_URL": url}) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()[-3000:]


@pytest.fixture(scope="module")
def store(server: Server, url: str) -> Iterator[RoomStore]:
    store = RoomStore(url, 8 * 3600)
    yield store
    store.close()


def project() -> bytes:
    made = Project.fresh("pictures", ["Cup", "Cat"])
    for name, of in (("Cup", "coffee"), ("Cat", "cat")):
        picture = next(one for one in sample_pictures() if one.name == of).load()
        for number in range(3):
            made.add(made.find(name).id, to_jpeg(picture[number * 4 : 200 + number * 4, :200].copy()))
    return to_bytes(made)


def joined(visit: Callable[..., Page], store: RoomStore) -> tuple[Page, str]:
    code = store.open().code
    page = visit(f"teachable?room={code}")
    upload(page, ("project.zip", project()))
    button(page, "Open this project").click()
    counts(page, 3, 3)
    page.get_by_role("button", name="Join and share my samples").click()
    expect(in_room(page, 6)).to_be_visible()
    return page, code


def in_room(page: Page, count: int):
    return page.get_by_text(re.compile(f"^{count} samples? of yours (is|are) in the room"))


def take_out(page: Page, label: str) -> None:
    page.locator(f".st-key-room-out-{label}").get_by_role("button").click()


def rows(store: RoomStore, code: str) -> list[dict[str, int]]:
    (room,) = (room for room in store.rooms() if room.code == code)
    return [share.samples for share in store.shares(room)]


@pytest.mark.parametrize("tabs", [1, 2])
def test_what_is_taken_out_stays_out(visit: Callable[..., Page], store: RoomStore, tabs: int) -> None:
    page, code = joined(visit, store)
    others = [page.context.new_page() for _ in range(tabs - 1)]
    for other in others:
        other.goto(page.url)
        expect(in_room(other, 6)).to_be_visible()
    take_out(page, "Cup")
    expect(in_room(page, 3)).to_be_visible()
    for _ in range(6):
        page.wait_for_timeout(WATCHED_MS / 6)
        assert rows(store, code) == [{"Cat": 3}]
    for tab in (page, *others):
        expect(in_room(tab, 3)).to_be_visible()
        expect(tab.get_by_role("switch", name=re.compile("Share my samples"))).not_to_be_checked()
    page.get_by_role("switch", name=re.compile("Share my samples")).locator("xpath=ancestor::label").click()
    for tab in (page, *others):
        expect(in_room(tab, 6)).to_be_visible()
