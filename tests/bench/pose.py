"""Body poses without a server: what a frame costs beside MediaPipe's own call, how exact the points are, who is found.

Our tracker and a `PoseLandmarker` of MediaPipe's Tasks in video mode (one person) take turns on the same 640×480
frames, so that whatever else the machine does hits both. Accuracy is PCK@0.2 over COCO's points, in parts of the trunk
(shoulder to opposite hip), on a crop around each annotated person; recall is the share of annotated people found in the
whole pictures with an OKS of at least 0.5. Prints one JSON line per figure; the last two need shared/data/pose.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
from skimage import data

from models.cache import ModelCache
from models.pose import task_files
from models.pose.body import BlazePose
from models.pose.poses import MAX_PEOPLE, Pose
from models.pose.skeletons import COCO17
from models.pose.tracking.landmarkers import BaseOptions, mediapipe, vision
from tests.bench.classifier import take_turns
from tests.bench.figures import percentile, percentiles_ms, ratio

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "pose"
LIMIT = 1.15  # our tracker for one person against MediaPipe's own call
WITHIN_POINTS = 1.0  # of PCK, in per cent
# how far people who annotate the same picture disagree, per point: cocodataset.org, keypoints-eval
COCO_SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000


def say(**figures: object) -> None:
    print(json.dumps({"bench": "pose", **figures}), flush=True)


def panned(rgb: np.ndarray, frames: int = 30) -> list[np.ndarray]:
    """640×480 frames of a camera that pans to and fro over a picture."""
    height, width = rgb.shape[:2]
    h = int(0.9 * min(height, 0.75 * width))
    w = h * 4 // 3
    sway = [0.5 - 0.5 * np.cos(2 * np.pi * step / frames) for step in range(frames)]
    return [cv2.resize(rgb[:h, (x := int(s * (width - w))) : x + w], (640, 480)) for s in sway]


def astronauts(people: int) -> np.ndarray:
    """As many of her as asked for, in 640×480."""
    picture = np.full((480, 640, 3), 90, np.uint8)
    small = cv2.resize(data.astronaut(), (200, 200), interpolation=cv2.INTER_AREA)
    for x, y in ((10, 20), (220, 20), (430, 20), (110, 260), (320, 260))[:people]:
        picture[y : y + 200, x : x + 200] = small
    return picture


def landmarker(mode: Any) -> Any:
    """MediaPipe's own, for one person."""
    options = BaseOptions(model_asset_path=str(task_files.path_of(task_files.BODY, None)))
    return vision.PoseLandmarker.create_from_options(
        vision.PoseLandmarkerOptions(base_options=options, running_mode=mode)
    )


def image(rgb: np.ndarray) -> Any:
    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))


def against_mediapipe(model: BlazePose, name: str, rgb: np.ndarray, rounds: int, people: int = 1) -> None:
    frames = panned(rgb)
    tracker, step = model.tracker(), [0, 0]

    def ours() -> list[Pose]:
        step[0] += 1
        return tracker(frames[step[0] % len(frames)], at=step[0] / 30)

    def theirs() -> Any:
        step[1] += 1
        return pose.detect_for_video(image(frames[step[1] % len(frames)]), round(1000 * step[1] / 30))

    with landmarker(vision.RunningMode.VIDEO) as pose:
        found = [len(ours()), len(theirs().pose_landmarks)]
        spent = take_turns({"ours": ours, "mediapipe": theirs}, rounds)
    share = ratio(percentile(spent["ours"], 0.5), percentile(spent["mediapipe"], 0.5))
    times = {f"{who}_ms": percentiles_ms(seconds) for who, seconds in spent.items()}
    within = share is not None and share <= LIMIT and found == [people, people]
    say(figure="one person", picture=name, found=found, **times, per_mediapipe=share, limit=LIMIT, within=within)


def by_people(model: BlazePose, rounds: int) -> None:
    for people in range(1, MAX_PEOPLE + 1):
        rgb, tracker = astronauts(people), model.tracker(people)
        for step in range(12):
            found = len(tracker(rgb, at=step / 15))
        spent = take_turns({"track": lambda: tracker(rgb), "still": lambda: model.predict(rgb, people)}, rounds)  # noqa: B023
        times = {f"{what}_ms": percentiles_ms(seconds) for what, seconds in spent.items()}
        say(figure="several", people=people, found=found, found_still=len(model.predict(rgb, people)), **times)


def memory(model: BlazePose, streams: int = 8) -> None:
    process, rgb = psutil.Process(), astronauts(2)
    model.predict(rgb, MAX_PEOPLE)
    before = process.memory_info().rss
    trackers = [model.tracker() for _ in range(streams)]
    for _ in range(3):
        for tracker in trackers:
            tracker(rgb)
    ours = process.memory_info().rss - before
    threads = process.num_threads()
    for tracker in trackers:
        tracker.close()
    time.sleep(2)
    left = process.memory_info().rss - before
    each = {"tracker_mb": round(ours / streams / 1e6, 2), "threads": (threads - process.num_threads()) / streams}
    say(figure="memory", streams=streams, **each, left_mb=round(left / 1e6))


