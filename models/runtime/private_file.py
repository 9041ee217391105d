"""Files that only the server's own user can read."""

import contextlib
import os
from pathlib import Path


def make_private(path: Path) -> None:
    """Make the file at `path` this user's alone (0600): an empty one where there is none, in a folder of the same kind
    (0700) where that is missing. Raises OSError where it can be neither found nor made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with contextlib.suppress(PermissionError):  # another user's, who lets us use it
        path.chmod(0o600)
