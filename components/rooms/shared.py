"""The rooms of this process."""

from typing import TYPE_CHECKING

from components.loading import one_per_process
from models.rooms.default_file import default_rooms_file, default_url
from models.settings import settings

if TYPE_CHECKING:
    from models.rooms.store import RoomStore


@one_per_process(on_shutdown=lambda store: store.close())
def rooms() -> "RoomStore":
    """Where rooms are stored. Raises RoomsDown; the next call tries again."""
    from models.rooms.store import RoomStore  # a database library that most servers never need

    now = settings()
    url = now.rooms_url.get_secret_value() if now.rooms_url else default_url()
    return RoomStore(url, 3600 * now.rooms_hours, now.room_mb * 1_000_000)


def delete_expired() -> None:
    """Rooms whose time is over, also those of before a restart where rooms are switched off now."""
    if settings().rooms_hours or settings().rooms_url or default_rooms_file().exists():
        rooms().sweep()
