"""A room on the projector, in a real browser: large, live, and the presenter's alone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from models.pictures.images import sample_pictures, to_jpeg
from models.rooms.store import RoomStore
from models.teachable.classes import MAX_CLASSES
from tests.bench.server import Server
from tests.bench.target import TARGETS
from tests.browser import lab

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"
PROJECTOR = {"viewport": {"width": 1920, "height": 1080}}
FROM_THE_LAST_ROW_PX = 30  # letters of 1080: a fiftieth of a screen's height reads from eight screen heights away


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('rooms') / 'rooms.sqlite'}"


@pytest.fixture(scope="module")
def server(chromium_required: None, url: str) -> Iterator[Server]:
    environment = {
        "LIMELIGHT_PRESENTER_PASSWORD": PASSWORD,
        "LIMELIGHT_PUBLIC_URL": "http://room.example:8501",
        "LIMELIGHT_ROOMS_HOURS": "8",
        "LIMELIGHT_ROOMS_URL": url,
    }
    with Server(TARGETS["app"], environment) as server:
        yield server
        assert server.log_errors() == 0, server.log()[-3000:]


@pytest.fixture
def store(server: Server, url: str) -> Iterator[RoomStore]:
    store = RoomStore(url, 8 * 3600)
    yield store
    for room in store.rooms():
        store.end(room)
    store.close()


def give(store: RoomStore, code: str, browser: str, *labels: str) -> None:
    """A picture for each label, from one browser."""
    cat = next(one for one in sample_pictures() if one.name == "cat").load()
    pictures = [to_jpeg(cat[4 * n : 200 + 4 * n, :200].copy()) for n in range(len(labels))]
    member = store.join(code, browser * 64)
    store.add(member, [(f"{label} {n}", label, pictures[n]) for n, label in enumerate(labels)])


def enter(page: Page) -> None:
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the console").click()
    page.locator(".room-code").wait_for()


def test_it_fills_the_screen_and_counts_live(visit: Callable[..., Page], store: RoomStore) -> None:
    code = store.open().code
    give(store, code, "a", "Cup", "Cup", "Cat")
    page = visit("projector", **PROJECTOR)
    assert code not in page.content(), "whoever is not signed in sees no code"
    enter(page)
    expect(page.locator(".room-code")).to_have_text(code)
    expect(page.locator(".bar").filter(has_text="Cup").locator("span")).to_have_text("2")
    give(store, code, "b", "cup", "Dog")
    expect(page.locator(".bar").filter(has_text="Cup").locator("span")).to_have_text("3")
    expect(page.locator(".room-sum")).to_contain_text("2 people")
    for shown in ("img.qr", ".room-code", ".join-address", ".room-sum", ".bars"):
        expect(page.locator(shown)).to_be_in_viewport(ratio=1)
    expect(page.get_by_test_id("stSidebarNav")).to_be_hidden()
    page.get_by_role("link", name="Console").click()
    expect(page.get_by_role("button", name="Send everyone there")).to_be_visible()


def test_as_many_classes_as_a_room_takes_are_all_readable(visit: Callable[..., Page], store: RoomStore) -> None:
    code = store.open().code
    give(store, code, "a", *(f"Class with number {n}" for n in range(MAX_CLASSES)))
    page = visit("projector", **PROJECTOR)
    enter(page)
    expect(page.locator(".bar")).to_have_count(MAX_CLASSES)
    for bar in page.locator(".bar b").all():
        expect(bar).to_be_in_viewport(ratio=1)
        assert bar.evaluate("bar => parseFloat(getComputedStyle(bar).fontSize)") >= FROM_THE_LAST_ROW_PX
    assert not lab.scrolls_sideways(page)


def test_without_a_room_it_says_where_to_open_one(visit: Callable[..., Page], store: RoomStore) -> None:
    page = visit("projector", **PROJECTOR)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the console").click()
    expect(page.get_by_text("No room is open")).to_be_visible()
    page.get_by_role("link", name="Presenter's console").click()
    expect(page.get_by_role("button", name="Open a room")).to_be_visible()
