"""The rooms' tables, for SQLite and PostgreSQL alike."""

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAME_POINTS = 40  # code points of a name
Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where the type is INTEGER


class Base(DeclarativeBase):
    """Of all of them."""


class RoomRow(Base):
    """A room: its code, the kind of its samples (models/teachable/kinds.py), and until when it is kept (unix time)."""

    __tablename__ = "rooms"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    opened: Mapped[float]
    expires: Mapped[float]


class MemberRow(Base):
    """Somebody who joined: `browser` is the hash of a key that only that browser has, `sharing` whether new samples
    go to the room by themselves."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("room_id", "browser"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    browser: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(NAME_POINTS))
    sharing: Mapped[bool]


class SampleRow(Base):
    """One pooled picture, a JPEG. `key` is the sample's own in its owner's project: sent twice, it is stored once. No
    `id` is ever used for a second picture."""

    __tablename__ = "samples"
    __table_args__ = (UniqueConstraint("member_id", "key"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(NAME_POINTS))
    size: Mapped[int]  # of the picture, in bytes
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)


class FormerMemberRow(Base):
    """A browser that is no longer in the room, because its visitor left or because the presenter removed it. Its number
    goes to nobody else; one that was removed cannot join again."""

    __tablename__ = "former_members"
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(NAME_POINTS))  # of one that was removed, else ""
    removed: Mapped[bool]


class WithheldRow(Base):
    """A picture that was taken out of the room one by one: it stays out, also when its browser leaves and joins again,
    or sends it under another key. `digest` is its SHA-256; the picture itself is not here."""

    __tablename__ = "withheld_samples"
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
