"""Who and what stays out of a room: rules that hold for a browser, also after it has left and joined again.

Every function works inside a writing transaction of the store.
"""

import hashlib
from collections.abc import Collection, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.errors import BadInput
from models.rooms.tables import FormerMemberRow, MemberRow, SampleRow, WithheldRow


def let_go(session: Session, member: MemberRow, *, removed: bool) -> None:
    """Out of the room with all their samples; their number is kept for them, and `removed` keeps them out."""
    former = {"room_id": member.room_id, "browser": member.browser, "number": member.number}
    session.delete(member)
    session.merge(FormerMemberRow(**former, name=member.name if removed else "", removed=removed))


def readmitted(session: Session, room_id: int, browser: str) -> int | None:
    """The number of somebody who left this room and now joins it again; None for a newcomer. Raises BadInput for one
    whom the presenter removed."""
    former = session.get(FormerMemberRow, (room_id, browser))
    if former is None:
        return None
    if former.removed:
        raise BadInput("The presenter took you out of this room. Ask them to let you in again.")
    session.delete(former)
    return former.number


def withhold(session: Session, member: MemberRow, keys: Collection[str]) -> int:
    """Take these samples of a member out for good. Returns how many there were."""
    samples = session.execute(
        select(SampleRow.id, SampleRow.key, SampleRow.jpeg).where(
            SampleRow.member_id == member.id, SampleRow.key.in_(list(keys))
        )
    ).all()
    _remember(session, member, [(key, digest(jpeg)) for _, key, jpeg in samples])
    session.execute(delete(SampleRow).where(SampleRow.id.in_([id for id, _, _ in samples])))
    return len(samples)


def allowed(
    session: Session, member: MemberRow, samples: Iterable[tuple[str, str, bytes]]
) -> list[tuple[str, str, bytes]]:
    """Those of the samples (key, label, JPEG) whose picture was not taken out. The keys of the others are remembered,
    so that they are not sent again."""
    mine = WithheldRow.room_id == member.room_id, WithheldRow.browser == member.browser
    withheld = session.scalars(select(WithheldRow).where(*mine)).all()
    known, digests = {row.key for row in withheld}, {row.digest for row in withheld}
    passed, renamed = [], []
    for key, label, jpeg in samples:
        if key not in known and (mark := digest(jpeg)) not in digests:
            passed.append((key, label, jpeg))
        elif key not in known:
            renamed.append((key, mark))
    _remember(session, member, dict(renamed).items())
    return passed


def adopt_old_marks(session: Session) -> None:
    """Earlier versions marked a sample as withheld by an empty picture in its own row."""
    old = select(SampleRow, MemberRow).join(MemberRow, MemberRow.id == SampleRow.member_id).where(SampleRow.size == 0)
    for sample, member in session.execute(old.with_for_update(of=SampleRow, skip_locked=True)):
        _remember(session, member, [(sample.key, "")])
        session.delete(sample)


def digest(jpeg: bytes) -> str:
    """The same for the same picture, whatever its key."""
    return hashlib.sha256(jpeg).hexdigest()


def _remember(session: Session, member: MemberRow, marks: Iterable[tuple[str, str]]) -> None:
    session.add_all(
        WithheldRow(room_id=member.room_id, browser=member.browser, key=key, digest=mark) for key, mark in marks
    )
