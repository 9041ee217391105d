"""Files from strangers: what is wrong with them is said in words, and none of them costs much."""

import copy
import json
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from models.errors import BadInput
from models.pose.poses import Pose
from models.pose.recording import Recording
from models.pose.recording_files import COLUMNS, MAX_FRAMES, MAX_POINTS, MAX_TEXT

Spoil = Callable[[Any], None]


def small() -> Recording:
    """A frame with one hand, one with nobody, one with two people."""
    keypoints = np.linspace(0, 1, 63, dtype=np.float32).reshape(21, 3)
    body = np.linspace(0, 1, 51, dtype=np.float32).reshape(17, 3)
    recording = Recording(64, 48)
    recording.add(0, [Pose(keypoints, 0.9, "hand21", side="left")])
    recording.add(0.5, [])
    recording.add(1, [Pose(body, 0.8, "coco17", id=1), Pose(body, 0.7, "coco17", id=2)])
    return recording


GOOD = json.loads(small().to_json())
LINES = small().to_csv().splitlines()  # header, 21 of a hand, nobody, 2 × 17 of bodies


def pose_of(data: Any) -> Any:
    return data["frames"][0]["poses"][0]


def cell(line: int, column: str, value: str) -> list[str]:
    """The lines with one cell changed."""
    cells = LINES[line].split(",")
    cells[COLUMNS.index(column)] = value
    return [*LINES[:line], ",".join(cells), *LINES[line + 1 :]]


