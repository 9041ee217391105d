"""Recordings: bounded, written and read again without loss, replayed."""

import csv
import io
import json
import math
import threading

import numpy as np
import pytest

from models.pose.poses import Pose
from models.pose.recording import Recording, frame_at
from models.pose.recording_files import COLUMNS, MAX_FRAMES, MAX_POINTS, MAX_TEXT
from models.pose.skeletons import SKELETONS


def pose(kind: str = "coco17", seed: int = 0, **about: object) -> Pose:
    """Keypoints anywhere, all of them seen, with more digits than are written."""
    rng = np.random.default_rng(seed)
    count = len(SKELETONS[kind].names)
    keypoints = np.column_stack([rng.uniform(-50, 690, (count, 2)), rng.uniform(0.5, 1, count)])
    return Pose(keypoints.astype(np.float32), **({"score": 0.98765, "kind": kind} | about))  # type: ignore[arg-type]


def varied() -> Recording:
    """Every kind, one frame with nobody, one with five, with and without ids and sides."""
    recording = Recording(640, 480)
    recording.add(100.0, [pose("body33", 1, id=7), pose("coco17", 2)])
    recording.add(100.0666, [])
    recording.add(100.0666, [])
    recording.add(100.1, [pose("hand21", 3, side="left"), pose("hand21", 4, side="right", id=0)])
    recording.add(100.1, [pose("face468", 5, score=1.0), pose("face478", 6, score=0.0)])
    recording.add(101.5, [pose("coco17", seed) for seed in range(5)])
    return recording


def described(recording: Recording) -> list[tuple[float, list[tuple[object, ...]]]]:
    return [
        (frame.seconds, [(p.kind, p.id, p.side, round(p.score, 3)) for p in frame.poses]) for frame in recording.frames
    ]


class TestAdding:
    def test_the_first_frame_is_at_0(self) -> None:
        recording = varied()
        assert [frame.seconds for frame in recording.frames] == [0, 0.067, 0.067, 0.1, 0.1, 1.5]
        assert recording.duration == 1.5 and not recording.full

    def test_an_empty_one_lasts_0_seconds(self) -> None:
        assert Recording().duration == 0 and Recording().frames == () and Recording().size_wh == (0, 0)

    def test_the_largest_size_of_the_picture_is_kept(self) -> None:
        recording = Recording()
        recording.add(0, [], size_wh=(640, 480))
        recording.add(1, [], size_wh=(480, 640))
        recording.add(2, [])
        assert recording.size_wh == (640, 640)

    def test_after_the_last_second_it_is_full_and_stays_as_it_is(self) -> None:
        recording = Recording(max_seconds=2)
        assert [recording.add(seconds, []) for seconds in (5, 7, 7.1, 7.2)] == [True, True, False, False]
        assert recording.full and recording.duration == 2 and len(recording.frames) == 2

    def test_it_never_holds_more_frames_than_can_be_read(self) -> None:
        recording = Recording()
        kept = [recording.add(index / 1000, []) for index in range(MAX_FRAMES + 2)]
        assert sum(kept) == len(recording.frames) == MAX_FRAMES and recording.full

    def test_it_never_holds_more_keypoints_than_can_be_read(self) -> None:
        recording = Recording()
        crowd = [pose("face478", 1)] * 5
        while recording.add(0, crowd):
            pass
        points = sum(len(pose.keypoints) for frame in recording.frames for pose in frame.poses)
        assert MAX_POINTS - 5 * 478 < points <= MAX_POINTS and recording.full

    def test_a_full_recording_is_short_enough_to_be_read(self) -> None:
        recording = Recording(3840, 2160)
        keypoints = np.tile(np.array([-3456.78, -1234.56, 0.123], np.float32), (33, 1))
        recording.add(0, [])
        recording.add(599.999, [Pose(keypoints, 0.5, id=123, side=None)] * 5)
        *_, a_pose = recording.to_csv().split("\n599.999,0")
        assert len(a_pose) / (5 * 33) * MAX_POINTS < MAX_TEXT

    @pytest.mark.parametrize("bad", [math.nan, math.inf, 2e6])
    def test_a_pose_that_cannot_be_written_is_left_out(self, bad: float) -> None:
        broken = pose()
        broken.keypoints[3, 0] = bad
        recording = Recording()
        assert recording.add(0, [broken, pose()])
        assert len(recording.frames[0].poses) == 1
        assert Recording.from_csv(recording.to_csv()).frames

    def test_a_crowd_and_a_clock_that_goes_back_are_mistakes_of_the_caller(self) -> None:
        recording = Recording()
        recording.add(1, [pose("hand21")] * 10)
        with pytest.raises(ValueError, match="at most 5 of kind coco17"):
            recording.add(1, [pose()] * 6)
        with pytest.raises(ValueError, match="backwards"):
            recording.add(0.9, [])
        with pytest.raises(ValueError, match="backwards"):
            recording.add(math.nan, [])
        assert len(recording.frames) == 1

    def test_a_page_can_write_it_while_a_stream_adds(self) -> None:
        recording = Recording(64, 48)
        someone = [pose()]
        thread = threading.Thread(target=lambda: [recording.add(index / 100, someone) for index in range(300)])
        thread.start()
        while thread.is_alive():
            if recording.frames:
                text = recording.to_csv()
                assert Recording.from_csv(text).to_csv() == text
        thread.join()
        assert len(recording.frames) == 300


