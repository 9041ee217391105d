"""Steps that find something: corners, described points, a part cut out before, lines and circles."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from models.vision.parameters import Slider
from models.vision.step import Step, Values, grey_of

MARK = (122, 199, 12)
MAX_MARKS = 500  # drawn on a picture
HELD = "held"
"""Under this name a step finds the picture it works with among its values; None while the visitor has given none."""

_ORB_POINTS = 500
_RATIO = 0.75  # Lowe 2004: a match must be so much nearer than the second best


def _corners_of(rgb: np.ndarray, values: Values) -> np.ndarray:
    """int (n, 2), x and y."""
    strength = cv2.cornerHarris(grey_of(rgb), values["window"], 3, values["k"])
    least = values["least"] / 100 * float(strength.max())
    peaks = (strength == cv2.dilate(strength, np.ones((3, 3), np.uint8))) & (strength > max(least, 1e-9))
    return np.argwhere(peaks)[:, ::-1]


def _harris(rgb: np.ndarray, values: Values) -> np.ndarray:
    out = rgb.copy()
    for x, y in _corners_of(rgb, values)[:MAX_MARKS].tolist():
        cv2.circle(out, (x, y), 4, MARK, 2)
    return out


def _harris_code(values: Values) -> str:
    return (
        "grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)\n"
        f"strength = cv2.cornerHarris(grey, {values['window']}, 3, {values['k']:g})\n"
        "peaks = strength == cv2.dilate(strength, None)\n"
        f"peaks &= strength > {values['least'] / 100:g} * strength.max()\n"
        "out = rgb.copy()\n"
        f"for y, x in np.argwhere(peaks)[:{MAX_MARKS}].tolist(): cv2.circle(out, (x, y), 4, {MARK}, 2)"
    )


def _count_corners(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    return {"corners": f"{len(_corners_of(before, values)):,}"}


def _matches(rgb: np.ndarray, values: Values) -> tuple[Any, Any, list[Any]]:
    """Keypoints of the picture and of the card, and what belongs together."""
    orb = cv2.ORB.create(_ORB_POINTS)
    points, described = orb.detectAndCompute(grey_of(rgb), None)
    card = values.get(HELD)
    if card is None:
        return points, (), []
    of_card, card_described = orb.detectAndCompute(grey_of(card), None)
    if described is None or card_described is None or len(described) < 2:
        return points, of_card, []
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(card_described, described, k=2)
    return points, of_card, [best for best, *rest in pairs if rest and best.distance < _RATIO * rest[0].distance]


def _orb(rgb: np.ndarray, values: Values) -> np.ndarray:
    points, of_card, matches = _matches(rgb, values)
    card = values.get(HELD)
    if card is None:
        return cv2.drawKeypoints(rgb, points, rgb.copy(), MARK)
    height, width = rgb.shape[:2]
    scale = min(0.35 * width / card.shape[1], 0.35 * height / card.shape[0])
    small = cv2.resize(card, (max(1, round(card.shape[1] * scale)), max(1, round(card.shape[0] * scale))))
    out = rgb.copy()
    out[: small.shape[0], : small.shape[1]] = small
    for match in matches[:MAX_MARKS]:
        at = tuple(round(scale * side) for side in of_card[match.queryIdx].pt)
        to = tuple(round(side) for side in points[match.trainIdx].pt)
        cv2.line(out, at, to, MARK, 1, cv2.LINE_AA)
        cv2.circle(out, to, 4, MARK, 2)
    return out


def _orb_code(values: Values) -> str:
    find = "orb.detectAndCompute(cv2.cvtColor({}, cv2.COLOR_RGB2GRAY), None)"
    lines = [f"orb = cv2.ORB.create({_ORB_POINTS})", f"points, described = {find.format('rgb')}"]
    if values.get(HELD) is None:
        return "\n".join([*lines, f"out = cv2.drawKeypoints(rgb, points, None, {MARK})"])
    lines += [
        f"of_card, card_described = {find.format('card')}",
        "pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(card_described, described, k=2)",
        f"matches = [best for best, second in pairs if best.distance < {_RATIO} * second.distance]",
        "found = [points[match.trainIdx] for match in matches]",
        f"out = cv2.drawKeypoints(rgb, found, None, {MARK})",
    ]
    return "\n".join(lines)


def _count_matches(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    points, of_card, matches = _matches(before, values)
    said = {"points": f"{len(points)}"}
    return (
        said
        if values.get(HELD) is None
        else said | {"points of the card found again": f"{len(matches)} of {len(of_card)}"}
    )


def _best_place(rgb: np.ndarray, part: np.ndarray) -> tuple[float, tuple[int, int]]:
    """The highest correlation, and x and y of the part's upper left corner there; a part larger than the picture fits
    nowhere, which is a correlation of 0."""
    if part.shape[0] > rgb.shape[0] or part.shape[1] > rgb.shape[1]:
        return 0.0, (0, 0)
    # of a part without any contrast the correlation is not defined
    alike = cv2.matchTemplate(grey_of(rgb), grey_of(part), cv2.TM_CCOEFF_NORMED)
    alike = np.nan_to_num(alike, nan=0.0, posinf=0.0, neginf=0.0)
    _, best, _, (x, y) = cv2.minMaxLoc(alike)
    return float(best), (x, y)


def _template(rgb: np.ndarray, values: Values) -> np.ndarray:
    out, part = rgb.copy(), values.get(HELD)
    if part is None:
        return out
    alike, (x, y) = _best_place(rgb, part)
    if alike >= values["least"] / 100:
        cv2.rectangle(out, (x, y), (x + part.shape[1] - 1, y + part.shape[0] - 1), MARK, 3)
    return out


def _template_code(values: Values) -> str:
    return (
        "grey, grey_part = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (rgb, part))\n"
        "alike = cv2.matchTemplate(grey, grey_part, cv2.TM_CCOEFF_NORMED)\n"
        "_, best, _, (x, y) = cv2.minMaxLoc(alike)\n"
        "out = rgb.copy()\n"
        f"if best >= {values['least'] / 100:g}: cv2.rectangle(out, (x, y), "
        f"(x + part.shape[1] - 1, y + part.shape[0] - 1), {MARK}, 3)"
    )


def _say_template(before: np.ndarray, after: np.ndarray, values: Values) -> Mapping[str, str]:
    part = values.get(HELD)
    if part is None:
        return {}
    if part.shape[0] > before.shape[0] or part.shape[1] > before.shape[1]:
        return {"the part": "is larger than the picture"}
    alike, _ = _best_place(before, part)
    return {
        "alike at the best place": f"{max(alike, 0):.0%}",
        "found": "yes" if alike >= values["least"] / 100 else "no",
    }


def _lines_of(rgb: np.ndarray, values: Values) -> np.ndarray:
    """int (n, 4): both ends."""
    edges = cv2.Canny(grey_of(rgb), 60, 150)
    found = cv2.HoughLinesP(edges, 1, np.pi / 180, values["votes"], None, values["length"], values["gap"])
    return np.zeros((0, 4), int) if found is None else found.reshape(-1, 4)


def _lines(rgb: np.ndarray, values: Values) -> np.ndarray:
    out = rgb.copy()
    for x0, y0, x1, y1 in _lines_of(rgb, values)[:MAX_MARKS].tolist():
        cv2.line(out, (x0, y0), (x1, y1), MARK, 2, cv2.LINE_AA)
    return out


def _lines_code(values: Values) -> str:
    votes, length, gap = values["votes"], values["length"], values["gap"]
    return (
        "edges = cv2.Canny(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 60, 150)\n"
        f"lines = cv2.HoughLinesP(edges, 1, np.pi / 180, {votes}, None, {length}, {gap})\n"
        "out = rgb.copy()\n"
        f"for x0, y0, x1, y1 in ([] if lines is None else lines.reshape(-1, 4)[:{MAX_MARKS}].tolist()): "
        f"cv2.line(out, (x0, y0), (x1, y1), {MARK}, 2, cv2.LINE_AA)"
    )


def _circles_of(rgb: np.ndarray, values: Values) -> np.ndarray:
    """float (n, 3): x, y, radius."""
    smooth = cv2.medianBlur(grey_of(rgb), 5)
    low, high = sorted((values["smallest"], values["largest"]))
    found = cv2.HoughCircles(
        smooth, cv2.HOUGH_GRADIENT, 2, 2 * low, None, 150, values["votes"], low, max(high, low + 1)
    )  # fmt: skip
    return np.zeros((0, 3)) if found is None else found.reshape(-1, found.shape[-1])[:, :3]


def _circles(rgb: np.ndarray, values: Values) -> np.ndarray:
    out = rgb.copy()
    for x, y, radius in np.rint(_circles_of(rgb, values)[:MAX_MARKS]).astype(int).tolist():
        cv2.circle(out, (x, y), radius, MARK, 3)
    return out


def _circles_code(values: Values) -> str:
    low, high = sorted((values["smallest"], values["largest"]))
    return (
        "smooth = cv2.medianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 5)\n"
        f"found = cv2.HoughCircles(smooth, cv2.HOUGH_GRADIENT, 2, {2 * low}, None, 150, {values['votes']}, {low}, "
        f"{max(high, low + 1)})\n"
        "circles = [] if found is None else np.rint(found[..., :3].reshape(-1, 3)).astype(int).tolist()\n"
        "out = rgb.copy()\n"
        f"for x, y, radius in circles[:{MAX_MARKS}]: cv2.circle(out, (x, y), radius, {MARK}, 3)"
    )


STEPS = (
    Step(
        "harris",
        "Harris corners",
        "Find",
        "A corner is where the picture changes in every direction. It is found again when the picture turns.",
        (
            Slider("window", "Window", 2, 10, 3),
            Slider("k", "k: the higher, the less edges pass for corners", 0.02, 0.15, 0.04, 0.01),
            Slider("least", "Least strength, % of the strongest", 1, 50, 5),
        ),
        _harris,
        _harris_code,
        _count_corners,
    ),
    Step(
        "orb",
        "Match a card",
        "Find",
        "Points with a description of what is around them (ORB, 2011). Those of your card are found again, turned too.",
        (),
        _orb,
        _orb_code,
        _count_matches,
        held="card",
    ),
    Step(
        "template",
        "Find a part",
        "Find",
        "The part that you cut out is laid over every place of the picture and compared. Turn it, and it is lost.",
        (Slider("least", "Least likeness, %", 30, 99, 70),),
        _template,
        _template_code,
        _say_template,
        held="part",
    ),
    Step(
        "lines",
        "Lines",
        "Find",
        "Each edge pixel votes for all lines through it; lines with many votes win (Hough).",
        (
            Slider("votes", "Votes", 20, 300, 80),
            Slider("length", "Shortest, pixels", 10, 300, 60),
            Slider("gap", "Gap that is bridged, pixels", 0, 50, 8),
        ),
        _lines,
        _lines_code,
        lambda before, after, values: {"lines": f"{len(_lines_of(before, values)):,}"},
    ),
    Step(
        "circles",
        "Circles",
        "Find",
        "The same with circles: each edge pixel votes for the centres that it may belong to. Hold up a cup.",
        (
            Slider("votes", "Votes", 20, 200, 90),
            Slider("smallest", "Smallest radius, pixels", 5, 200, 20),
            Slider("largest", "Largest radius, pixels", 10, 400, 160),
        ),
        _circles,
        _circles_code,
        lambda before, after, values: {"circles": f"{len(_circles_of(before, values)):,}"},
    ),
)
