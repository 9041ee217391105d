"""The rooms' store: what is acknowledged is on the disk.

A call that returns has committed: in SQLite with its write-ahead log forced to the disk at each commit, so that neither
kill −9 nor a power cut takes an acknowledged sample; in PostgreSQL by its own default. Sending a sample again is safe:
its key is kept once. Members are known by the hash of their browser's key; the store never sees who they are.

What is deleted is gone from SQLite's files when the call returns; PostgreSQL's are vacuumed by the next `sweep`, and
may hold it in free space and logs until those are written again.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import and_, delete, exists, func, select, union, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.errors import BadInput
from models.rooms import codes, moderation
from models.rooms.database import Database
from models.rooms.pool import Pool
from models.rooms.records import Member, Room, Share, member_of, room_of
from models.rooms.tables import NAME_POINTS, FormerMemberRow, MemberRow, RoomRow, SampleRow, WithheldRow
from models.teachable.classes import MAX_CLASSES
from models.teachable.kinds import KINDS, opened
from models.teachable.names import alike, clean, cut
from models.teachable.project import Project

MAX_ROOMS, MAX_MEMBERS = 50, 300
MAX_BYTES = 400_000  # of one picture: a kept sample has 20,000

Shared = tuple[str, str, bytes]
"""A sample on its way to a room: its key, its class's name, its JPEG."""


