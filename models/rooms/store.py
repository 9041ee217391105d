"""The rooms' store: what is acknowledged is on the disk.

A call that returns has committed: in SQLite with its write-ahead log forced to the disk at each commit, so that neither
kill −9 nor a power cut takes an acknowledged sample; in PostgreSQL by its own default. Sending a sample again is safe:
its key is kept once. Members are known by the hash of their browser's key; the store never sees who they are.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from platformdirs import user_state_path
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.errors import BadInput
from models.rooms import codes
from models.rooms.database import Database
from models.rooms.records import Member, Room, Share, member_of, room_of
from models.rooms.tables import NAME_POINTS, MemberRow, RoomRow, SampleRow
from models.teachable.kinds import KINDS, opened
from models.teachable.names import alike, clean, cut
from models.teachable.project import MOST_CLASSES, MOST_SAMPLES, Project
from models.teachable.samples import Class, Sample

MOST_ROOMS, MOST_MEMBERS = 50, 300
MOST_BYTES = 400_000  # of one picture: a kept sample has 20,000

Shared = tuple[str, str, bytes]
"""A sample on its way to a room: its key, its class's name, its JPEG."""


def default_url() -> str:
    """A SQLite file in the platform's folder for a user's state."""
    folder = user_state_path("limelight")
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'rooms.sqlite'}"


