"""A part of a part of a picture: what the visitor draws a frame around may itself be cropped and turned."""

from dataclasses import replace

from models.ocr.prepare.steps import Tools

Region = tuple[float, float, float, float]
"""x0, y0, x1, y1 as shares of width and height."""

WHOLE: Region = (0.0, 0.0, 1.0, 1.0)


def narrowed(tools: Tools, turned: int, region: Region) -> Tools:
    """The tools that give only `region` of the picture that `tools` made and that was then turned by `turned` quarter
    turns clockwise."""
    x0, y0, x1, y1 = clockwise(tools.region or WHOLE, turned)
    left, top, right, bottom = region
    width, height = x1 - x0, y1 - y0
    part = x0 + left * width, y0 + top * height, x0 + right * width, y0 + bottom * height
    return replace(tools, turn=(tools.turn + turned) % 4, region=part)


def clockwise(region: Region, turns: int) -> Region:
    """The same part of the picture after so many quarter turns clockwise."""
    for _ in range(turns % 4):
        x0, y0, x1, y1 = region
        region = 1 - y1, x0, 1 - y0, x1
    return region
