"""The picture for "How it works": heat map and offsets, drawn by us.

They are those of G-RMI (Papandreou et al. 2017, "Towards Accurate Multi-person Pose Estimation in the Wild"), PersonLab
(Papandreou et al. 2018) and PoseNet, which brought the latter into the browser. BlazePose, which the page runs, gives
coordinates as numbers and uses a heat map to correct them.
"""

from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw

from models.pictures.drawing import font_of

Point = tuple[float, float]

_SCALE = 2  # drawn at twice the size it is shown at, so that it stays sharp on a projector
_WIDTH, _HEIGHT = 920, 470  # all lengths below are in these units
_CELL = 46
_GRID_WH = (9, 8)
_GRID_AT = (28, 76)
_WRIST = (7.72, 2.2)  # in cells
_ZOOM_AT, _ZOOM = (566, 102), 316

_PAPER, _INK, _SOFT = (250, 249, 246), (38, 40, 54), (112, 114, 128)
_HOT, _POINT, _ARROW = (226, 88, 20), (255, 255, 255), (20, 92, 190)
_FIGURE = (92, 98, 120)

# a person who waves with the left hand, in cells; seen from the front, so the left is at our right
_HEAD, _HEAD_RADIUS = (4.5, 1.25), 0.62
_LIMBS: tuple[tuple[Point, ...], ...] = (
    ((4.5, 1.9), (4.5, 2.35)),
    ((3.5, 2.55), (5.5, 2.55), (5.15, 4.9), (3.85, 4.9), (3.5, 2.55)),
    ((5.5, 2.55), (6.75, 3.45), _WRIST),
    ((3.5, 2.55), (2.75, 3.7), (2.35, 4.85)),
    ((5.15, 4.9), (5.35, 6.35), (5.4, 7.75)),
    ((3.85, 4.9), (3.65, 6.35), (3.6, 7.75)),
)


@cache
def heatmap_and_offsets() -> np.ndarray:
    """RGB uint8 (940, 1840, 3), read-only. Left: how sure the network is, cell by cell, that the left wrist is there.
    Right: the surest cell, and its offset vector from the cell's centre to the wrist itself."""
    image = Image.new("RGB", (_WIDTH * _SCALE, _HEIGHT * _SCALE), _PAPER)
    rgb = np.asarray(image).copy()
    _draw_grid(rgb)
    _draw_zoom(rgb)
    rgb = _write(rgb)
    rgb.flags.writeable = False
    return rgb


def heat() -> np.ndarray:
    """The heat map, float (8, 9) in 0..1: a hill around the wrist. The network is taught a disc, 1 within some radius
    and 0 beyond, and answers with a hill because it is never sure where the disc ends."""
    rows, columns = np.mgrid[: _GRID_WH[1], : _GRID_WH[0]] + 0.5
    return np.exp(-((columns - _WRIST[0]) ** 2 + (rows - _WRIST[1]) ** 2) / (2 * 0.95**2))


def best_cell() -> tuple[int, int]:
    """Column and row of the heat map's hottest cell."""
    row, column = divmod(int(heat().argmax()), _GRID_WH[0])
    return column, row


def _px(x: float, y: float) -> tuple[int, int]:
    return round(x * _SCALE), round(y * _SCALE)


def _on_grid(point: Point) -> Point:
    return _GRID_AT[0] + point[0] * _CELL, _GRID_AT[1] + point[1] * _CELL


def _in_zoom(point: Point) -> Point:
    column, row = best_cell()
    return _ZOOM_AT[0] + (point[0] - column) * _ZOOM, _ZOOM_AT[1] + (point[1] - row) * _ZOOM


def _warm(value: float) -> tuple[int, int, int]:
    """From white over yellow and orange to deep red: dark is sure, on paper."""
    stops = np.array([(255, 255, 255), (255, 232, 170), (252, 170, 74), (226, 88, 20)], float)
    at = value * (len(stops) - 1)
    low = min(int(at), len(stops) - 2)
    r, g, b = np.rint(stops[low] + (at - low) * (stops[low + 1] - stops[low])).astype(int).tolist()
    return r, g, b


def _draw_figure(rgb: np.ndarray, thick: float) -> None:
    for limb in _LIMBS:
        line = np.array([_px(*_on_grid(point)) for point in limb], np.int32)
        cv2.polylines(rgb, [line], False, _FIGURE, round(thick * _SCALE), cv2.LINE_AA)
    cv2.circle(rgb, _px(*_on_grid(_HEAD)), round(_HEAD_RADIUS * _CELL * _SCALE), _FIGURE, -1, cv2.LINE_AA)


