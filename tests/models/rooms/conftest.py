"""The two databases that rooms are kept in: SQLite, and a real PostgreSQL of our own."""

import os
from collections.abc import Iterator

import pytest

from tests.bench import database


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database."""
    if database.postgres_programs() is None:
        if os.environ.get("LIMELIGHT_REQUIRE_BROWSER"):
            pytest.fail("PostgreSQL is not installed, and CI needs it")
        pytest.skip("no PostgreSQL: install Debian's package postgresql")
    with database.postgres(tmp_path_factory.mktemp("database"), "fsync=off", stop="immediate") as address:
        yield address
