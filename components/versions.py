"""The guard before every patch: only a version of a library that was looked at is reached into."""

import logging
from importlib.metadata import version

log = logging.getLogger(__name__)


# the series of each that was looked at: "1.16" is 1.16.0, 1.16.1 …
SERIES = {"streamlit": "1.67", "streamlit-webrtc": "0.79", "aiortc": "1.16", "aioice": "0.13"}


def is_known(package: str) -> bool:
    """Whether the installed package is of the series in SERIES; the log says so when it is not."""
    found, series = version(package), SERIES[package]
    if found == series or found.startswith(series + "."):
        return True
    log.warning("%s %s is not the %s this was made for: its patch stays off", package, found, series)
    return False
