"""Pages of one component are visited here too."""

from tests.kept import components_found_once  # noqa: F401
