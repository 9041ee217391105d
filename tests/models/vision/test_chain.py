"""Chains: what a link says of them, what they make of a picture, and the program to copy."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.vision.chain import EXAMPLES, MAX_STEPS, STEPS, Trace, chain_of, code_of, link_of, run, text_of
from tests.models.vision.plainly import PICTURES, furthest

RGB = PICTURES["coffee 321x203"]


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_is_read_and_written_again(text: str) -> None:
    chain = chain_of(text)
    assert chain and len(chain) == len(json.loads(text)) and text_of(chain_of(text_of(chain))) == text_of(chain)


def test_what_is_set_and_what_is_off_comes_through_a_link() -> None:
    chain = (link_of("canny", {"low": 10}), replace(link_of("grey"), is_on=False))
    again = chain_of(text_of(chain))
    assert [(link.step.name, dict(link.values), link.is_on) for link in again] == [
        (link.step.name, dict(link.values), link.is_on) for link in chain
    ]


@pytest.mark.parametrize(
    "text", ["", "x", "{}", "[1]", "[[]]", "[[1]]", "[[[]]]", "[" * 100_000, '[["grey"]' + " " * 9000]
)
def test_a_broken_link_is_an_empty_chain(text: str) -> None:
    assert chain_of(text) == ()


def test_of_thirty_steps_the_first_are_taken_and_unknown_ones_are_left_out() -> None:
    assert len(chain_of(json.dumps([["grey"]] * 30))) == MAX_STEPS
    (link,) = chain_of('[["nothing"],["canny",{"low":"x","high":1e99,"more":1}]]')
    assert dict(link.values) == {"low": 60, "high": 500}


def test_each_picture_of_a_trace_is_made_of_the_one_before() -> None:
    before = RGB.copy()
    chain = (link_of("grey"), replace(link_of("noise"), is_on=False), link_of("canny"))
    trace = run(chain, RGB)
    assert (before == RGB).all() and trace.pictures[0] is RGB and not trace.failed
    assert trace.pictures[2] is trace.pictures[1]
    assert set(np.unique(trace.pictures[3])) == {0, 255}
    with pytest.raises(ValueError, match="picture more"):
        Trace((RGB,), (0.1,))


@pytest.mark.parametrize("shape", [(1, 1), (2, 700), (5, 5)])
def test_a_step_that_cannot_do_it_passes_the_picture_on(shape: tuple[int, int]) -> None:
    rgb = np.zeros((*shape, 3), np.uint8)
    for name in STEPS:
        trace = run((link_of(name),), rgb)
        assert trace.pictures[-1].shape == rgb.shape
        assert all(STEPS[name].title in words for words in trace.failed.values())


@pytest.mark.parametrize("name", ["Edges", "Own kernel", "Colour blindness", "Green screen", "Noise", "Two humps"])
def test_the_program_to_copy_makes_the_same_picture(name: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = chain_of(EXAMPLES[name])
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("picture.png", cv2.cvtColor(RGB, cv2.COLOR_RGB2BGR))
    exec(code_of(chain).replace("picture.jpg", "picture.png"), {})
    made = cv2.cvtColor(cv2.imread("out.png"), cv2.COLOR_BGR2RGB)
    assert furthest(made, run(chain, RGB).pictures[-1]) <= 1
