"""What the Teachable machine's visitors share: the lines in which they wait, and the shelf of saved projects."""

import threading

import numpy as np

from components.loading import model_cache, one_per_process
from models.runtime.training import TrainingQueue
from models.settings import settings
from models.teachable.intake import Intake
from models.teachable.keep.project_folder import default_folder
from models.teachable.keep.shelf import Shelf
from models.teachable.kinds import Kind, features


@one_per_process()
def head_queue() -> TrainingQueue:
    """The line in which heads are trained: a second each, so nobody waits behind a long training."""
    threading.Thread(target=_warm_up, name="warm up", daemon=True).start()
    return TrainingQueue()


def _warm_up() -> None:
    """The first training of a process waits for what torch loads then, over a second: not the first visitor."""
    from models.teachable.learn.fitting import fit_head

    fit_head(np.eye(4, dtype=np.float32), np.array([0, 0, 1, 1]), epochs=2)


@one_per_process()
def study_queue() -> TrainingQueue:
    """The line for what takes longer and hurries less: judging samples, learning curves, maps, fine-tuning."""
    return TrainingQueue()


@one_per_process()
def intake() -> Intake:
    """The one line in which everybody's samples get their features."""
    cache = model_cache()

    def find(kind: Kind, rgb: np.ndarray) -> np.ndarray | None:
        with cache.lease(kind.model) as model:
            return features(kind, model, rgb)

    return Intake(find, settings().upload_mb * 1_000_000)


@one_per_process(on_shutdown=Shelf.close)
def shelf() -> Shelf:
    """Where visitors' projects are saved across a reload."""
    now = settings()
    folder = now.project_folder or default_folder()
    return Shelf(folder, 3600 * now.project_hours, int(now.projects_gb * 1e9), now.project_mb * 1_000_000)


def delete_expired() -> None:
    """Saved projects whose time is over, also those of before a restart where saving is switched off now."""
    shelf()  # its own thread deletes
