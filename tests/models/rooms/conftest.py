"""The two databases that rooms are kept in: SQLite, and a real PostgreSQL of our own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.server import free_port


def postgres_programs() -> Path | None:
    """Where Debian puts them, the newest version's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database. Its server refuses to run as root, so it runs as Debian's user for it."""
    programs = postgres_programs()
    if programs is None:
        if os.environ.get("LIMELIGHT_REQUIRE_BROWSER"):
            pytest.fail("PostgreSQL is not installed, and CI needs it")
        pytest.skip("no PostgreSQL: install Debian's package postgresql")
    folder, port = tmp_path_factory.mktemp("postgres"), free_port()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        for parent in (*reversed(folder.relative_to("/tmp").parents[:-1]), folder.relative_to("/tmp")):
            os.chmod(Path("/tmp") / parent, 0o755)
        shutil.chown(folder, "postgres")

    def run(*command: object) -> None:
        subprocess.run([*as_user, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")

    run(programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "limelight", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    run(programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
    yield f"postgresql+psycopg://limelight@127.0.0.1:{port}/postgres"
    run(programs / "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate", "stop")
