"""Steps on each pixel by itself: grey, channels, equalising, thresholds, a green screen, colour blindness."""

import cv2
import numpy as np

from models.vision.parameters import Choice, Colour, Slider
from models.vision.step import Step, Values, grey_of, in_colour

SPACES = {
    "red": ("", 0),
    "green": ("", 1),
    "blue": ("", 2),
    "hue": ("HSV", 0),
    "saturation": ("HSV", 1),
    "value": ("HSV", 2),
    "lightness (Lab)": ("LAB", 0),
    "green to red (Lab)": ("LAB", 1),
    "blue to yellow (Lab)": ("LAB", 2),
}

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB; the last: luminance of sRGB (Rec. 709)
BLINDNESS = {
    "red-blind (protanopia)": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "green-blind (deuteranopia)": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "blue-blind (tritanopia)": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "without colours (achromatopsia)": ((0.2126, 0.7152, 0.0722),) * 3,
}
_LEVELS = 4096  # of linear light: enough for the nearest of 256 in sRGB, but for the darkest


def _to_linear(srgb: np.ndarray) -> np.ndarray:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _to_srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


_LINEAR = _to_linear(np.arange(256) / 255).astype(np.float32)
_SRGB = np.rint(255 * _to_srgb(np.arange(_LEVELS) / (_LEVELS - 1))).astype(np.uint8)


def _grey(rgb: np.ndarray, values: Values) -> np.ndarray:
    weights = np.array([[values["red"], values["green"], values["blue"]]], np.float32)
    return in_colour(cv2.transform(rgb, weights))


def _channel(rgb: np.ndarray, values: Values) -> np.ndarray:
    space, number = SPACES[values["channel"]]
    parts = cv2.cvtColor(rgb, getattr(cv2, f"COLOR_RGB2{space}")) if space else rgb
    return in_colour(np.ascontiguousarray(parts[..., number]))


def _channel_code(values: Values) -> str:
    space, number = SPACES[values["channel"]]
    parts = f"parts = cv2.cvtColor(rgb, cv2.COLOR_RGB2{space})" if space else "parts = rgb"
    return f"{parts}\nout = parts[..., {number}]"


def _equalise(rgb: np.ndarray, values: Values) -> np.ndarray:
    parts = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)
    if values["how"] == "whole picture":
        parts[..., 0] = cv2.equalizeHist(parts[..., 0])
    else:
        tiles = values["tiles"]
        parts[..., 0] = cv2.createCLAHE(values["clip"], (tiles, tiles)).apply(parts[..., 0])
    return cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB)


def _equalise_code(values: Values) -> str:
    how = (
        "cv2.equalizeHist(parts[..., 0])"
        if values["how"] == "whole picture"
        else f"cv2.createCLAHE({values['clip']:g}, ({values['tiles']}, {values['tiles']})).apply(parts[..., 0])"
    )
    return (
        "parts = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)\n"
        f"parts[..., 0] = {how}\n"
        "out = cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB)"
    )


