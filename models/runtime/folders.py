"""Limelight's own folders on this machine: the platform's, of the user that runs it. Nothing is made by asking."""

from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """For what can be fetched again: weights."""
    return platformdirs.user_cache_path("limelight", appauthor=False)


def state_folder() -> Path:
    """For what cannot: projects, rooms, certificates."""
    return platformdirs.user_state_path("limelight", appauthor=False)
