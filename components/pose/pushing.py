"""A camera's poses in the browser with each result: drawn over the visitor's own picture, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from components import live
from components.pose.choice import ALL, KINDS, Choice
from components.pose.watching import Watcher
from components.report import Block, to_browser
from models.hosting.feeds import Feed
from models.pose import painting
from models.pose.poses import Pose
from models.runtime.engine import Result, Stream

if TYPE_CHECKING:  # the server starts without the camera's libraries
    from components.camera.stream import LiveCamera

GROUND = "ground"


def show_pushed(
    camera: LiveCamera,
    stream: Stream,
    choice: Choice,
    watcher: Watcher,
    report: Callable[[list[Pose]], Iterable[Block]],
) -> bool:
    """Have each result painted, and what `report` says of it. False where the browser has no websocket to the server:
    then the page has to show results itself."""
    if camera.playing:
        feed, overlay = live.page_feed(), choice.overlay
        feed.push("skeletons", painting.skeletons(_kinds(choice), overlay))
        if (picture := painting.backdrop(overlay)) is not None:
            feed.push("backdrop", {"kind": "backdrop"}, picture=picture)
        if overlay.masks:
            stream.subscribe(GROUND, lambda result: _push_ground(feed, choice, result))
        else:
            feed.push(GROUND, painting.ground([], overlay)[0])  # in place of what was there

    def message(poses: list[Pose]) -> dict[str, Any]:
        drawn = painting.figures(poses, choice.overlay, watcher.trails)
        return drawn | {"blocks": to_browser(report(poses))}

    return live.show_pushed(camera, stream, message)


def _kinds(choice: Choice) -> list[str]:
    """Of poses that may be found."""
    return [kind for what, kinds in KINDS.items() if choice.what in (what, ALL) for kind in kinds]


def _push_ground(feed: Feed, choice: Choice, result: Result) -> None:
    if result.error is None:
        message, masks = painting.ground(result.value, choice.overlay)
        feed.push(GROUND, message, at=result.offered_at, size_wh=result.size_wh, picture=masks)
