"""The guard before every patch: only a version of a library that was looked at is reached into."""

import logging
from importlib.metadata import version

log = logging.getLogger(__name__)


def is_known(package: str, series: str) -> bool:
    """Whether the installed package is of that series, such as "1.16" for 1.16.2; the log says so when it is not."""
    found = version(package)
    if found == series or found.startswith(series + "."):
        return True
    log.warning("%s %s is not the %s this was made for: its patch stays off", package, found, series)
    return False
