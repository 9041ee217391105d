"""What the rooms' store gives: rooms, members, and what each has put into a room."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.rooms.tables import MemberRow, RoomRow
from models.teachable.names import alike, clean


@dataclass(frozen=True)
class Room:
    """An open room; `expires` in unix time."""

    id: int
    code: str
    kind: str
    expires: float


@dataclass(frozen=True)
class Member:
    """Somebody in a room: `number` is nobody else's there, `name` is what they typed, perhaps nothing or another's."""

    id: int
    room: Room
    number: int
    name: str
    sharing: bool

    @property
    def title(self) -> str:
        """As others see them: two of one name are told apart by their numbers."""
        return f"{self.name} ({self.number})" if self.name else f"Member {self.number}"


@dataclass(frozen=True)
class Share:
    """What one member has in a room: samples per class, bytes in all."""

    member: Member
    samples: dict[str, int]
    bytes: int

    @property
    def count(self) -> int:
        """Samples in all classes."""
        return sum(self.samples.values())


def totals(shares: Iterable[Share]) -> dict[str, int]:
    """Samples per class of all these members together, alike names as one, under the name that came first."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for share in shares:
        for label, count in share.samples.items():
            name = names.setdefault(alike(clean(label)), label)
            counts[name] = counts.get(name, 0) + count
    return counts


def room_of(row: RoomRow) -> Room:
    """A row of the table, as it is now."""
    return Room(row.id, row.code, row.kind, row.expires)


def member_of(row: MemberRow, room: Room) -> Member:
    """The same of somebody in that room."""
    return Member(row.id, room, row.number, row.name, row.sharing)