def _spread(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    spread = [float(grey_of(picture).std()) for picture in (before, after)]
    return {"spread of grey levels": f"{spread[0]:.0f} → {spread[1]:.0f}"}


_ADAPTIVE = {"mean of a window": "MEAN", "weighted mean of a window": "GAUSSIAN"}


def _threshold(rgb: np.ndarray, values: Values) -> np.ndarray:
    grey, how = grey_of(rgb), values["how"]
    if how in _ADAPTIVE:
        kind = getattr(cv2, f"ADAPTIVE_THRESH_{_ADAPTIVE[how]}_C")
        out = cv2.adaptiveThreshold(grey, 255, kind, cv2.THRESH_BINARY, values["window"], values["below"])
    elif how == "Otsu":
        _, out = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    else:
        _, out = cv2.threshold(grey, values["level"], 255, cv2.THRESH_BINARY)
    return in_colour(out)


def _threshold_code(values: Values) -> str:
    how = values["how"]
    if how in _ADAPTIVE:
        kind = f"cv2.ADAPTIVE_THRESH_{_ADAPTIVE[how]}_C"
        line = (
            f"out = cv2.adaptiveThreshold(grey, 255, {kind}, cv2.THRESH_BINARY, {values['window']}, {values['below']})"
        )
    elif how == "Otsu":
        line = "level, out = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)"
    else:
        line = f"_, out = cv2.threshold(grey, {values['level']}, 255, cv2.THRESH_BINARY)"
    return f"grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)\n{line}"


def _threshold_numbers(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    said = {"white": f"{(after[..., 0] > 0).mean():.0%}"}
    if values["how"] == "Otsu":
        level, _ = cv2.threshold(grey_of(before), 0, 255, cv2.THRESH_OTSU)
        said["Otsu's level"] = f"{level:.0f}"
    return said


def _blindness(rgb: np.ndarray, values: Values) -> np.ndarray:
    linear = cv2.LUT(rgb, _LINEAR)
    seen = cv2.transform(linear, np.array(BLINDNESS[values["kind"]], np.float32) * (_LEVELS - 1))
    return _SRGB[np.clip(np.rint(seen, out=seen), 0, _LEVELS - 1, out=seen).astype(np.uint16)]


def _blindness_code(values: Values) -> str:
    return (
        "linear = np.where(rgb <= 10, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)\n"
        f"seen = np.clip(linear @ np.array({BLINDNESS[values['kind']]}).T, 0, 1)\n"
        "out = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)\n"
        "out = np.rint(255 * out).astype(np.uint8)"
    )


def _hex(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _screen(rgb: np.ndarray, values: Values) -> np.ndarray:
    # lightness counts little: a screen has shadows
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    key = cv2.cvtColor(np.array([[_hex(values["key"])]], np.uint8), cv2.COLOR_RGB2LAB)[0, 0]
    apart = cv2.absdiff(lab, np.full_like(lab, key))
    distance = cv2.max(cv2.max(apart[..., 1], apart[..., 2]), apart[..., 0] // 4)
    mask = cv2.compare(distance, values["reach"], cv2.CMP_LT)
    out = np.empty_like(rgb)
    out[:] = _hex(values["behind"])
    return cv2.copyTo(rgb, cv2.bitwise_not(mask), out)


def _screen_code(values: Values) -> str:
    return (
        "lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)\n"
        f"key = cv2.cvtColor(np.uint8([[{_hex(values['key'])}]]), cv2.COLOR_RGB2LAB)[0, 0]\n"
        "apart = cv2.absdiff(lab, np.full_like(lab, key))\n"
        "distance = cv2.max(cv2.max(apart[..., 1], apart[..., 2]), apart[..., 0] // 4)\n"
        f"out = rgb.copy()\nout[distance < {values['reach']}] = {_hex(values['behind'])}"
    )


def _replaced(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    return {"replaced": f"{(before != after).any(axis=2).mean():.0%} of the picture"}


GROUP = "Colours"
STEPS = (
    Step(
        "grey",
        "Grey",
        GROUP,
        "A weighted sum of red, green and blue. The usual weights follow the eye, which sees green best.",
        (
            Slider("red", "Red", 0, 1, 0.3, 0.01),
            Slider("green", "Green", 0, 1, 0.59, 0.01),
            Slider("blue", "Blue", 0, 1, 0.11, 0.01),
        ),
        _grey,
        lambda v: f"out = cv2.transform(rgb, np.float32([[{v['red']:g}, {v['green']:g}, {v['blue']:g}]]))",
        lambda before, after, v: {"sum of the weights": f"{v['red'] + v['green'] + v['blue']:.2f}"},
    ),
    Step(
        "channel",
        "One channel",
        GROUP,
        "A colour is three numbers. Which three, is a choice: red, green and blue, or hue, saturation and value.",
        (Choice("channel", "Channel", tuple(SPACES)),),
        _channel,
        _channel_code,
    ),
    Step(
        "equalise",
        "Equalise",
        GROUP,
        "Spreads the grey levels so that all are used equally often: the cumulative curve becomes a straight line.",
        (
            Choice("how", "Over", ("whole picture", "tiles (CLAHE)")),
            Slider("clip", "CLAHE: most contrast", 1, 10, 2, 0.5),
            Slider("tiles", "CLAHE: tiles a side", 2, 16, 8),
        ),
        _equalise,
        _equalise_code,
        _spread,
    ),
    Step(
        "threshold",
        "Threshold",
        GROUP,
        "Black below a level, white above. Otsu's method finds the level that best parts the histogram's two humps.",
        (
            Choice("how", "Level", ("Otsu", "fixed", *_ADAPTIVE)),
            Slider("level", "Fixed level", 0, 255, 128),
            Slider("window", "Window", 3, 101, 31, 2),
            Slider("below", "White from the mean less this", -20, 40, 5),
        ),
        _threshold,
        _threshold_code,
        _threshold_numbers,
    ),
    Step(
        "blindness",
        "Colour blindness",
        GROUP,
        "What people see who lack one of the three kinds of cones (Machado 2009).",
        (Choice("kind", "Eyes", tuple(BLINDNESS)),),
        _blindness,
        _blindness_code,
    ),
    Step(
        "screen",
        "Green screen",
        GROUP,
        "Replaces what has nearly the key's colour. No network says where you end: wear that colour and see.",
        (
            Colour("key", "Colour of the screen", "#00b140"),
            Slider("reach", "How near the colour must be", 1, 80, 30),
            Colour("behind", "Replaced by", "#2b4c7e"),
        ),
        _screen,
        _screen_code,
        _replaced,
    ),
)  # fmt: skip
