"""The rooms' database: SQLite or PostgreSQL, in transactions that are on the disk once they end."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from models.errors import RoomsDown
from models.rooms.tables import Base

_WRITES = "limelight_writes"


class Database:
    """Thread-safe. Makes its tables where they are missing; raises RoomsDown when it cannot be used."""

    def __init__(self, url: str) -> None:
        try:
            self._engine = create_engine(url, pool_pre_ping=True)
            if self._engine.dialect.name == "sqlite":
                if self._engine.url.database:
                    Path(self._engine.url.database).parent.mkdir(parents=True, exist_ok=True)
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
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    """SQLite refuses a transaction that began by reading when another has written meanwhile; one that announces that it
    will write waits its turn."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