class RoomStore:
    """Thread-safe. Every method raises RoomsDown when the database does not answer; `keep_s` is how long a room is
    kept, `most_bytes` what its pictures may take."""

    def __init__(
        self, url: str, keep_s: float, most_bytes: int = 500_000_000, clock: Callable[[], float] = time.time
    ) -> None:
        self._keep_s, self._most_bytes, self._clock = keep_s, most_bytes, clock
        self._db = Database(url)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    # rooms

    def open(self, kind: str = "pictures") -> Room:
        """A new room. Raises BadInput when there are too many, ValueError for a kind that is none."""
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
        if len(self.rooms()) >= MOST_ROOMS:
            raise BadInput(f"{MOST_ROOMS} rooms are open, which is all there can be. Close one first.")
        now = self._clock()
        while True:
            row = RoomRow(code=codes.new_code(), kind=kind, opened=now, expires=now + self._keep_s)
            try:
                with self._db.writing() as session:
                    session.add(row)
                    session.flush()
                    return room_of(row)
            except IntegrityError:  # the code is taken
                continue

    def rooms(self) -> list[Room]:
        """Those that are open, the newest first. What has expired is deleted here."""
        with self._db.writing() as session:
            self._sweep(session)
            return [room_of(row) for row in session.scalars(select(RoomRow).order_by(RoomRow.id.desc()))]

    def end(self, room: Room) -> None:
        """Delete a room and all that was pooled in it."""
        with self._db.writing() as session:
            session.execute(delete(RoomRow).where(RoomRow.id == room.id))

    # members

    def join(self, code: str, browser_key: str, name: str = "") -> Member:
        """Into the room of that code; who is in it already stays who they are. Raises BadInput for a wrong code or a
        full room."""
        with self._db.writing() as session:
            self._sweep(session)
            # held until the end: two who join at the same moment get two numbers
            room = session.scalar(select(RoomRow).where(RoomRow.code == codes.tidied(code)).with_for_update())
            if room is None:
                raise BadInput("There is no room of that code. Look at it again: rooms close after some time.")
            known = self._member_row(session, browser_key, room.id)
            if known is None:
                numbers = select(func.count(), func.max(MemberRow.number)).where(MemberRow.room_id == room.id)
                count, last = session.execute(numbers).one()
                if count >= MOST_MEMBERS:
                    raise BadInput(f"{MOST_MEMBERS} people are in this room, which is all it takes.")
                known = MemberRow(
                    room_id=room.id, browser=codes.hidden(browser_key), number=(last or 0) + 1, sharing=True, name=""
                )
                session.add(known)
            known.name = cut(clean(name), max_points=NAME_POINTS) or known.name
            session.flush()
            return member_of(known, room_of(room))

    def membership(self, browser_key: str) -> Member | None:
        """Which room this browser joined last, None when it is in none that is open."""
        with self._db.reading() as session:
            found = session.execute(
                select(MemberRow, RoomRow)
                .join(RoomRow, RoomRow.id == MemberRow.room_id)
                .where(MemberRow.browser == codes.hidden(browser_key), RoomRow.expires > self._clock())
                .order_by(MemberRow.id.desc())
            ).first()
            return member_of(found[0], room_of(found[1])) if found else None

    def set_sharing(self, member: Member, sharing: bool) -> None:
        """Whether this member's new samples go to the room by themselves."""
        with self._db.writing() as session:
            session.execute(update(MemberRow).where(MemberRow.id == member.id).values(sharing=sharing))

    def leave(self, member: Member) -> None:
        """Out of the room, with all that this member has put into it: by the member, or by the presenter."""
        with self._db.writing() as session:
            session.execute(delete(MemberRow).where(MemberRow.id == member.id))

    # samples

    def keys(self, member: Member) -> set[str]:
        """The keys of this member's samples that need not be sent: the room has them, or one does not want them there
        (see `withhold`)."""
        with self._db.reading() as session:
            return set(session.scalars(select(SampleRow.key).where(SampleRow.member_id == member.id)))

    def pictures(self, member: Member, label: str | None, most: int) -> list[tuple[str, bytes]]:
        """Key and JPEG of this member's newest samples in the room, `most` of one class or of all."""
        with self._db.reading() as session:
            rows = select(SampleRow.key, SampleRow.jpeg).where(SampleRow.member_id == member.id, _there)
            if label is not None:
                rows = rows.where(SampleRow.label == label)
            rows = rows.order_by(SampleRow.id.desc()).limit(most)
            return [(key, jpeg) for key, jpeg in session.execute(rows)]

    def add(self, member: Member, samples: Sequence[Shared]) -> set[str]:
        """Put samples into the room. Returns the keys that it now has, of these, all on the disk; a key that is missing
        was no picture. Raises BadInput when they don't fit, and then none is kept."""
        named = [(key[:64], cut(clean(label), max_points=NAME_POINTS), jpeg) for key, label, jpeg in samples]
        good = [(key, label, jpeg) for key, label, jpeg in named if label and _is_picture(jpeg)]
        if not good:
            return set()
        with self._db.writing() as session:
            # held until the end: two tabs of one browser send the same samples
            if session.scalar(select(MemberRow.id).where(MemberRow.id == member.id).with_for_update()) is None:
                raise BadInput("You are no longer in this room: it was closed, or the presenter took you out.")
            here = set(session.scalars(select(SampleRow.key).where(SampleRow.member_id == member.id)))
            new = [(key, label, jpeg) for key, label, jpeg in good if key not in here]
            new = list({key: (key, label, jpeg) for key, label, jpeg in new}.values())
            self._check_room(session, member, new)
            session.add_all(
                SampleRow(room_id=member.room.id, member_id=member.id, key=key, label=label, jpeg=jpeg, size=len(jpeg))
                for key, label, jpeg in new
            )
        return {key for key, _, _ in good}

    def remove(self, member: Member, label: str) -> int:
        """Take this member's samples of one class out of the room. Returns how many there were."""
        with self._db.writing() as session:
            mine = SampleRow.member_id == member.id, SampleRow.label == label, _there  # what is withheld stays so
            result: Any = session.execute(delete(SampleRow).where(*mine))
            return int(result.rowcount)

    def withhold(self, member: Member, keys: Collection[str]) -> int:
        """Take these samples out of the room for good: their pictures are deleted and their keys kept, so that they
        don't come back with the next that their owner shares. Returns how many there were."""
        with self._db.writing() as session:
            mine = SampleRow.member_id == member.id, SampleRow.key.in_(list(keys)), _there
            result: Any = session.execute(update(SampleRow).where(*mine).values(jpeg=b"", size=0))
            return int(result.rowcount)

    def share(self, member: Member) -> Share | None:
        """What this member has put into the room; None once they are out of it."""
        with self._db.reading() as session:
            row = session.get(MemberRow, member.id)
            return _shares(session, [row], member.room)[0] if row else None

    def shares(self, room: Room) -> list[Share]:
        """What each member has put into the room, in the order in which they joined."""
        with self._db.reading() as session:
            members = session.scalars(
                select(MemberRow).where(MemberRow.room_id == room.id).order_by(MemberRow.number)
            ).all()
            return _shares(session, members, room)

    def pooled(self, room: Room) -> Project:
        """Everything in the room as one project: a class for each name, alike ones together, with the first
        MOST_SAMPLES of each; what is of one member counts as one recording. Features are still to be computed."""
        by_name: dict[str, tuple[str, list[Sample]]] = {}
        with self._db.reading() as session:
            rows = session.execute(
                select(SampleRow.id, SampleRow.label, SampleRow.jpeg, SampleRow.member_id)
                .where(SampleRow.room_id == room.id, _there)
                .order_by(SampleRow.id)
            )
            for number, (row_id, label, jpeg, member_id) in enumerate(rows, 1):
                _, samples = by_name.setdefault(alike(clean(label)), (label, []))
                if len(samples) < MOST_SAMPLES:
                    samples.append(Sample(f"room-{row_id}", number, jpeg, recording=f"member-{member_id}"))
        fresh = Project.fresh(room.kind, [name for name, _ in by_name.values()][:MOST_CLASSES])
        classes = [
            Class(one.id, one.name, one.colour, one.enabled, tuple(samples))
            for one, (_, samples) in zip(fresh.classes, by_name.values(), strict=False)  # no more than fit
        ]
        budget = 2 * self._most_bytes + 20_000 * sum(len(one.samples) for one in classes)
        return Project.restored(room.kind, f"Room {room.code}", classes, budget_bytes=budget)

    # with a session

    def _check_room(self, session: Session, member: Member, new: Sequence[Shared]) -> None:
        in_room = SampleRow.room_id == member.room.id, _there
        size = session.scalar(select(func.coalesce(func.sum(SampleRow.size), 0)).where(*in_room)) or 0
        if size + sum(len(jpeg) for _, _, jpeg in new) > self._most_bytes:
            raise BadInput(f"The room is full: it takes {self._most_bytes / 1e6:.0f} MB of pictures. Take some out.")
        labels = {alike(label) for label in session.scalars(select(SampleRow.label).where(*in_room).distinct())}
        if len(labels | {alike(label) for _, label, _ in new}) > MOST_CLASSES:
            raise BadInput(f"The room has {MOST_CLASSES} classes, which is all it takes. Use one of their names.")

    def _sweep(self, session: Session) -> None:
        session.execute(delete(RoomRow).where(RoomRow.expires <= self._clock()))

    def _member_row(self, session: Session, browser_key: str, room_id: int) -> MemberRow | None:
        return session.scalar(
            select(MemberRow).where(MemberRow.room_id == room_id, MemberRow.browser == codes.hidden(browser_key))
        )


_there = SampleRow.size > 0  # of one that is withheld only the key is left


def _shares(session: Session, rows: Sequence[MemberRow], room: Room) -> list[Share]:
    """What these members of a room have put into it."""
    counts: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    sizes = dict.fromkeys(counts, 0)
    of = SampleRow.member_id, SampleRow.label
    found = select(*of, func.count(), func.sum(SampleRow.size)).where(SampleRow.member_id.in_(list(counts)), _there)
    for member_id, label, count, size in session.execute(found.group_by(*of)):
        counts[member_id][label] = count
        sizes[member_id] += int(size)
    return [Share(member_of(row, room), counts[row.id], sizes[row.id]) for row in rows]


def _is_picture(jpeg: bytes) -> bool:
    if not isinstance(jpeg, bytes) or len(jpeg) > MOST_BYTES:
        return False
    try:
        return opened(jpeg) is not None
    except BadInput:
        return False
