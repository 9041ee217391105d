"""A PostgreSQL of one's own, from Debian's package, for as long as a test or a bench lasts."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.server import free_port


def postgres_programs() -> Path | None:
    """Where Debian puts them, the newest version's; None without any."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextlib.contextmanager
def postgres(parent: Path, *options: str, stop: str = "fast") -> Iterator[str]:
    """The address of an empty database in a folder of its own below `parent`. `options` are the server's, `stop` how it
    ends. The server refuses to run as root, so there it runs as Debian's user for it."""
    programs, port = postgres_programs(), free_port()
    assert programs is not None, "look for them first"
    folder = parent / "postgres"
    folder.mkdir()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        temporary = Path(tempfile.gettempdir())
        for part in [*reversed(folder.relative_to(temporary).parents[:-1]), folder.relative_to(temporary)]:
            os.chmod(temporary / part, 0o755)
        shutil.chown(folder, "postgres")

    def run(*command: object) -> None:
        subprocess.run([*as_user, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")

    run(programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "limelight", "--no-sync")
    flags = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    flags += "".join(f" -c {option}" for option in options)
    run(programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", flags, "start")
    try:
        yield f"postgresql+psycopg://limelight@127.0.0.1:{port}/postgres"
    finally:
        run(programs / "pg_ctl", "-D", folder / "data", "-w", "-m", stop, "stop")
