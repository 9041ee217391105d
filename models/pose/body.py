"""Body poses by BlazePose: 33 points each of one to five people, in a picture or on a stream.

MediaPipe's pose landmarker (Bazarevsky et al. 2020), full as bundled, lite and heavy from their own task files.
"""

from pathlib import Path

from models.pose import task_files
from models.pose.tracking import landmarkers
from models.pose.tracking.finder import Finder
from models.runtime.report import Report


class BlazePose(Finder):
    """Finds bodies: "body33" poses with world points. A keypoint's score is its visibility."""

    kind = landmarkers.BODY

    def searches_parts(self, count: int) -> bool:
        """Not for one person, who is the one near by."""
        return count > 1


def load_blazepose(path: Path | None, report: Report) -> BlazePose:
    """From the task file at `path`, by default the package's."""
    report("Starting MediaPipe", None)
    return BlazePose(task_files.path_of(task_files.BODY, path))
