"""A frame drawn on what was cropped and turned gives the very pixels that were framed."""

import numpy as np
import pytest

from models.ocr.prepare.region import WHOLE, clockwise, narrowed
from models.ocr.prepare.steps import Tools, apply

# each pixel says where it is
MAP = np.dstack([*np.meshgrid(np.arange(40), np.arange(60)), np.zeros((60, 40))]).astype(np.uint8)


@pytest.mark.parametrize("turned", range(4))
@pytest.mark.parametrize(
    "before", [Tools(), Tools(turn=1), Tools(region=(0.25, 0.5, 0.75, 1.0)), Tools(turn=3, region=(0, 0, 0.5, 0.5))]
)
def test_the_frame_holds_what_the_visitor_saw_in_it(before: Tools, turned: int) -> None:
    seen = np.rot90(apply(MAP, before), -turned)
    height, width = seen.shape[:2]
    framed = seen[height // 4 : height // 2, width // 2 :]
    again = apply(MAP, narrowed(before, turned, (0.5, (height // 4) / height, 1.0, (height // 2) / height)))
    assert again.shape[:2] == pytest.approx(framed.shape[:2], abs=1)
    rows, columns = min(len(again), len(framed)), min(again.shape[1], framed.shape[1])
    assert np.abs(again[:rows, :columns].astype(int) - framed[:rows, :columns]).max() <= 1


def test_four_quarter_turns_are_none() -> None:
    assert clockwise((0.1, 0.2, 0.3, 0.4), 4) == (0.1, 0.2, 0.3, 0.4)
    assert clockwise((0.1, 0.2, 0.3, 0.4), 1) == pytest.approx((0.6, 0.1, 0.8, 0.3))


def test_the_other_steps_stay() -> None:
    tools = narrowed(Tools(grey=True, straighten=2.0), 0, WHOLE)
    assert tools.grey and tools.straighten == 2.0 and tools.region == WHOLE
