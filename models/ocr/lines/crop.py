"""Lines in a picture: how large one is, a part of it, its pixels levelled. Light: without the networks."""

import math

import cv2
import numpy as np


def crop_line(rgb: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """The pixels in a polygon float32 (4, 2), upright as its first corner says: uint8 (h, w, 3)."""
    width, height = line_size(polygon)
    left, top = np.floor(polygon.min(axis=0)).astype(int) - 2
    right, bottom = np.ceil(polygon.max(axis=0)).astype(int) + 3
    left, top = max(0, left), max(0, top)
    part = rgb[top:bottom, left:right]  # OpenCV warps nothing longer than 32 767 pixels
    corners = (polygon - (left, top)).astype(np.float32)
    size = max(1, round(width)), max(1, round(height))
    goal = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, goal)
    return cv2.warpPerspective(part, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def line_size(polygon: np.ndarray) -> tuple[float, float]:
    """Length of a line and its height, in pixels."""
    first, second, third, fourth = polygon
    width = max(math.dist(first, second), math.dist(fourth, third))
    return max(1.0, width), max(1.0, math.dist(first, fourth), math.dist(second, third))


def part_of(polygon: np.ndarray, left: float, right: float) -> np.ndarray:
    """The line from `left` to `right`, in parts of its length; below 0 and above 1 it grows."""
    first, second, third, fourth = polygon
    top, bottom = second - first, third - fourth
    corners = [first + left * top, first + right * top, fourth + right * bottom, fourth + left * bottom]
    return np.array(corners, np.float32)
