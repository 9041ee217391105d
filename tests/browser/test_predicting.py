"""A question first, and its answer on the page; and a picture that is taken apart."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models.demos import DEMOS
from models.questions import QUESTIONS
from tests.browser import lab

pytestmark = pytest.mark.browser


def answer(page: Page, words: str) -> None:
    page.locator(".st-key-predict").get_by_role("button", name=words, exact=True).click()
    lab.at_rest(page)


def test_the_answer_to_a_question_is_shown_by_the_page(visit: Callable[..., Page]) -> None:
    page = visit("classifier")
    question, second = QUESTIONS["classifier"][:2]
    answer(page, question.answers[0])
    box = page.locator(".st-key-predict")
    expect(box).to_contain_text("cats together have 92 %")
    expect(page.locator(".verdict")).to_contain_text("tiger cat")
    box.get_by_role("button", name="Next question").click()
    answer(page, second.answers[second.right])
    expect(box).to_contain_text("Right.")
    expect(page.get_by_role("button", name="The cat in quarters", exact=True)).to_have_attribute("aria-pressed", "true")
    box.get_by_role("button", name="No questions").click()
    expect(box).to_have_count(0)


@pytest.mark.parametrize("name", [demo.name for demo in DEMOS])
def test_each_page_can_show_all_its_answers(visit: Callable[..., Page], name: str) -> None:
    page = visit(name)
    following = page.get_by_role("button", name="Next question")
    for question in QUESTIONS[name]:
        if question is not QUESTIONS[name][0]:
            following.click()
        answer(page, question.answers[question.right])
        expect(page.locator(".st-key-predict")).to_contain_text("Right.")
        expect(page.get_by_test_id("stException")).to_have_count(0)


def test_what_is_rubbed_out_is_no_longer_seen(visit: Callable[..., Page]) -> None:
    page = visit("classifier?input=Samples")
    page.get_by_text("Take it apart").click()
    canvas = page.locator("canvas").first
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("tiger cat")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    for row in range(0, 29, 2):
        for column in (0, 1):
            x = box["width"] * (column if row % 4 else 1 - column)
            page.mouse.move(box["x"] + min(max(x, 2), box["width"] - 2), box["y"] + box["height"] * row / 28, steps=40)
    page.mouse.up()
    expect(verdict).not_to_contain_text("tiger cat")
    page.get_by_role("button", name="Put all back").click()
    expect(verdict).to_contain_text("tiger cat")
