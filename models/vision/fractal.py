"""One picture of the Mandelbrot or a Julia set, computed in plain Python, in NumPy and in torch: the same counts.

counts = by_numpy(View(width=320, height=240, steps=100))
"""

from dataclasses import dataclass

import numpy as np

MOST_PIXELS, MOST_STEPS = 512 * 512, 500
JULIA = complex(-0.8, 0.156)
ESCAPED = 4.0  # of |z|²


@dataclass(frozen=True)
class View:
    """The part of the plane that is shown: its centre and half its width, in pixels `width` × `height`; at most `steps`
    times z² + c. ValueError where one is out of bounds."""

    x: float = -0.5
    y: float = 0.0
    reach: float = 1.6
    width: int = 160
    height: int = 120
    steps: int = 100
    is_julia: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.width * self.height <= MOST_PIXELS and 0 < self.steps <= MOST_STEPS):
            raise ValueError(f"expected up to {MOST_PIXELS:,} pixels and {MOST_STEPS} steps")
        if not (0 < self.reach <= 10 and abs(self.x) <= 10 and abs(self.y) <= 10):
            raise ValueError("expected a part of the plane near 0")

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """The x of each column and the y of each row, float64: the middles of the pixels."""
        size = 2 * self.reach / self.width
        return (
            self.x + (np.arange(self.width) + 0.5 - self.width / 2) * size,
            self.y - (np.arange(self.height) + 0.5 - self.height / 2) * size,
        )


def by_python(view: View) -> np.ndarray:
    """int (height, width): after how many steps |z| was above 2, `steps` where it never was. One pixel after the other,
    as one would write it first."""
    xs, ys = (side.tolist() for side in view.rows())
    counts = []
    for y in ys:
        for x in xs:
            a, b = x, y
            c, d = (JULIA.real, JULIA.imag) if view.is_julia else (x, y)
            count = 0
            while count < view.steps and a * a + b * b <= ESCAPED:
                a, b = a * a - b * b + c, 2 * a * b + d
                count += 1
            counts.append(count)
    return np.array(counts).reshape(view.height, view.width)


def by_numpy(view: View) -> np.ndarray:
    """The same with arrays: each line works on all pixels at once."""
    xs, ys = view.rows()
    a, b = np.meshgrid(xs, ys)
    c, d = (JULIA.real, JULIA.imag) if view.is_julia else (a, b)
    counts = np.zeros(a.shape, int)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(view.steps):
            inside = a * a + b * b <= ESCAPED
            if not inside.any():
                break
            a, b = a * a - b * b + c, 2 * a * b + d
            counts += inside
    return counts


def by_torch(view: View) -> np.ndarray:
    """The same with tensors: what would also run on a graphics card, with one word more."""
    import torch

    xs, ys = (torch.from_numpy(side) for side in view.rows())
    a, b = xs[None, :].repeat(view.height, 1), ys[:, None].repeat(1, view.width)
    c, d = (JULIA.real, JULIA.imag) if view.is_julia else (a, b)
    counts = torch.zeros(a.shape, dtype=torch.int64)
    for _ in range(view.steps):
        inside = a * a + b * b <= ESCAPED
        if not inside.any():
            break
        a, b = a * a - b * b + c, 2 * a * b + d
        counts += inside
    return counts.numpy()


def coloured(counts: np.ndarray, steps: int) -> np.ndarray:
    """uint8 (h, w, 3): black where it stayed inside, else the brighter the longer it stayed."""
    share = np.sqrt(counts / steps)[..., None]
    colour = np.array([24, 40, 16]) + share * np.array([200, 215, 90])
    return np.where((counts < steps)[..., None], np.clip(colour, 0, 255), 0).astype(np.uint8)
