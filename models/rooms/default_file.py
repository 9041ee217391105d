"""Where rooms are kept unless a setting names a database. Apart from the store, which loads a database library."""

from pathlib import Path

from models.runtime.folders import state_folder


def default_rooms_file() -> Path:
    """A SQLite file in the platform's folder for a user's state, there or not."""
    return state_folder() / "rooms.sqlite"


def default_url() -> str:
    """Its address, in a folder that nobody else can look into."""
    file = default_rooms_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.parent.chmod(0o700)
    return f"sqlite:///{file}"
