"""A video file in, one with the poses drawn on it back."""

from components import films
from components.pose.choice import Choice
from components.pose.watching import Watcher, draw
from models.pictures.films import Draw

VIDEO = films.VIDEO


def _drawing(choice: Choice) -> Draw:
    watcher = Watcher(choice)
    # in this order: the trails are those of the frame just looked at
    return lambda rgb, seconds: draw(rgb, watcher(rgb, seconds), choice, trails=watcher.trails)


def show_film(choice: Choice) -> None:
    """Upload, progress with a way out, the annotated video and its download."""
    films.show_film(
        "pose",
        "Find the poses in it",
        lambda: _drawing(choice),
        ready=choice.model is not None,
        drawn="the poses drawn on it, in the style chosen beside",
        result="poses.mp4",
    )