class RoomStore:
    """Thread-safe. Every method raises RoomsDown when the database does not answer; `keep_s` is how long a room is
    kept, `most_bytes` what its pictures may take. Somebody calls `sweep` every few seconds."""

    def __init__(
        self, url: str, keep_s: float, most_bytes: int = 500_000_000, clock: Callable[[], float] = time.time
    ) -> None:
        self._keep_s, self._most_bytes, self._clock = keep_s, most_bytes, clock
        self._db = Database(url)
        self._pool = Pool()
        with self._db.deleting() as session:
            moderation.adopt_old_marks(session)
        self.sweep()

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def sweep(self) -> None:
        """Delete what has expired, and clear away what deletions have left in the database's files."""
        expired = RoomRow.expires <= self._clock()
        with self._db.reading() as session:
            any_expired = session.scalar(select(exists().where(expired)))
        if any_expired:
            with self._db.deleting() as session:
                session.execute(delete(RoomRow).where(expired))
        self._db.wipe()

    # rooms

    def open(self, kind: str = "pictures") -> Room:
        """A new room. Raises BadInput when there are too many, ValueError for a kind that is none."""
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
        if len(self.rooms()) >= MAX_ROOMS:
            raise BadInput(f"{MAX_ROOMS} rooms are open, which is all there can be. Close one first.")
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
        """Those that are open, the newest first."""
        with self._db.reading() as session:
            rows = select(RoomRow).where(RoomRow.expires > self._clock()).order_by(RoomRow.id.desc())
            return [room_of(row) for row in session.scalars(rows)]

    def end(self, room: Room) -> None:
        """Delete a room and all that was pooled in it."""
        with self._db.deleting() as session:
            session.execute(delete(RoomRow).where(RoomRow.id == room.id))

    # members

    def join(self, code: str, browser_key: str, name: str = "") -> Member:
        """Into the room of that code; who is in it already stays who they are, and who was in it gets the number from
        then. Raises BadInput for a wrong code, a full room, or somebody whom the presenter removed."""
        browser = codes.hidden(browser_key)
        with self._db.writing() as session:
            # held until the end: two who join at the same moment get two numbers
            is_it = RoomRow.code == codes.tidied(code), RoomRow.expires > self._clock()
            room = session.scalar(select(RoomRow).where(*is_it).with_for_update())
            if room is None:
                raise BadInput("There is no room of that code. Look at it again: rooms close after some time.")
            row = session.scalar(select(MemberRow).where(MemberRow.room_id == room.id, MemberRow.browser == browser))
            if row is None:
                if _count(session, MemberRow, room.id) >= MAX_MEMBERS:
                    raise BadInput(f"{MAX_MEMBERS} people are in this room, which is all it takes.")
                number = moderation.readmitted(session, room.id, browser) or _next_number(session, room.id)
                row = MemberRow(room_id=room.id, browser=browser, number=number, sharing=True, name="")
                session.add(row)
            row.name = cut(clean(name), max_points=NAME_POINTS) or row.name
            session.flush()
            return member_of(row, room_of(room))

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
        """Out of the room, with all that this member has put into it. They may join again."""
        self._let_go(member, removed=False)

    def expel(self, member: Member) -> None:
        """The same by the presenter: this browser cannot join the room again, unless it is let in."""
        self._let_go(member, removed=True)

    def expelled(self, room: Room) -> dict[int, str]:
        """Who was, by number: the name they had."""
        with self._db.reading() as session:
            of = FormerMemberRow.room_id == room.id, FormerMemberRow.removed.is_(True)
            rows = session.scalars(select(FormerMemberRow).where(*of).order_by(FormerMemberRow.number))
            return {row.number: row.name for row in rows}

    def let_in(self, room: Room, number: int) -> None:
        """Who had this number may join again."""
        with self._db.writing() as session:
            one = FormerMemberRow.room_id == room.id, FormerMemberRow.number == number
            session.execute(update(FormerMemberRow).where(*one).values(removed=False, name=""))

    # samples

    def keys(self, member: Member) -> set[str]:
        """The keys of this member's samples that need not be sent: the room has them, or one does not want them there
        (see `withhold`)."""
        mine = MemberRow.id == member.id
        same = WithheldRow.room_id == MemberRow.room_id, WithheldRow.browser == MemberRow.browser
        there = select(SampleRow.key).where(SampleRow.member_id == member.id)
        with self._db.reading() as session:
            return set(session.scalars(union(there, select(WithheldRow.key).join(MemberRow, and_(*same)).where(mine))))

    def pictures(self, member: Member, label: str | None, most: int) -> list[tuple[str, bytes]]:
        """Key and JPEG of this member's newest samples in the room, `most` of one class or of all."""
        with self._db.reading() as session:
            rows = select(SampleRow.key, SampleRow.jpeg).where(SampleRow.member_id == member.id)
            if label is not None:
                rows = rows.where(SampleRow.label == label)
            rows = rows.order_by(SampleRow.id.desc()).limit(most)
            return [(key, jpeg) for key, jpeg in session.execute(rows)]

    def add(self, member: Member, samples: Sequence[Shared]) -> set[str]:
        """Put samples into the room. Returns the keys that need not be sent again, of these: the room now has them on
        the disk, or they were taken out one by one. A key that is missing was no picture; all are where the member does
        not share. Raises BadInput when they don't fit, and then none is kept."""
        named = [(key[:64], cut(clean(label), max_points=NAME_POINTS), jpeg) for key, label, jpeg in samples]
        good = {key: (key, label, jpeg) for key, label, jpeg in named if label and _is_picture(jpeg)}
        if not good:
            return set()
        with self._db.writing() as session:
            row = self._held(session, member)
            if row is None:
                raise BadInput("You are no longer in this room: it was closed, or the presenter took you out.")
            if not row.sharing:  # switched off since the page was shown, perhaps in another tab
                return set()
            here = set(session.scalars(select(SampleRow.key).where(SampleRow.member_id == row.id)))
            new = moderation.allowed(session, row, [one for key, one in good.items() if key not in here])
            self._check_room(session, member, new)
            session.add_all(
                SampleRow(room_id=row.room_id, member_id=row.id, key=key, label=label, jpeg=jpeg, size=len(jpeg))
                for key, label, jpeg in new
            )
        return set(good)

    def remove(self, member: Member, label: str) -> int:
        """Take this member's samples of one class out of the room; they stay out as long as the member does not share.
        Returns how many there were."""
        with self._db.deleting() as session:
            self._held(session, member)
            mine = SampleRow.member_id == member.id, SampleRow.label == label
            result: Any = session.execute(delete(SampleRow).where(*mine))
            return int(result.rowcount)

    def withhold(self, member: Member, keys: Collection[str]) -> int:
        """Take these samples out of the room for good: their pictures are deleted and marks of them kept, so that they
        don't come back with the next that their owner shares. Returns how many there were."""
        with self._db.deleting() as session:
            row = self._held(session, member)
            return moderation.withhold(session, row, keys) if row else 0

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
        MAX_SAMPLES of each; what is of one member counts as one recording. Who opens it gets a project of their own
        with samples that all share."""
        with self._db.reading() as session:
            return self._pool.project(session, room, self._most_bytes)

    # with a session

    def _check_room(self, session: Session, member: Member, new: Sequence[Shared]) -> None:
        in_room = (SampleRow.room_id == member.room.id,)
        size = session.scalar(select(func.coalesce(func.sum(SampleRow.size), 0)).where(*in_room)) or 0
        if size + sum(len(jpeg) for _, _, jpeg in new) > self._most_bytes:
            raise BadInput(f"The room is full: it takes {self._most_bytes / 1e6:.0f} MB of pictures. Take some out.")
        labels = {alike(label) for label in session.scalars(select(SampleRow.label).where(*in_room).distinct())}
        if len(labels | {alike(label) for _, label, _ in new}) > MAX_CLASSES:
            raise BadInput(f"The room has {MAX_CLASSES} classes, which is all it takes. Use one of their names.")

    def _let_go(self, member: Member, removed: bool) -> None:
        with self._db.deleting() as session:
            if (row := self._held(session, member)) is not None:
                moderation.let_go(session, row, removed=removed)

    def _held(self, session: Session, member: Member) -> MemberRow | None:
        """The member's row, theirs and the room's locked until the transaction's end, always in this order: all who
        send are weighed one after another. None when they or the room are gone."""
        is_open = RoomRow.id == member.room.id, RoomRow.expires > self._clock()
        if session.scalar(select(RoomRow.id).where(*is_open).with_for_update()) is None:
            return None
        return session.scalar(select(MemberRow).where(MemberRow.id == member.id).with_for_update())


def _count(session: Session, rows: type[MemberRow | FormerMemberRow], room_id: int) -> int:
    return session.scalar(select(func.count()).select_from(rows).where(rows.room_id == room_id)) or 0


def _next_number(session: Session, room_id: int) -> int:
    """One that nobody in the room has had."""
    tables = MemberRow, FormerMemberRow
    highest = [session.scalar(select(func.max(rows.number)).where(rows.room_id == room_id)) for rows in tables]
    return max(number or 0 for number in highest) + 1


def _shares(session: Session, rows: Sequence[MemberRow], room: Room) -> list[Share]:
    """What these members of a room have put into it."""
    counts: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    sizes = dict.fromkeys(counts, 0)
    of = SampleRow.member_id, SampleRow.label
    found = select(*of, func.count(), func.sum(SampleRow.size)).where(SampleRow.member_id.in_(list(counts)))
    for member_id, label, count, size in session.execute(found.group_by(*of)):
        counts[member_id][label] = count
        sizes[member_id] += int(size)
    return [Share(member_of(row, room), counts[row.id], sizes[row.id]) for row in rows]


def _is_picture(jpeg: bytes) -> bool:
    if not isinstance(jpeg, bytes) or len(jpeg) > MAX_BYTES:
        return False
    try:
        return opened(jpeg) is not None
    except BadInput:
        return False