class TestJson:
    @pytest.mark.parametrize(
        "spoil, words",
        [
            (lambda d: d.update(format="other"), '"format" should be "limelight-poses"'),
            (lambda d: d.pop("format"), '"format" should be'),
            (lambda d: d.update(version=2), "version 1"),
            (lambda d: d.update(frames={"0": []}), 'no list of "frames"'),
            (lambda d: d.update(frames=[]), "empty"),
            (lambda d: d.update(width="wide"), "The file: width should be a number"),
            (lambda d: d.update(width=1.5), "width should be a whole number"),
            (lambda d: d.pop("height"), "height should be a number"),
            (lambda d: d["frames"].insert(1, 5), 'Frame 2: it should have a "time"'),
            (lambda d: d["frames"][0].pop("time"), "Frame 1: time should be a number"),
            (lambda d: d["frames"][0].update(time=True), "time should be a number"),
            (lambda d: d["frames"][0].update(time=-1), "time should be a number from 0"),
            (lambda d: d["frames"][0].update(time=1e9), "time should be a number from 0 to 86400"),
            (lambda d: d["frames"][0].update(time=0.75), "Frame 2: times must not go backwards"),
            (lambda d: d["frames"][0].update(poses=None), 'a list of "poses"'),
            (lambda d: d["frames"][0].update(poses=["x"]), 'a list of "keypoints"'),
            (lambda d: d["frames"][2].update(poses=3 * d["frames"][2]["poses"]), "Frame 3: expected at most 5"),
            (lambda d: d["frames"][0].update(poses=11 * d["frames"][0]["poses"]), "at most 10 of kind hand21"),
            (lambda d: pose_of(d).update(kind="octopus"), "kind should be one of body33, .*not 'octopus'"),
            (lambda d: pose_of(d).update(kind=["hand21"]), "kind should be one of"),
            (lambda d: pose_of(d).update(kind="coco17"), "a coco17 should have 51 numbers, not 63"),
            (lambda d: pose_of(d)["keypoints"].pop(), "a hand21 should have 63 numbers, not 62"),
            (lambda d: pose_of(d)["keypoints"].__setitem__(0, "left"), "x should be a number"),
            (lambda d: pose_of(d)["keypoints"].__setitem__(1, None), "y should be a number"),
            (lambda d: pose_of(d)["keypoints"].__setitem__(1, float("nan")), "y should be a number .*not nan"),
            (lambda d: pose_of(d)["keypoints"].__setitem__(3, float("-inf")), "x should be a number .*not -inf"),
            (
                lambda d: pose_of(d)["keypoints"].__setitem__(3, 2_000_000),
                "x should be a number from -1000000 to 1000000",
            ),
            (lambda d: pose_of(d)["keypoints"].__setitem__(3, 10**400), "x should be a number"),
            (lambda d: pose_of(d)["keypoints"].__setitem__(5, 1.01), "score should be a number from 0 to 1"),
            (lambda d: pose_of(d)["keypoints"].__setitem__(5, [[0]]), "score should be a number .*not a list"),
            (lambda d: pose_of(d).pop("score"), "the score of a pose should be a number"),
            (lambda d: pose_of(d).update(score=-0.1), "the score of a pose"),
            (lambda d: pose_of(d).update(id=1.5), "id should be a whole number"),
            (lambda d: pose_of(d).update(id=-1), "id should be a number"),
            (lambda d: pose_of(d).update(side="up"), "side should be left or right, not 'up'"),
            (lambda d: pose_of(d).update(side=[]), "side should be left or right"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_place(self, spoil: Spoil, words: str) -> None:
        data = copy.deepcopy(GOOD)
        assert Recording.from_json(json.dumps(data)).frames
        spoil(data)
        with pytest.raises(BadInput, match=words):
            Recording.from_json(json.dumps(data))

    @pytest.mark.parametrize(
        "text", ["", "hello", small().to_json()[:-5], '{"format": ', "\x00", "1" * 5000, "[" * 100_000]
    )
    def test_what_is_no_json(self, text: str) -> None:
        with pytest.raises(BadInput, match="not JSON"):
            Recording.from_json(text)

    @pytest.mark.parametrize("text", ["null", "[]", "3", '"limelight-poses"', "{}", "NaN"])
    def test_json_of_something_else(self, text: str) -> None:
        with pytest.raises(BadInput, match="not a recording"):
            Recording.from_json(text)

    def test_any_depth_of_nesting_is_survived(self) -> None:
        for depth in range(700, 1000, 10):  # around what Python can read but not write out again
            deep = "[" * depth + "]" * depth
            for name in ("width", "frames"):
                text = json.dumps(GOOD | {name: 0}).replace(f'"{name}": 0', f'"{name}": {deep}')
                with pytest.raises(BadInput):
                    Recording.from_json(text)

    def test_a_spelling_of_our_own_numbers_is_accepted(self) -> None:
        data = copy.deepcopy(GOOD)
        data["frames"][0]["time"], data["width"] = 0, 64.0
        assert Recording.from_json(json.dumps(data, indent=1)).to_json() == small().to_json()


class TestCsv:
    @pytest.mark.parametrize(
        "lines, words",
        [
            ([], "its columns should be time,person,kind"),
            (["time,x,y"], "its columns should be"),
            (LINES[1:], "its columns should be"),
            (LINES[:1], "empty"),
            ([*LINES[:5], LINES[5] + ",", *LINES[6:]], "should be followed by all 21 points of a hand21"),
            ([*LINES, "1,2,3"], f"Line {len(LINES) + 1}: it should have 12 columns, not 3"),
            (LINES[:-1], "Line 41: it should be followed by all 17 points of a coco17"),
            ([*LINES[:3], *LINES[4:]], "Line 2: it should be followed by all 21 points"),
            ([*LINES[:3], LINES[4], LINES[3], *LINES[5:]], "in their order"),
            (cell(5, "time", "0.1"), "should be followed by all"),
            (cell(5, "score", "2"), "score should be a number from 0 to 1, not '2'"),
            (cell(5, "x", "nan"), "x should be a number .*not 'nan'"),
            (cell(5, "y", "1e7"), "y should be a number"),
            (cell(5, "y", ""), "y should be a number"),
            (cell(5, "y", "=HYPERLINK(1)"), "y should be a number"),
            (cell(1, "time", "soon"), "Line 2: time should be a number"),
            (cell(1, "kind", "squid"), "kind should be one of .*not 'squid'"),
            (cell(1, "person", "1"), "person should be 0, not '1'"),
            (cell(1, "person", "x"), "person should be 0"),
            (cell(22, "time", "2"), "times must not go backwards"),
            (cell(22, "width", "-1"), "Line 23: width should be a number"),
            (cell(22, "height", "tall"), "height should be a number"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_with_its_place(self, lines: list[str], words: str) -> None:
        with pytest.raises(BadInput, match=words):
            Recording.from_csv("\n".join(lines) + "\n")

    def test_six_people_are_too_many(self) -> None:
        bodies = [line.split(",") for line in LINES[-17:]]
        rows = [",".join([row[0], str(person), *row[2:]]) for person in range(6) for row in bodies]
        with pytest.raises(BadInput, match="expected at most 5 of kind coco17"):
            Recording.from_csv("\n".join([LINES[0], *rows]))

    @pytest.mark.parametrize("column, value", [("pose_score", "1.5"), ("id", "one"), ("side", "up")])
    def test_what_is_said_of_a_pose_is_checked(self, column: str, value: str) -> None:
        cells = [line.split(",") for line in LINES[1:22]]
        for row in cells:
            row[COLUMNS.index(column)] = value
        name = {"pose_score": "score of a pose"}.get(column, column)
        with pytest.raises(BadInput, match=f"{name} should be"):
            Recording.from_csv("\n".join([LINES[0], *map(",".join, cells)]))

    def test_a_spreadsheets_way_of_saving_it_is_accepted(self) -> None:
        text = "\ufeff" + "\r\n".join(line.replace("0.000", "0") for line in LINES) + "\r\n\r\n"
        assert Recording.from_csv(text).to_csv() == small().to_csv()

    def test_a_beginning_later_than_0_is_moved_to_0(self) -> None:
        later = [line.replace("1.000,", "31.000,", 1) for line in LINES[23:]]
        recording = Recording.from_csv("\n".join([LINES[0], *later]))
        assert [frame.seconds for frame in recording.frames] == [0] and len(recording.frames[0].poses) == 2

    @pytest.mark.parametrize("junk", ["\x00", '"' + "a" * 200_000, '"' + "a\n" * 200_000, "a\rb", "\x89PNG\r\n\x1a\n"])
    def test_what_is_no_text_table(self, junk: str) -> None:
        with pytest.raises(BadInput):
            Recording.from_csv(junk)
        with pytest.raises(BadInput):
            Recording.from_csv(LINES[0] + "\n" + junk)


class TestSize:
    @pytest.mark.parametrize("read", [Recording.from_json, Recording.from_csv])
    def test_a_text_that_is_too_long_is_not_even_looked_at(self, read: Callable[[str], Recording]) -> None:
        with pytest.raises(BadInput, match="more than 50 MB"):
            read("x" * (MAX_TEXT + 1))

    def test_too_many_frames(self) -> None:
        frames = [{"time": 0, "poses": []}] * (MAX_FRAMES + 1)
        with pytest.raises(BadInput, match="too long: at most 20,000 frames"):
            Recording.from_json(json.dumps(GOOD | {"frames": frames}))
        with pytest.raises(BadInput, match="too long"):
            Recording.from_csv("\n".join([LINES[0], *[LINES[22]] * (MAX_FRAMES + 1)]))

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("[" + "[]," * 10_000_000 + "[]]", id="lists"),
            pytest.param("[" + "{}," * 10_000_000 + "{}]", id="objects"),
            pytest.param("[" + "1," * 10_000_000 + "1]", id="numbers"),
        ],
    )
    def test_a_file_that_would_grow_in_memory_is_refused_before_it_does(self, text: str) -> None:
        tracemalloc.start()
        try:
            with pytest.raises(BadInput, match=f"{MAX_POINTS:,} keypoints"):
                Recording.from_json(text)
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()

    def test_a_line_of_commas_is_refused_before_it_grows_in_memory(self) -> None:
        text = LINES[0] + "\n" + "," * 10_000_000
        tracemalloc.start()
        try:
            with pytest.raises(BadInput, match="12 columns"):
                Recording.from_csv(text)
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()


def test_reading_runs_in_several_threads_at_once() -> None:
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append(Recording.from_csv(small().to_csv()).to_csv())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert texts == [small().to_csv()] * 4
