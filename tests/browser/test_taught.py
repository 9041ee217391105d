"""Teach it where in a real browser: a box drawn with the mouse teaches with the others."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_box_drawn_with_the_mouse_is_kept_and_training_gives_a_score(visit: Callable[..., Page]) -> None:
    page = visit("taught?input=Upload")
    page.get_by_role("button", name="Try it with ready pictures").click()
    canvas = page.get_by_role("img", name="The picture to draw on")
    expect(canvas).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 110, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("mAP@0.5 on pictures held out")).to_be_visible(timeout=60_000)
