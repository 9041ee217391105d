"""From each demo to its neighbours: each page opens with its own defaults, and what was set there comes back to it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from components import streamlit_patches
from components.hosting.house import house
from models.demos import DEMOS, demo
from tests.pages.test_sharing import bound, link_of
from tests.pages.visit import opened, ran, when_read
from tests.walk import steps, walk

NAMES = [row.name for row in DEMOS]
WALK = walk(NAMES)
# What others have too, and what the page alone has; of a demo without a row here its first setting is changed
CHANGED: dict[str, dict[str, Any]] = {
    "vision": {"view": "Why GPUs?"},
    "digits": {"view": "Train one here"},
    "classifier": {"facing": "environment", "k": 3, "smooth": False},
    "pose": {"mirror": False, "fps": 30, "people": 2, "style": ["Names"]},
    "teachable": {"size": "320×240", "fps": 5, "view": "Understand"},
    "ocr": {"input": "Live", "weak": 0.5},
    "textgen": {"view": "Word cloud", "temperature": 1.5, "models": ["LSTM"]},
}
LATER = {"ocr": {"facing": "user", "mirror": False}, "textgen": {"clouds/shape": "heart"}}  # shown after those above


def by_menu(at: AppTest, page: str) -> None:
    at._page_hash = calc_hash(page)
    ran(at.run())


def by_home(at: AppTest, page: str) -> None:
    by_menu(at, "")
    assert not at.query_params
    by_menu(at, page)  # a card is a link, as an entry of the menu is


def sent_by_the_presenter(at: AppTest, page: str) -> None:
    house().controls.send(page)
    ran(at.run())
    at._page_hash = calc_hash(page)


def state(at: AppTest) -> dict[str, Any]:
    return {key: node.value for key, node in bound(at).items()}


def first_change(at: AppTest) -> dict[str, Any]:
    """The first switch or slider of the page, at another value."""
    for key, node in bound(at).items():
        if node.type == "toggle":
            return {key: not node.value}
        if node.type == "slider":
            return {key: node.min if node.value != node.min else node.max}
    raise AssertionError("no switch and no slider: give the page a row in CHANGED")


def changed(at: AppTest, page: str) -> dict[str, Any]:
    for values in (CHANGED.get(page) or first_change(at), LATER.get(page, {})):
        widgets = bound(at)
        for key, value in values.items():
            widgets[key].set_value(value)
        ran(at.run())
    return state(at)


@pytest.mark.parametrize("names", [NAMES, list("abcde"), list("abcdefghijklmnopq")], ids=len)
def test_the_walk_takes_each_step_once_and_comes_to_each_page_from_four_others(names: list[str]) -> None:
    taken = list(pairwise(walk(names)))
    assert len(taken) == len(set(taken)) == 4 * len(names) and set(taken) == steps(names)
    assert walk(names)[0] == walk(names)[-1] == names[0]


ROUND = [*NAMES, *NAMES[:2]]  # to each page, and back to two of them


@pytest.mark.parametrize(("come", "pages"), [(by_menu, WALK), (by_home, ROUND), (sent_by_the_presenter, ROUND)])
def test_each_page_has_its_own_settings(come: Callable[[AppTest, str], None], pages: list[str]) -> None:
    defaults = {name: state(when_read(opened(name))) for name in NAMES}
    at, left, addresses = opened(pages[0]), {}, {}
    for page in pages:
        if at.title[0].value != demo(page).title:
            come(at, page)
        now = state(at)
        if page not in left:
            assert now == {key: defaults[page][key] for key in now} and not at.query_params, page
            left[page] = changed(at, page)
        else:
            assert now == left[page], page
            assert at.query_params == addresses.setdefault(page, at.query_params), page
    for page, address in addresses.items():
        assert state(opened(page, **address)) == left[page], "a link shows what it was made from"


def test_what_the_browser_still_sends_of_the_page_before_does_not_count() -> None:
    """The menu pressed twice in a hurry: the second press comes with the first page's parameters."""
    at = opened("classifier", k="3", facing="Rear")
    ran(at.run())
    by_menu(at, "textgen")
    at.query_params |= {"k": ["3"], "facing": ["Rear"]}
    by_menu(at, "teachable")
    assert not at.query_params and state(at)["facing"] == "user"


def test_a_link_comes_before_what_was_set_on_the_page_earlier() -> None:
    at = opened("classifier", k="3", sure="0.5")
    by_menu(at, "pose")
    at.query_params |= {"k": "7"}
    by_menu(at, "classifier")
    assert state(at) | {"k": 7, "sure": 0.5} == state(at)


def test_with_another_streamlit_than_the_known_one_pages_keep_to_themselves_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = opened("classifier", size="320×240", k="3")
    monkeypatch.setattr(streamlit_patches, "is_known", lambda package: False)
    by_menu(at, "pose")
    bound(at)["size"].set_value("1280×720")
    ran(at.run())
    by_menu(at, "teachable")
    assert state(at)["size"] == "640×480" and state(at)["facing"] == "user"
    by_menu(at, "classifier")
    assert (state(at)["size"], state(at)["k"]) == ("320×240", 3)
    by_menu(at, "pose")
    assert state(at)["size"] == "1280×720"


def test_an_open_link_dialog_stays_behind() -> None:
    at = opened("classifier")
    assert link_of(at)
    by_menu(at, "pose")
    by_menu(at, "classifier")
    assert not at.code
