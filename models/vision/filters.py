"""Steps on each pixel and its neighbours: noise and what removes it, a kernel of one's own, edges, morphology."""

from typing import Any

import cv2
import numpy as np

from models.vision.parameters import Choice, Matrix, Slider, kernel_of
from models.vision.step import Step, Values, grain, grey_of, in_colour, psnr

KERNELS = {
    "sharpen": "0 -1 0\n-1 5 -1\n0 -1 0",
    "blur": "1 1 1\n1 1 1\n1 1 1",
    "edges": "-1 -1 -1\n-1 8 -1\n-1 -1 -1",
    "emboss": "-2 -1 0\n-1 1 1\n0 1 2",
    "left edges": "1 0 -1\n2 0 -2\n1 0 -1",
    "blur of 5": "1 4 6 4 1\n4 16 24 16 4\n6 24 36 24 6\n4 16 24 16 4\n1 4 6 4 1",
}
"""Some to begin with, by name."""

_MORPHOLOGY = {"erode": "ERODE", "dilate": "DILATE", "open": "OPEN", "close": "CLOSE", "gradient": "GRADIENT"}
_SHAPES = {"square": "RECT", "disc": "ELLIPSE", "cross": "CROSS"}


def _noise(rgb: np.ndarray, values: Values) -> np.ndarray:
    if values["kind"] == "grain":
        return cv2.add(rgb, grain(rgb.shape, values["strength"]), dtype=cv2.CV_8U)
    cv2.setRNGSeed(1)
    randu: Any = cv2.randu  # as in `grain`
    dice = randu(np.empty(rgb.shape[:2], np.uint8), 0, 256)
    out = rgb.copy()
    out[dice < values["strength"] / 2] = 0
    out[dice >= 256 - values["strength"] / 2] = 255
    return out


def _noise_code(values: Values) -> str:
    strength = values["strength"]
    if values["kind"] == "grain":
        return (
            "cv2.setRNGSeed(1)\n"
            f"noise = cv2.randn(np.empty(rgb.shape, np.int16), 0, {strength})\n"
            "out = cv2.add(rgb, noise, dtype=cv2.CV_8U)"
        )
    return (
        "cv2.setRNGSeed(1)\n"
        "dice = cv2.randu(np.empty(rgb.shape[:2], np.uint8), 0, 256)\n"
        f"out = rgb.copy()\nout[dice < {strength / 2}], out[dice >= {256 - strength / 2}] = 0, 255"
    )


def _denoise_call(values: Values) -> str:
    size = values["size"]
    return {
        "mean": f"cv2.blur(rgb, ({size}, {size}))",
        "Gauss": f"cv2.GaussianBlur(rgb, ({size}, {size}), 0)",
        "median": f"cv2.medianBlur(rgb, {size})",
        "bilateral": f"cv2.bilateralFilter(rgb, {size}, {values['levels']}, {size})",
    }[values["how"]]


def _denoise(rgb: np.ndarray, values: Values) -> np.ndarray:
    size, how = values["size"], values["how"]
    if how == "mean":
        return cv2.blur(rgb, (size, size))
    if how == "Gauss":
        return cv2.GaussianBlur(rgb, (size, size), 0)
    if how == "median":
        return cv2.medianBlur(rgb, size)
    return cv2.bilateralFilter(rgb, size, values["levels"], size)


