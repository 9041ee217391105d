"""The pool of a room: its samples as one project, each picture in memory once however many have opened it."""

import threading
from collections.abc import Sequence
from itertools import islice
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.rooms.records import Room
from models.rooms.tables import SampleRow
from models.teachable.classes import MAX_CLASSES, MAX_SAMPLES
from models.teachable.names import alike, clean
from models.teachable.project import Project
from models.teachable.samples import Class, Sample

CHUNK = 500  # pictures a query

_Row = tuple[int, str, str, int, int]  # of a sample: its id, key, label, size and its member's id


class Pool:
    """Thread-safe. Samples are shared between the projects of all who have a room's project open, features included,
    and forgotten with the last of these projects."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # the second of two who open a room at once gets what the first has read
        self._open: WeakValueDictionary[_Row, Sample] = WeakValueDictionary()

    def project(self, session: Session, room: Room, room_bytes: int) -> Project:
        """A project of its own to train and change, with the samples that are in the room now. Features are still to be
        computed for those that nobody had open."""
        with self._lock:  # before the first query: who waits holds up nobody who deletes
            by_name = _rows_by_name(session, room)
            fresh = Project.fresh(room.kind, [name for name, _ in by_name][:MAX_CLASSES])
            classes = [
                Class(one.id, one.name, one.colour, one.enabled, tuple(self._samples(session, rows)))
                for one, (_, rows) in zip(fresh.classes, by_name, strict=False)  # no more than fit
            ]
        budget = 2 * room_bytes + 20_000 * sum(len(one.samples) for one in classes)
        return Project.restored(room.kind, f"Room {room.code}", classes, budget_bytes=budget)

    def _samples(self, session: Session, rows: Sequence[_Row]) -> list[Sample]:
        found = {row: sample for row in rows if (sample := self._open.get(row)) is not None}
        missing = iter([row for row in rows if row not in found])
        while chunk := {row[0]: row for row in islice(missing, CHUNK)}:
            pictures = select(SampleRow.id, SampleRow.jpeg).where(SampleRow.id.in_(list(chunk)))
            for id, jpeg in session.execute(pictures):
                found[chunk[id]] = Sample(f"room-{id}", id, jpeg, recording=f"member-{chunk[id][-1]}")
        self._open.update(found)
        return [found[row] for row in rows if row in found]


def _rows_by_name(session: Session, room: Room) -> list[tuple[str, list[_Row]]]:
    """The room's samples under the names of their classes, alike ones together."""
    by_name: dict[str, tuple[str, list[_Row]]] = {}
    columns = SampleRow.id, SampleRow.key, SampleRow.label, SampleRow.size, SampleRow.member_id
    for row in session.execute(select(*columns).where(SampleRow.room_id == room.id).order_by(SampleRow.id)):
        _, rows = by_name.setdefault(alike(clean(row.label)), (row.label, []))
        if len(rows) < MAX_SAMPLES:
            rows.append((row.id, row.key, row.label, row.size, row.member_id))
    return list(by_name.values())
