"""The vision bench in Chromium: the picture that comes back, the hand's part of steps, the fractal."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import lab

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
# colours of the returned picture: how far red, green and blue lie apart, and how bright its brightest pixel is
SEEN = """video => {
  const canvas = document.createElement("canvas"), draw = canvas.getContext("2d");
  if (!video.videoWidth) return [0, 0];
  Object.assign(canvas, { width: 64, height: 48 });
  draw.drawImage(video, 0, 0, 64, 48);
  const { data } = draw.getImageData(0, 0, 64, 48);
  let apart = 0, brightest = 0;
  for (let at = 0; at < data.length; at += 4) {
    const rgb = data.slice(at, at + 3);
    apart = Math.max(apart, Math.max(...rgb) - Math.min(...rgb));
    brightest = Math.max(brightest, ...rgb);
  }
  return [apart, brightest];
}"""


def drag(page: Page, canvas: Locator, *points: tuple[float, float]) -> None:
    """Over these places of the canvas, as shares of its sides."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_the_cameras_picture_comes_back_as_edges_then_as_the_next_step(visit: Visit) -> None:
    page = visit("vision?input=Live")
    lab.start_camera(page)
    video = lab.streamer(page).locator("video")
    for _ in range(60):
        apart, brightest = video.evaluate(SEEN)
        if brightest > 60 and apart < 40:
            break
        page.wait_for_timeout(500)
    else:
        raise AssertionError(f"no edges came back: {apart}, {brightest}")
    expect(page.get_by_text("edges").first).to_be_visible()
    page.get_by_role("button", name="Own kernel").click()
    for _ in range(60):
        if (apart := video.evaluate(SEEN)[0]) > 80:
            break
        page.wait_for_timeout(500)
    assert apart > 80, "with its own kernel the picture has colours again"


def test_a_box_drawn_on_the_picture_is_found_in_it(visit: Visit) -> None:
    page = visit("vision")
    page.get_by_role("button", name="Find a part").click()
    drag(page, page.locator(".box canvas"), (0.3, 0.2), (0.6, 0.5))
    expect(page.get_by_text("alike at the best place")).to_be_visible()
    assert "100%" in page.get_by_text("alike at the best place").inner_text()


def test_frequencies_are_rubbed_out_and_come_back(visit: Visit) -> None:
    page = visit("vision")
    page.get_by_role("button", name="Frequencies").click()
    back = page.get_by_role("button", name="Put all frequencies back")
    drag(page, page.locator(".rub canvas"), (0.5, 0.4), (0.5, 0.6))
    back.click()
    expect(back).to_have_count(0)


def test_the_kernel_walks_and_its_sum_is_said(visit: Visit) -> None:
    page = visit("vision")
    page.get_by_role("button", name="Own kernel").click()
    said = page.locator(".walk .sum")
    expect(said).to_contain_text("=")
    before = page.locator(".walk .patch").inner_html()
    page.locator(".walk .step").click()
    expect(said).to_contain_text("× 5")
    assert page.locator(".walk .patch").inner_html() != before


def test_a_fractal_is_zoomed_into_and_computed_on_the_server(visit: Visit) -> None:
    page = visit("vision?view=Why+GPUs%3F")
    said = page.locator(".fractal [role=status]")
    expect(said).to_contain_text("1× enlarged")
    page.locator(".fractal canvas").hover()
    page.mouse.wheel(0, -600)
    expect(said).not_to_contain_text(" 1× enlarged")
    page.get_by_role("button", name="on the server").click()
    for name in ("plain Python", "NumPy", "torch", "your graphics card"):
        expect(page.locator(".bars").get_by_text(name)).to_be_visible()