def _changed(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    return {"PSNR, after against before": psnr(before, after)}


def divided(values: Values) -> np.ndarray:
    """The kernel of the step "kernel" as it is used: float32 (3, 3) or (5, 5), divided by its sum where that was
    wished and is not 0."""
    kernel = kernel_of(values["kernel"])
    total = float(kernel.sum())
    return kernel / total if values["divide"] == "by its sum" and abs(total) > 1e-6 else kernel


def _kernel(rgb: np.ndarray, values: Values) -> np.ndarray:
    return cv2.filter2D(rgb, -1, divided(values), delta=values["plus"])


def _kernel_code(values: Values) -> str:
    rows = ", ".join(f"[{', '.join(f'{number:g}' for number in row)}]" for row in kernel_of(values["kernel"]))
    total = float(kernel_of(values["kernel"]).sum())
    by = f" / {total:g}" if values["divide"] == "by its sum" and abs(total) > 1e-6 else ""
    return f"kernel = np.float32([{rows}]){by}\nout = cv2.filter2D(rgb, -1, kernel, delta={values['plus']})"


_SOBEL = {"left to right": (1, 0), "top to bottom": (0, 1)}


def _sobel(rgb: np.ndarray, values: Values) -> np.ndarray:
    grey = grey_of(rgb)
    if values["way"] in _SOBEL:
        return in_colour(cv2.convertScaleAbs(cv2.Sobel(grey, cv2.CV_32F, *_SOBEL[values["way"]])))
    x, y = (cv2.Sobel(grey, cv2.CV_32F, *way) for way in _SOBEL.values())
    return in_colour(cv2.convertScaleAbs(cv2.magnitude(x, y)))


def _sobel_code(values: Values) -> str:
    grey = "grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)\n"
    if values["way"] in _SOBEL:
        x, y = _SOBEL[values["way"]]
        return f"{grey}out = cv2.convertScaleAbs(cv2.Sobel(grey, cv2.CV_32F, {x}, {y}))"
    return (
        f"{grey}x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)\n"
        "out = cv2.convertScaleAbs(cv2.magnitude(x, y))"
    )


def _canny(rgb: np.ndarray, values: Values) -> np.ndarray:
    low, high = sorted((values["low"], values["high"]))
    return in_colour(cv2.Canny(grey_of(rgb), low, high))


def _edges(before: np.ndarray, after: np.ndarray, values: Values) -> dict[str, str]:
    return {"edges": f"{(after[..., 0] > 0).mean():.1%} of the pixels"}


def _canny_code(values: Values) -> str:
    low, high = sorted((values["low"], values["high"]))
    return f"grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)\nout = cv2.Canny(grey, {low}, {high})"


def _morphology(rgb: np.ndarray, values: Values) -> np.ndarray:
    shape = getattr(cv2, f"MORPH_{_SHAPES[values['shape']]}")
    window = cv2.getStructuringElement(shape, (values["size"], values["size"]))
    return cv2.morphologyEx(rgb, getattr(cv2, f"MORPH_{_MORPHOLOGY[values['how']]}"), window)


def _morphology_code(values: Values) -> str:
    size = values["size"]
    return (
        f"window = cv2.getStructuringElement(cv2.MORPH_{_SHAPES[values['shape']]}, ({size}, {size}))\n"
        f"out = cv2.morphologyEx(rgb, cv2.MORPH_{_MORPHOLOGY[values['how']]}, window)"
    )


STEPS = (
    Step(
        "noise",
        "Noise",
        "Filters",
        "Grain, as of a camera in the dark, or single black and white pixels (“salt and pepper”).",
        (Choice("kind", "Kind", ("grain", "salt and pepper")), Slider("strength", "Strength", 2, 100, 25)),
        _noise,
        _noise_code,
        _changed,
    ),
    Step(
        "denoise",
        "Smooth",
        "Filters",
        "Each pixel becomes something like the middle of its neighbours. Only the median ignores a single black pixel, "
        "only the bilateral filter stops at edges.",
        (
            Choice("how", "By", ("median", "mean", "Gauss", "bilateral")),
            Slider("size", "Window", 3, 15, 5, 2),
            Slider("levels", "Bilateral: levels that are still alike", 5, 150, 50),
        ),
        _denoise,
        lambda values: f"out = {_denoise_call(values)}",
        _changed,
    ),
    Step(
        "kernel",
        "Own kernel",
        "Filters",
        "Your numbers are laid over each pixel and its neighbours, multiplied and summed up: a convolution, the same "
        "that a network's first layer does with kernels which it has learnt.",
        (
            Matrix("kernel", "Numbers, a row a line", KERNELS["sharpen"]),
            Choice("divide", "Divided", ("by its sum", "by nothing")),
            Slider("plus", "Added to the sum", -255, 255, 0),
        ),
        _kernel,
        _kernel_code,
        lambda before, after, values: {"sum of the kernel": f"{divided(values).sum():.3g}"},
    ),
    Step(
        "sobel",
        "Sobel",
        "Edges",
        "How steeply the grey rises there: large where something ends.",
        (Choice("way", "Direction", ("both", *_SOBEL)),),
        _sobel,
        _sobel_code,
    ),
    Step(
        "canny",
        "Canny",
        "Edges",
        "Thin edges. Above the upper limit is one; between the two only what hangs together with one (hysteresis).",
        (Slider("low", "Lower limit", 0, 500, 60), Slider("high", "Upper limit", 0, 500, 150)),
        _canny,
        _canny_code,
        _edges,
    ),
    Step(
        "morphology",
        "Morphology",
        "Filters",
        "The darkest or the brightest pixel under a window. To open is to erode, then dilate: small bright things go.",
        (
            Choice("how", "What", tuple(_MORPHOLOGY)),
            Choice("shape", "Window", tuple(_SHAPES)),
            Slider("size", "Size", 3, 25, 5, 2),
        ),
        _morphology,
        _morphology_code,
    ),
)
