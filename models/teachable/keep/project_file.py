"""ProjectFile: one project as one SQLite file, of which only what changed is written.

Beside the download's zip, written whole each time: during a recording of 10 s onto 300 samples 2.9 MB are written, not
22.5, and for a new name 0.04, not 5.9. SQLite's rollback journal makes a write whole or nothing, a killed process or a
full disk in the middle included. Each row bears a checksum: a damaged sample is left out rather than shown.
"""

import contextlib
import json
import logging
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import BadInput
from models.runtime.private_file import make_private
from models.teachable.keep import trained_bytes
from models.teachable.project import Project
from models.teachable.samples import Class, Sample, Trained

log = logging.getLogger(__name__)

VERSION = 1
SYNCHRONOUS = "NORMAL"  # the disk is waited for so often that a power cut, too, leaves the last whole state
BUSY_S = 5.0  # how long to wait for another process that writes the same file
_NO_FILE = (0, 0)
NOT_DAMAGE = {  # of SQLite's error codes: the file may be whole, the moment is bad
    getattr(sqlite3, f"SQLITE_{name}")
    for name in ("BUSY", "LOCKED", "NOMEM", "READONLY", "IOERR", "FULL", "CANTOPEN", "PERM")
}

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS project (name TEXT PRIMARY KEY, content BLOB NOT NULL, crc INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS samples (key TEXT PRIMARY KEY, class_id TEXT NOT NULL, number INTEGER NOT NULL, "
    "jpeg BLOB NOT NULL, features BLOB, crc INTEGER NOT NULL, recording TEXT NOT NULL)",
)


class Outdated(Exception):  # not a LimelightError: the shelf goes on with what the file holds
    """Somebody else has written the file since."""


class Damaged(Exception):  # not a LimelightError: whoever reads says what that means
    """The file is not one that `ProjectFile` wrote, or not any more."""


class ProjectFile:
    """The file at `path`, which need not exist. Not thread-safe: one call at a time.

    It remembers what it wrote last. Where the file is not that any more, because somebody deleted it or another process
    wrote to it, the whole project is written; one that `yields` leaves it to the other process.
    """

    def __init__(self, path: Path, *, yields: bool = False) -> None:
        self.path, self.yields = path, yields
        self._stamp = b""  # drawn at each write: tells whether the file is as this object left it
        self._is_whole = True  # whether all that is in the file is what was read from it
        self._times = (0, 0)  # when the file was changed last, and its size, as far as this object knows
        self._rows: dict[
            str, tuple[str, bool]
        ] = {}  # of each sample in the file: its class, and whether it has features
        self._trained: Trained | None = None

    def write(self, project: Project) -> None:
        """Make the file the project as it is now; a damaged one is made anew. Raises sqlite3.Error, OSError or
        Outdated, with the file as it was."""
        try:
            self._write(project)
        except sqlite3.Error as error:
            if not _is_damage(error):
                raise
            log.warning("%s is damaged and is written anew: %s", self.path.name, error)
            self.delete()
            self._write(project)

    def _write(self, project: Project) -> None:
        classes, trained = project.classes, project.trained
        about = {
            "version": VERSION,
            "kind": project.kind.name,
            "name": project.name,
            "refused": project.refused,
            "training": project.is_training,
            "classes": [[one.id, one.name, one.colour, one.enabled] for one in classes],
        }
        stamp = secrets.token_bytes(16)
        self._create()
        with self._transaction("BEGIN IMMEDIATE") as db:
            for statement in SCHEMA:
                db.execute(statement)
            known, known_trained = self._rows, self._trained
            there = _part(db, "stamp")
            if self.yields and there not in (None, self._stamp):
                raise Outdated
            if not self._stamp or there != self._stamp or not self._is_whole:
                db.execute("DELETE FROM samples")
                db.execute("DELETE FROM project")
                known, known_trained = {}, None
            rows = _write_samples(db, classes, known)
            if trained is None:
                db.execute("DELETE FROM project WHERE name = 'trained'")
            elif trained is not known_trained:
                _put(db, "trained", trained_bytes.to_bytes(trained))
            _put(db, "about", json.dumps(about).encode())
            _put(db, "stamp", stamp)
        self._stamp, self._rows, self._trained, self._is_whole = stamp, rows, trained, True
        self._times = self._times_now()

    def read(self, budget_bytes: int) -> Project:
        """The project in the file, with room for `budget_bytes` of samples, and for its own in any case.

        Damaged samples and a damaged head are left out. Raises Damaged where that is not enough, OSError or
        sqlite3.Error when the file could not be read now.
        """
        times = self._times_now()
        try:
            with self._transaction("BEGIN") as db:
                about, stamp = json.loads(_whole(db, "about")), _whole(db, "stamp")
                by_class, left_out = _samples(db)
                trained = _trained(db)
            if about["version"] != VERSION:
                raise Damaged(f"it is of version {about['version']}")
            classes = [
                Class(str(id), str(name), str(colour), bool(enabled), tuple(by_class.get(id, ())))
                for id, name, colour, enabled in about["classes"]
            ]
            needed = sum(sample.nbytes for one in classes for sample in one.samples)
            project = Project.restored(
                str(about["kind"]),
                str(about["name"]),
                classes,
                trained,
                refused=int(about["refused"]),
                budget_bytes=max(budget_bytes, needed),
            )
            project.is_training = about.get("training") is True
        except sqlite3.Error as error:
            if _is_damage(error):
                raise Damaged(str(error)) from error
            raise
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, BadInput) as error:
            raise Damaged(str(error)) from error
        self._stamp, self._trained, self._is_whole = stamp, trained, not left_out  # else all is written next time
        self._times = times
        self._rows = {s.key: (one.id, s.features is not None) for one in classes for s in one.samples}
        return project

    def exists(self) -> bool:
        """Whether something is saved. An empty file is one that another process begins to write."""
        try:
            return self.path.stat().st_size > 0
        except OSError:
            return False

    def is_outdated(self) -> bool:
        """Whether somebody else has written it since this object did, or read it. Costs a glance at the folder."""
        if (times := self._times_now()) in (self._times, _NO_FILE):
            return False  # one that was deleted holds nothing newer
        try:
            with self._transaction("BEGIN") as db:
                there = _part(db, "stamp")
        except (OSError, sqlite3.Error):
            return False  # another write is under way, or it is damaged: writing finds out
        if there in (None, self._stamp):
            self._times = times
            return False
        return True

    def _times_now(self) -> tuple[int, int]:
        try:
            stat = self.path.stat()
        except OSError:
            return _NO_FILE
        return stat.st_mtime_ns, stat.st_size

    def delete(self) -> None:
        """Gone, for everybody. Raises OSError when the folder does not let go of it."""
        self.path.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)

    @property
    def journal(self) -> Path:
        """SQLite's journal: there while a write is under way, or when one was killed."""
        return self.path.with_name(self.path.name + "-journal")

    def _create(self) -> None:
        """An empty file that only this server's user can read, in a folder of the same kind."""
        if not self.path.exists():
            make_private(self.path)  # SQLite drops a journal beside an empty file

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """All of what is done to the database, or nothing."""
        # mode=rw: a file that was deleted meanwhile is not made anew with everybody's rights
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_S)) as db:
            db.text_factory = lambda text: text.decode(errors="replace")  # damage is for the checksums to find
            db.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
            db.execute("PRAGMA auto_vacuum = FULL")  # deleted samples give their room back …
            db.execute("PRAGMA secure_delete = ON")  # … and nothing is left of them
            db.execute("PRAGMA trusted_schema = OFF")
            db.execute(begin)
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk may have rolled it back already
                    db.execute("ROLLBACK")
                raise


