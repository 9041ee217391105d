"""The browser's key in a real browser: drawn once, kept, told once, and no key of another browser's.

No server: the component's own files in a page that stands in for Streamlit's."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from components.layout import script

pytestmark = pytest.mark.browser

HOST = """<!doctype html><meta charset="utf-8">
<div style="display: flex; flex-direction: column; gap: 16px">
<b>above</b><div data-testid="stElementContainer"><div id="host"></div></div><b>below</b></div>
<script type="module">
  import show from "./browser_key.js";
  const root = document.querySelector("#host").attachShadow({ mode: "open" });
  window.told = [];
  let known = null;
  window.run = () => show({ parentElement: root, data: { known }, setStateValue: (name, value) => {
    window.told.push([name, value]);
    known = value;
    window.run(); // as Streamlit does
  } });
  window.run();
</script>"""

BLOCKED = "Object.defineProperty(window, '{}', {{ get() {{ throw new DOMException('blocked', 'SecurityError'); }} }});"


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A new visitor; `blocked` names the storage that their browser denies."""
    contexts: list[BrowserContext] = []

    def come(*blocked: str) -> BrowserContext:
        context = browser.new_context()
        contexts.append(context)
        for storage in blocked:
            context.add_init_script(BLOCKED.format(storage))

        def serve(route: Any) -> None:
            if route.request.url.endswith("browser_key.js"):
                route.fulfill(body=script("browser_key/browser_key"), content_type="text/javascript")
            else:
                route.fulfill(body=HOST, content_type="text/html")

        context.route("**/*", serve)
        return context

    yield come
    for context in contexts:
        context.close()


def opened(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("http://limelight.test/")  # no secure page, as in a room without a certificate
    page.wait_for_function("window.told.length > 0")
    return page


def key(page: Page) -> str:
    """The key that the page told; it told it once."""
    ((name, value),) = page.evaluate("window.told")
    assert name == "browser"
    return value


def test_it_is_64_hexadecimal_digits_told_once(visitor: Callable[..., BrowserContext]) -> None:
    page = opened(visitor())
    assert page.evaluate("window.isSecureContext") is False
    page.evaluate("window.run()")
    assert re.fullmatch("[0-9a-f]{64}", key(page))


def test_a_reload_and_another_tab_tell_the_same(visitor: Callable[..., BrowserContext]) -> None:
    context = visitor()
    page = opened(context)
    first = key(page)
    page.reload()
    page.wait_for_function("window.told.length > 0")
    assert key(page) == first == key(opened(context))


def test_another_browser_draws_another_one(visitor: Callable[..., BrowserContext]) -> None:
    assert key(opened(visitor())) != key(opened(visitor()))


def test_what_is_no_key_is_drawn_anew(visitor: Callable[..., BrowserContext]) -> None:
    context = visitor()
    page = opened(context)
    page.evaluate("localStorage.setItem('limelight-key', '../../etc/passwd')")
    again = key(opened(context))
    assert re.fullmatch("[0-9a-f]{64}", again) and key(opened(context)) == again


def test_without_lasting_storage_it_lasts_as_long_as_the_tab(visitor: Callable[..., BrowserContext]) -> None:
    page = opened(visitor("localStorage"))
    first = key(page)
    page.reload()
    page.wait_for_function("window.told.length > 0")
    assert key(page) == first


def test_without_any_storage_the_page_has_one_all_the_same(visitor: Callable[..., BrowserContext]) -> None:
    page = opened(visitor("localStorage", "sessionStorage"))
    page.evaluate("window.run()")
    assert re.fullmatch("[0-9a-f]{64}", key(page))


def test_it_takes_no_room(visitor: Callable[..., BrowserContext]) -> None:
    above, below = opened(visitor()).evaluate(
        "[...document.querySelectorAll('b')].map((line) => line.getBoundingClientRect().top)"
    )
    assert below - above < 40, "one line and one gap, not two"
