"""A packed reading is the reading, only smaller."""

import gc

import numpy as np
from skimage import data

from models.ocr.boxes import Code, Detection, Reading, TextBox
from models.ocr.files.packed import MAX_HEAT_SIDE, OpenReadings, PackedReading

POLYGON = np.float32([[10, 10], [90, 10], [90, 30], [10, 30]])


def reading(rgb: np.ndarray, heat: np.ndarray | None = None) -> Reading:
    detection = None if heat is None else Detection(heat, POLYGON[None], np.float32([0.9]))
    boxes = (TextBox(POLYGON, "Hello there", 0.75),)
    return Reading(rgb, boxes, (Code("QR code", "hi", POLYGON),), 1, "PP-OCR", detection, {"boxes": 0.1})


def test_everything_but_the_picture_is_as_it_was_and_the_picture_looks_the_same() -> None:
    rgb = data.astronaut()
    given = reading(rgb, np.full((64, 64), 0.5, np.float32))
    again = PackedReading(given).unpacked()
    assert again.boxes == given.boxes and again.codes == given.codes
    assert (again.turned, again.engine, again.seconds) == (1, "PP-OCR", {"boxes": 0.1})
    assert again.rgb.shape == rgb.shape
    assert np.abs(again.rgb.astype(int) - rgb).mean() < 4


def test_it_takes_a_fraction_of_the_pictures_memory() -> None:
    rgb = np.tile(data.astronaut(), (4, 4, 1))
    packed = PackedReading(reading(rgb, np.zeros((2048, 2048), np.float32)))
    assert packed.nbytes < rgb.nbytes / 3
    assert packed.size_wh == (2048, 2048) and packed.bare.rgb.size == 0


def test_a_large_heat_map_is_made_small_and_keeps_its_sides_ratio() -> None:
    heat = np.zeros((500, 2000), np.float32)
    heat[:, 1000:] = 1
    small = PackedReading(reading(data.astronaut(), heat)).bare.detection
    assert small is not None and small.heat.shape == (MAX_HEAT_SIDE // 4, MAX_HEAT_SIDE)
    assert small.heat[:, :390].max() == 0 and small.heat[:, 410:].min() == 1


def test_a_strip_of_thirty_thousand_pixels_comes_back_whole() -> None:
    assert PackedReading(reading(np.zeros((30_000, 40, 3), np.uint8))).unpacked().rgb.shape == (30_000, 40, 3)


def test_an_engine_without_a_first_stage_has_none_packed_either() -> None:
    assert PackedReading(reading(data.astronaut())).unpacked().detection is None


def test_what_was_looked_at_last_stays_open_within_the_budget() -> None:
    first, second, third = (PackedReading(reading(np.full((100, 100, 3), n, np.uint8))) for n in range(3))
    open_ = OpenReadings(budget_bytes=70_000)  # two of them
    shown = open_.get(first)
    assert open_.get(first) is shown, "nothing is decoded twice"
    open_.get(second)
    open_.get(first)
    open_.get(third)
    assert open_.nbytes <= 70_000
    assert open_.get(first) is shown and int(open_.get(second).rgb[0, 0, 0]) == 1


def test_one_that_is_larger_than_the_budget_is_open_alone() -> None:
    large, small = PackedReading(reading(data.astronaut())), PackedReading(reading(np.zeros((4, 4, 3), np.uint8)))
    open_ = OpenReadings(budget_bytes=1000)
    open_.get(small)
    assert open_.get(large) is open_.get(large) and open_.nbytes == data.astronaut().nbytes


def test_what_no_session_keeps_any_more_is_let_go() -> None:
    packed, open_ = PackedReading(reading(data.astronaut())), OpenReadings(budget_bytes=10_000_000)
    open_.get(packed)
    assert open_.nbytes > 0
    del packed
    gc.collect()
    assert open_.nbytes == 0