def annotated() -> list[tuple[np.ndarray, list[dict]]]:
    """Each picture of the folder and the people annotated in it who have points."""
    table = json.loads((FOLDER / "test_coco.json").read_text("utf-8"))
    return [
        (
            np.ascontiguousarray(cv2.imread(str(FOLDER / image["file_name"]))[:, :, ::-1]),
            [one for one in table["annotations"] if one["image_id"] == image["id"] and one["num_keypoints"]],
        )
        for image in table["images"]
    ]


def accuracy(model: BlazePose, pictures: list[tuple[np.ndarray, list[dict]]]) -> None:
    right, points = {"ours": 0, "mediapipe": 0}, 0
    with landmarker(vision.RunningMode.IMAGE) as pose:
        for rgb, people in pictures:
            for one in people:
                truth = np.array(one["keypoints"], np.float64).reshape(17, 3)
                ends = [(a, b) for a, b in ((5, 12), (6, 11)) if truth[a, 2] and truth[b, 2]]
                trunks = [np.hypot(*(truth[a] - truth[b])[:2]) for a, b in ends]
                if not trunks:
                    continue
                x, y, w, h = one["bbox"]
                left, top = max(0, int(x - 0.25 * w)), max(0, int(y - 0.25 * h))
                crop = np.ascontiguousarray(rgb[top : int(y + 1.25 * h), left : int(x + 1.25 * w)])
                size = np.array([crop.shape[1], crop.shape[0]])
                marks = pose.detect(image(crop)).pose_landmarks
                answers = {"ours": [p.coco17()[:, :2] for p in model.predict(crop)]}
                answers["mediapipe"] = [np.array([(m.x, m.y) for m in marks[0]])[list(COCO17)] * size] if marks else []
                seen = truth[:, 2] > 0
                points += int(seen.sum())
                for who, found in answers.items():
                    if found:
                        off = np.hypot(*(found[0] + [left, top] - truth[:, :2])[seen].T)
                        right[who] += int((off <= 0.2 * max(trunks)).sum())
    pck = {who: round(100 * count / points, 1) for who, count in right.items()}
    within = pck["ours"] >= pck["mediapipe"] - WITHIN_POINTS
    say(figure="accuracy", measure="PCK@0.2 of the trunk, per cent", points=points, **pck, within=within)


def recall(model: BlazePose, pictures: list[tuple[np.ndarray, list[dict]]]) -> None:
    whole = {"found": 0, "people": 0, "found_large": 0, "large": 0, "not_annotated": 0}
    for rgb, people in pictures:
        poses = [pose.coco17()[:, :2] for pose in model.predict(rgb, MAX_PEOPLE)]
        theirs = set()
        for one in people:
            truth = np.array(one["keypoints"], np.float64).reshape(17, 3)
            seen, large = truth[:, 2] > 0, one["bbox"][3] >= rgb.shape[0] / 3
            spread = 2 * one["area"] * (2 * COCO_SIGMAS) ** 2
            oks = [np.exp(-((pose - truth[:, :2]) ** 2).sum(1) / spread)[seen].mean() for pose in poses]
            hit = bool(oks) and bool(max(oks) >= 0.5)
            theirs |= {int(np.argmax(oks))} if hit else set()
            whole["people"], whole["found"] = whole["people"] + 1, whole["found"] + hit
            whole["large"], whole["found_large"] = whole["large"] + large, whole["found_large"] + (hit and large)
        whole["not_annotated"] += len(poses) - len(theirs)
    say(figure="several people", measure="OKS of at least 0.5; large: a third of the picture's height", **whole)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=90)
    options = parser.parse_args(argv)
    began = time.monotonic()
    model: BlazePose = ModelCache(10**9).get("blazepose")
    say(figure="load", seconds=round(time.monotonic() - began, 2))
    memory(model)  # first: whoever comes later uses the pages that others have left
    pictures = annotated() if FOLDER.is_dir() else []
    against_mediapipe(model, "astronaut", data.astronaut(), options.rounds)
    if pictures:
        against_mediapipe(model, "skier", pictures[0][0], options.rounds)
    against_mediapipe(model, "nobody", np.full((480, 640, 3), 90, np.uint8), options.rounds, people=0)
    by_people(model, options.rounds // 6)
    if not pictures:
        print("SKIPPED: accuracy and recall, because shared/data/pose is not here", file=sys.stderr)
        return
    accuracy(model, pictures)
    recall(model, pictures)


if __name__ == "__main__":
    main(sys.argv[1:])