def _draw_grid(rgb: np.ndarray) -> None:
    columns, rows = _GRID_WH
    values = heat()
    for row in range(rows):
        for column in range(columns):
            corner, opposite = _on_grid((column, row)), _on_grid((column + 1, row + 1))
            cv2.rectangle(rgb, _px(*corner), _px(*opposite), _warm(values[row, column]), -1)
    under = rgb.copy()
    _draw_figure(rgb, 9)
    cv2.addWeighted(under, 0.35, rgb, 0.65, 0, dst=rgb)
    for column in range(columns + 1):
        cv2.line(rgb, _px(*_on_grid((column, 0))), _px(*_on_grid((column, rows))), (206, 206, 212), _SCALE)
    for row in range(rows + 1):
        cv2.line(rgb, _px(*_on_grid((0, row))), _px(*_on_grid((columns, row))), (206, 206, 212), _SCALE)
    column, row = best_cell()
    _frame(rgb, _on_grid((column, row)), _CELL)
    _dot(rgb, _on_grid(_WRIST), 5)


def _draw_zoom(rgb: np.ndarray) -> None:
    column, row = best_cell()
    for a, b in (((column + 1, row), _ZOOM_AT), ((column + 1, row + 1), (_ZOOM_AT[0], _ZOOM_AT[1] + _ZOOM))):
        cv2.line(rgb, _px(*_on_grid(a)), _px(*b), _INK, _SCALE, cv2.LINE_AA)
    x, y = _ZOOM_AT
    tile = rgb[y * _SCALE : (y + _ZOOM) * _SCALE, x * _SCALE : (x + _ZOOM) * _SCALE]
    tile[:] = _warm(float(heat().max()))
    tile[:] = (0.45 * tile + 0.55 * 255).astype(np.uint8)
    forearm = np.array([_px(*_in_zoom(point)) for point in _LIMBS[2][1:]], np.int32) - _px(x, y)
    limb = tile.copy()
    cv2.polylines(limb, [forearm], False, _FIGURE, round(9 / _CELL * _ZOOM * _SCALE), cv2.LINE_AA)
    tile[:] = cv2.addWeighted(tile, 0.6, limb, 0.4, 0)
    _frame(rgb, _ZOOM_AT, _ZOOM)
    centre, wrist = _in_zoom((column + 0.5, row + 0.5)), _in_zoom(_WRIST)
    cross = 9
    for dx, dy in ((cross, 0), (0, cross)):
        ends = _px(centre[0] - dx, centre[1] - dy), _px(centre[0] + dx, centre[1] + dy)
        cv2.line(rgb, *ends, _INK, 3 * _SCALE, cv2.LINE_AA)
    gap = 12 / float(np.hypot(wrist[0] - centre[0], wrist[1] - centre[1]))
    tip = (wrist[0] + gap * (centre[0] - wrist[0]), wrist[1] + gap * (centre[1] - wrist[1]))
    cv2.arrowedLine(rgb, _px(*centre), _px(*tip), _ARROW, 5 * _SCALE, cv2.LINE_AA, tipLength=0.22)
    _dot(rgb, wrist, 10)


def _frame(rgb: np.ndarray, at: Point, side: float) -> None:
    cv2.rectangle(rgb, _px(*at), _px(at[0] + side, at[1] + side), _INK, 3 * _SCALE)


def _dot(rgb: np.ndarray, at: Point, radius: float) -> None:
    cv2.circle(rgb, _px(*at), round((radius + 2.5) * _SCALE), _INK, -1, cv2.LINE_AA)
    cv2.circle(rgb, _px(*at), round(radius * _SCALE), _POINT, -1, cv2.LINE_AA)


def _write(rgb: np.ndarray) -> np.ndarray:
    image = Image.fromarray(rgb)
    draw = ImageDraw.Draw(image)

    def text(at: Point, words: str, size: int, colour: tuple[int, int, int] = _INK, anchor: str = "la") -> None:
        draw.text(_px(*at), words, fill=colour, font=font_of(size * _SCALE), anchor=anchor)

    column, row = best_cell()
    text((_GRID_AT[0], 20), "1  Heat map (PoseNet)", 20)
    text((_GRID_AT[0], 47), "how sure, cell by cell: is the left wrist here?", 14, _SOFT)
    text((_ZOOM_AT[0], 20), "2  Offset (PoseNet)", 20)
    text((_ZOOM_AT[0], 47), "from the surest cell's centre to the wrist itself", 14, _SOFT)
    centre, wrist = _in_zoom((column + 0.5, row + 0.5)), _in_zoom(_WRIST)
    text((centre[0] - 16, centre[1]), "centre", 15, anchor="rm")
    text((wrist[0], wrist[1] - 38), "left wrist", 15, anchor="ms")
    text(((centre[0] + wrist[0]) / 2 + 44, (centre[1] + wrist[1]) / 2 + 12), "offset", 15, _ARROW, anchor="lm")
    text((_ZOOM_AT[0], _ZOOM_AT[1] + _ZOOM + 12), "wrist = cell's centre + offset", 15, _ARROW)
    return np.asarray(image).copy()
