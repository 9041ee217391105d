"""The rooms' database: SQLite or PostgreSQL, in transactions that are on the disk once they end."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from models.errors import RoomsDown
from models.rooms.tables import Base, SampleRow
from models.runtime.private_file import make_private

_WRITES = "limelight_writes"
_WIPED = 1  # SQLite's user_version of files in which nothing was ever deleted without being overwritten


class Database:
    """Thread-safe. Makes its tables where they are missing; raises RoomsDown when it cannot be used."""

    def __init__(self, url: str) -> None:
        try:
            self._engine = create_engine(url, pool_pre_ping=True)
            self._is_sqlite = self._engine.dialect.name == "sqlite"
            self._to_wipe = True  # a process that was killed may have left something
            if self._is_sqlite:
                if self._engine.url.database:
                    _make_private(Path(self._engine.url.database))
                event.listen(self._engine, "connect", _make_durable)
                event.listen(self._engine, "begin", _begin)
            self._writer = self._engine.execution_options(**{_WRITES: True})
            Base.metadata.create_all(self._writer)
        except (SQLAlchemyError, OSError, ImportError) as error:
            raise RoomsDown(
                f"The database of the rooms cannot be used ({type(error).__name__}). Whoever runs this server checks "
                "LIMELIGHT_ROOMS_URL."
            ) from error

    def close(self) -> None:
        """Let go of it."""
        self._engine.dispose()

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that only looks: readers wait for nobody."""
        return self._transaction(self._engine)

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that changes something: committed at its end, nothing kept of it when something goes wrong
        inside. Raises IntegrityError for what the tables don't allow."""
        return self._transaction(self._writer)

    @contextmanager
    def deleting(self) -> Iterator[Session]:
        """A transaction that writes and deletes pictures. Once it has ended nothing of them is in SQLite's files,
        unless somebody reads for seconds on end; PostgreSQL's, which take longer, wait for the next `wipe`."""
        with self.writing() as session:
            yield session
        self._to_wipe = True
        if self._is_sqlite:
            self.wipe()

    def wipe(self) -> None:
        """Clear away what deletions have left in the files; at once where there was none. What can't be done now waits
        for the next call."""
        if not self._to_wipe:
            return
        self._to_wipe = False  # before: what is deleted meanwhile waits for the next
        try:
            wiped = self._wipe_sqlite() if self._is_sqlite else self._vacuum()
        except (SQLAlchemyError, sqlite3.Error):
            wiped = False
        self._to_wipe |= not wiped

    def _wipe_sqlite(self) -> bool:
        """`secure_delete` has overwritten it; the log of writes still has the pages as they were."""
        with closing(self._engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            (version,) = cursor.execute("PRAGMA user_version").fetchone()
            if version != _WIPED:
                cursor.execute("VACUUM")
                cursor.execute(f"PRAGMA user_version = {_WIPED}")
            is_busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not is_busy

    def _vacuum(self) -> bool:
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                f"VACUUM {SampleRow.__tablename__}"
            )
        return True

    @contextmanager
    def _transaction(self, engine: Any) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise RoomsDown(
                f"The rooms' database does not answer ({type(error).__name__}). Nothing is lost that was said to be in "
                "the room; the rest is sent again by itself."
            ) from error


def _make_durable(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late: see below
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 5000",
        "secure_delete = ON",  # what is deleted is overwritten
        "temp_store = MEMORY",  # no copies of it elsewhere
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _make_private(path: Path) -> None:
    """SQLite gives its log the rights of the database, but not one that an earlier version has left."""
    make_private(path)
    for log in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if log.exists():
            make_private(log)


def _begin(connection: Any) -> None:
    """SQLite refuses a transaction that began by reading when another has written meanwhile; one that announces that it
    will write waits its turn."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
