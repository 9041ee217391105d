"""A video file through models/pictures/video.py: frames per second at 640×480, and memory by its length.

The video is made on the spot: the astronaut, swaying. Speed without a model (decode and encode alone), with MediaPipe's
own pose landmarker and with our BlazePose, both drawn by `draw_poses`; then the most memory that runs of 10 and 60
seconds held, each in a fresh process after a short warm-up. Prints one JSON line per figure.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
import psutil

from models.pictures.images import sample_pictures
from models.pictures.video import annotate
from models.pose.overlay import Overlay, draw_poses
from tests.bench.limits import judged, show

SIZE_WH = (640, 480)
FPS = 30
LEAST_FPS = 15
MOST_MB = 25  # sixty seconds over ten; sixty seconds of pictures would be 1.6 GB

Process = Callable[[np.ndarray, float], np.ndarray]


def swaying(path: Path, seconds: float) -> Path:
    """The astronaut moving from side to side."""
    photo = next(sample for sample in sample_pictures() if sample.name == "astronaut").load()
    scene = cv2.copyMakeBorder(cv2.resize(photo, (480, 480)), 0, 0, 160, 160, cv2.BORDER_REPLICATE)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE_WH, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for number in range(round(seconds * FPS)):
            at = round(80 + 60 * np.sin(number / FPS * 2))
            rgb = np.ascontiguousarray(scene[:, at : at + SIZE_WH[0]])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def nothing() -> Process:
    return lambda rgb, seconds: rgb


def mediapipe_pose() -> Process:
    from models.pose import task_files
    from models.pose.tracking.landmarkers import BODY, Landmarker

    model, frames = Landmarker(BODY, task_files.path_of(task_files.BODY, None), 1, stream=True), count()

    def process(rgb: np.ndarray, seconds: float) -> np.ndarray:
        return draw_poses(rgb, model(rgb, round(1000 * next(frames) / FPS)), Overlay())

    return process


def blazepose() -> Process:
    from models.cache import ModelCache

    tracker = ModelCache(2_000_000_000).get("blazepose").tracker(1)
    return lambda rgb, seconds: draw_poses(rgb, tracker(rgb, seconds), Overlay())


MODELS = {"none": nothing, "mediapipe": mediapipe_pose, "blazepose": blazepose}


def frames_per_s(name: str, source: Path, folder: Path) -> float:
    process = MODELS[name]()
    process(np.zeros((*SIZE_WH[::-1], 3), np.uint8), -1.0)  # loading does not count
    began = time.monotonic()
    done = annotate(source, folder / "out.mp4", process)
    return done.frames / (time.monotonic() - began)


def most_mb(warm_up: Path, source: Path, folder: Path) -> float:
    """The most memory of this process while it works on `source`, in MB."""
    most, ours = 0, psutil.Process()

    def process(rgb: np.ndarray, seconds: float) -> np.ndarray:
        nonlocal most
        most = max(most, ours.memory_info().rss)
        return rgb.copy()

    annotate(warm_up, folder / "out.mp4", process)
    most = 0
    annotate(source, folder / "out.mp4", process)
    return most / 1e6


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seconds", type=float, default=10, help="length of the video for the speed")
    parser.add_argument("--lengths", type=float, nargs=2, default=[10, 60], help="lengths for the memory")
    options = parser.parse_args(argv)
    apart = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = swaying(folder / "speed.mp4", options.seconds)
        for name in options.models:
            with apart.Pool(1) as pool:
                rate = pool.apply(frames_per_s, (name, source, folder))
            show(judged("video", "speed", rate, "frames/s", at_least=LEAST_FPS, model=name, size=list(SIZE_WH)))
        warm_up, megabytes = swaying(folder / "warm.mp4", 3), []
        for seconds in options.lengths:
            long = swaying(folder / "long.mp4", seconds)
            with apart.Pool(1) as pool:
                megabytes.append(pool.apply(most_mb, (warm_up, long, folder)))
            show(judged("video", "memory", megabytes[-1], "MB", seconds=seconds))
        growth = megabytes[-1] - megabytes[0]
        show(judged("video", "memory growth", growth, "MB", at_most=MOST_MB, lengths=options.lengths))


if __name__ == "__main__":
    main(sys.argv[1:])
