"""A visitor of the Teachable machine's page: shows it things, presses its buttons, chooses in its galleries."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from components.camera import stream
from components.teachable import shared
from components.teachable.desk import Desk
from components.teachable.gallery import Change, Tile
from components.trainings import ended
from models.cache import ModelCache
from models.pictures.images import to_jpeg
from models.teachable.kinds import KINDS, features, opened, sample_jpeg
from models.teachable.learn.lesson import Recipe, train
from models.teachable.project import Project
from models.teachable.recorder import Recorder
from models.teachable.samples import Class
from tests.pages.visit import entering, html_of, ran, said, sample

Until = Callable[[Callable[[], object]], None]


class Clock:
    """Stands still until somebody lets time pass."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Galleries:
    """Every gallery and map that the page has shown, and what the visitor does there: the one thing AppTest can't."""

    def __init__(self) -> None:
        self.tiles: dict[str, list[Tile]] = {}  # by the end of their key, what was shown last
        self.ever: list[bytes] = []  # all pictures
        self.does: dict[str, Change] = {}  # by the end of the gallery's key, once
        self.maps: list[tuple[np.ndarray, list[bytes], list[int], list[tuple[str, str]]]] = []

    def spy(self, real: Callable[..., Any]) -> Callable[..., Change | None]:
        def gallery(tiles: list[Tile], classes: Any, *, key: str, **options: Any) -> Change | None:
            real(tiles, classes, key=key, **options)
            self.tiles[key.split("/", 2)[2]] = tiles
            self.ever += [tile.jpeg for tile in tiles]
            return self.does.pop(key.split("/", 2)[2], None)

        return gallery

    def spy_on_map(self, real: Callable[..., Any]) -> Callable[..., None]:
        def sample_map(points: Any, jpegs: Any, class_of: Any, classes: Any, *, key: str) -> None:
            real(points, jpegs, class_of, classes, key=key)
            self.maps.append((points, jpegs, class_of, classes))
            self.ever += jpegs

        return sample_map

    def strip(self, one: Class) -> list[str]:
        """The keys of the samples that lie on a class's card."""
        return [tile.key for tile in self.tiles.get(f"{one.id}/strip", [])]


class Teacher:
    """A visitor; with a `project`, who has that one open."""

    def __init__(self, seam: dict[str, Any], until: Until, project: Project | None = None, **query: str) -> None:
        self._seam, self._until = seam, until
        self.at: AppTest = entering("teachable", **query)
        if project is None:
            self.looks()
        else:
            self.has(project, 1)

    @property
    def desk(self) -> Desk:
        return self.at.session_state["teach/desk"]

    @property
    def project(self) -> Project:
        return self.desk.project

    @property
    def camera(self) -> stream.LiveCamera:
        return self._seam["live"]

    def named(self, name: str) -> Class:
        found = self.project.find(name)
        assert found, f"no {name} among {[one.name for one in self.project.classes]}"
        return found

    @property
    def counts(self) -> dict[str, int]:
        return {one.name: len(one.samples) for one in self.project.classes}

    def looks(self) -> None:
        """The page as it is by now."""
        ran(self.at.run())

    def has(self, project: Project, number: int | None = None) -> None:
        """This project is on the desk. Recorder and intake are those that the page would have."""
        taking = Recorder(project, lambda new: shared.intake().add(project, [new]))
        self.at.session_state["teach/desk"] = Desk(project, taking, number or self.desk.number + 1)
        self.looks()

    def on(self, name: str, what: str) -> str:
        """The key of a widget on the card of that class."""
        return f"teach/{self.desk.number}/{self.named(name).id}/{what}"

    def presses(self, key: str) -> None:
        ran(self.at.button(key=key).click().run())

    def asks(self, key: str) -> str:
        """Presses a button that asks before it takes samples away; what the page then says."""
        samples = self.project.samples
        self.presses(key)
        assert self.project.samples == samples, "nothing has happened yet"
        return words(self.at)

    def agrees(self, key: str) -> None:
        """Presses it, and says yes."""
        self.asks(key)
        self.presses(next(button.key for button in self.at.button if button.key.startswith("teach/yes/")))

    def uploads(self, *files: tuple[str, bytes]) -> None:
        self.at.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files])
        self.looks()

    def shows(self, rgb: np.ndarray, frames: int = 1, clock: Clock | None = None, fps: int = 10) -> None:
        """Holds something before the camera; time passes by `clock`."""
        for _ in range(frames):
            self.camera.on_frame(stream.frame_from_rgb(rgb))
            if clock:
                clock.now += 1 / fps

    def waits(self) -> None:
        """Until all that was given has been looked at."""
        self._until(lambda: shared.intake().waiting(self.project) == 0)
        self.looks()

    def trains(self, key: str = "teach/train") -> None:
        """Presses, and waits for the result."""
        self.presses(key)
        lesson = self.at.session_state["teach/lesson"]
        self._until(lambda: lesson.training.touch() or ended(lesson.training))
        self.looks()

    def studies(self, name: str) -> None:
        """Until what is computed in the background is there."""
        training = self.at.session_state[f"teach/study/{name}"].training
        self._until(lambda: training.touch() or training.state in ("done", "failed"))
        self.looks()


def words(at: AppTest) -> str:
    """What the page says, without the marks that keep a stranger's text from being Markdown."""
    more = (*at.toast, *at.success, *at.header)
    return (said(at) + " " + " ".join(str(element.value) for element in more)).replace("\\", "")


def labels(at: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in at.button]


def verdict(at: AppTest) -> str:
    return html_of(at).partition('<div class="verdict')[2].partition("</div>")[0]


def view_of(name: str, step: int = 0) -> np.ndarray:
    """What a camera that moves a little sees of one of the pictures that come with the app; six steps differ."""
    picture = sample(name)
    side = min(picture.shape[:2]) * 3 // 4
    return np.ascontiguousarray(picture[8 * step : 8 * step + side, 20 * step : 20 * step + side])


def photo(name: str, step: int = 0) -> bytes:
    """That view as a JPEG."""
    return to_jpeg(view_of(name, step))


@cache
def taught(name: str, step: int) -> tuple[bytes, np.ndarray]:
    """The JPEG that is kept of that view, and its features by the real network."""
    kind = KINDS["pictures"]
    jpeg = sample_jpeg(kind, view_of(name, step))
    found = features(kind, ModelCache(10**9).get(kind.model), opened(jpeg))
    assert found is not None
    return jpeg, found


def project_of(trained: bool = False, **views: str) -> Project:
    """Classes by name, each with views of pictures, as "cat 6" or "cat 6 coffee 1"; an empty word for none."""
    project = Project.fresh("pictures", ())
    for name, given in views.items():
        one = project.add_class(name)
        parts = given.split()
        for picture, count in zip(parts[::2], parts[1::2], strict=True):
            for step in range(int(count)):
                project.add(one.id, *taught(picture, step))
    if trained:
        project.keep(train(project.training_set(), project.kind, Recipe()))
    return project