class TestWriting:
    def test_csv_has_a_row_per_keypoint_by_its_name(self) -> None:
        keypoints = np.zeros((17, 3), np.float32)
        keypoints[9] = (321.456, -7.001, 0.87654)
        recording = Recording(640, 480)
        recording.add(0, [])
        recording.add(0.25, [Pose(keypoints, 0.9, "coco17", id=3)])
        empty, *rows = csv.DictReader(io.StringIO(recording.to_csv()))
        assert empty == dict.fromkeys(COLUMNS, "") | {"time": "0.000", "width": "640", "height": "480"}
        assert [row["point"] for row in rows] == list(SKELETONS["coco17"].names)
        assert ",".join(rows[9].values()) == "0.250,0,coco17,left wrist,321.46,-7.00,0.877,0.900,3,,640,480"

    def test_json_is_compact_and_has_a_version(self) -> None:
        recording = Recording(640, 480)
        recording.add(3, [])
        recording.add(3.25, [pose("hand21", side="left")])
        text = recording.to_json()
        data = json.loads(text)
        assert data["format"] == "limelight-poses" and data["version"] == 1
        assert (data["width"], data["height"]) == (640, 480)
        assert data["frames"][0] == {"time": 0, "poses": []}
        written = data["frames"][1]["poses"][0]
        assert {key: written[key] for key in ("kind", "score", "side")} == {
            "kind": "hand21",
            "score": 0.988,
            "side": "left",
        }
        assert "id" not in written and len(written["keypoints"]) == 63
        assert " " not in text and len(text) < 1200


@pytest.mark.parametrize("written", ["csv", "json"])
class TestRoundTrip:
    def read(self, recording: Recording, written: str) -> tuple[Recording, str, str]:
        if written == "csv":
            text = recording.to_csv()
            return (again := Recording.from_csv(text)), text, again.to_csv()
        text = recording.to_json()
        return (again := Recording.from_json(text)), text, again.to_json()

    def test_everything_is_there_again(self, written: str) -> None:
        recording = varied()
        again, _, _ = self.read(recording, written)
        assert described(again) == described(recording) and again.size_wh == (640, 480)
        for before, after in zip(recording.frames, again.frames, strict=True):
            for one, other in zip(before.poses, after.poses, strict=True):
                assert np.abs(one.keypoints - other.keypoints)[:, :2].max() < 0.00505
                assert np.abs(one.keypoints - other.keypoints)[:, 2].max() < 0.000501

    def test_writing_what_was_read_gives_the_same_text(self, written: str) -> None:
        _, text, again = self.read(varied(), written)
        assert again == text

    def test_also_for_coordinates_far_outside_and_on_the_edge_of_rounding(self, written: str) -> None:
        rng = np.random.default_rng(0)
        recording = Recording()
        for second, size in enumerate((0.02, 10, 5_000, 140_000, 1e6)):
            keypoints = rng.uniform(-0.99 * size, 0.99 * size, (17, 3))
            keypoints[:8, :2] = keypoints[:8, :2].round(2) + 0.005
            keypoints[:, 2] = rng.integers(0, 2001, 17) / 2000
            recording.add(second, [Pose(keypoints.astype(np.float32), 0.0005, "coco17")])
        assert sum(len(frame.poses) for frame in recording.frames) == 5
        _, text, again = self.read(recording, written)
        assert again == text


class TestFrameAt:
    def recording(self) -> Recording:
        recording = Recording(640, 480)
        for seconds, seed in ((10, 1), (10.5, 2), (11.5, 3)):
            recording.add(seconds, [pose(seed=seed)])
        return recording

    @pytest.mark.parametrize("seconds, expected", [(0, 0), (0.49, 0), (0.5, 1), (1.49, 1), (1.5, 2), (99, 2)])
    def test_a_moment_shows_the_newest_frame_until_then(self, seconds: float, expected: int) -> None:
        recording = self.recording()
        assert frame_at(recording, seconds) == list(recording.frames[expected].poses)

    def test_before_the_beginning_is_nobody(self) -> None:
        assert frame_at(self.recording(), -0.1) == [] == frame_at(Recording(), 1)