def _write_samples(
    db: sqlite3.Connection, classes: tuple[Class, ...], known: dict[str, tuple[str, bool]]
) -> dict[str, tuple[str, bool]]:
    """The samples that `known` has not, or has otherwise; those that are gone, deleted. Returns what is there now."""
    rows: dict[str, tuple[str, bool]] = {}
    for one in classes:
        for sample in one.samples:
            features, recording = sample.features, sample.recording  # once: features may come meanwhile
            row = rows[sample.key] = (one.id, features is not None)
            if known.get(sample.key) == row:
                continue
            about = sample.key, one.id, sample.number
            blob = None if features is None else features.astype("<f4").tobytes()
            db.execute(
                "INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*about, sample.jpeg, blob, _crc(_about(*about), sample.jpeg, blob, recording.encode()), recording),
            )
    gone = [(key,) for key in known if key not in rows]
    db.executemany("DELETE FROM samples WHERE key = ?", gone)
    return rows


def _samples(db: sqlite3.Connection) -> tuple[dict[str, list[Sample]], int]:
    """The whole rows by their class's id, in order; and how many were damaged."""
    by_class: dict[str, list[Sample]] = {}
    left_out = 0
    for key, class_id, number, jpeg, blob, crc, recording in db.execute(
        "SELECT key, class_id, number, jpeg, features, crc, recording FROM samples"
    ):
        is_typed = isinstance(jpeg, bytes) and isinstance(blob, bytes | None) and isinstance(recording, str)
        if not is_typed or _crc(_about(key, class_id, number), jpeg, blob, recording.encode()) != crc:
            left_out += 1
        else:
            features = None if blob is None else np.frombuffer(blob, "<f4").astype(np.float32)
            by_class.setdefault(class_id, []).append(Sample(key, int(number), jpeg, features, recording=recording))
    for samples in by_class.values():
        samples.sort(key=lambda sample: sample.number)
    if left_out:
        log.warning("%d samples of a saved project were damaged and are left out", left_out)
    return by_class, left_out


def _about(key: str, class_id: str, number: int) -> bytes:
    return f"{key}/{class_id}/{number}".encode()


def _trained(db: sqlite3.Connection) -> Trained | None:
    content = _part(db, "trained")
    try:
        return None if content is None else trained_bytes.from_bytes(content)
    except BadInput as error:
        log.warning("a saved project comes back untrained: %s", error)
        return None


def _put(db: sqlite3.Connection, name: str, content: bytes) -> None:
    db.execute("INSERT OR REPLACE INTO project VALUES (?, ?, ?)", (name, content, _crc(content)))


def _part(db: sqlite3.Connection, name: str) -> bytes | None:
    """What `_put` put, None where it is missing or damaged."""
    row: tuple[Any, Any] | None = db.execute("SELECT content, crc FROM project WHERE name = ?", (name,)).fetchone()
    if row is None or not isinstance(row[0], bytes) or _crc(row[0]) != row[1]:
        return None
    return row[0]


def _whole(db: sqlite3.Connection, name: str) -> bytes:
    content = _part(db, name)
    if content is None:
        raise Damaged(f"its {name} is missing or damaged")
    return content


def _is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in NOT_DAMAGE


def _crc(*contents: bytes | None) -> int:
    crc = 0
    for content in contents:
        crc = zlib.crc32(content or b"", crc)
    return crc
