"""What a face does: a drawn face that does the same, plain verdicts with their limits, the strongest blendshapes."""

from collections.abc import Iterator, Sequence

from components.report import Bars, Block, Faces, Note
from models.pose.avatar import Head, avatar
from models.pose.blendshapes import MAX_TURN, plain, strongest, verdicts
from models.pose.poses import Pose

EXPLAINED = (
    "The drawing is made from 52 numbers and from how the head is held, without the picture. First come verdicts, grey "
    "below their limit, then the ten strongest numbers; left and right are your own. Wink, then blink: what differs?"
)


def expression(faces: Sequence[Pose], *, mirrored: bool = False) -> Iterator[Block]:
    """The drawn face of each, and what the first of them does."""
    faces = [face for face in faces if face.blendshapes]
    if not faces:
        yield Note("No face in view. Turn your face to the camera.")
        return
    heads = [Head.from_face(face) for face in faces]
    yield Faces(
        tuple(avatar(f.blendshapes or {}, head, mirrored=mirrored) for f, head in zip(faces, heads, strict=True))
    )
    shapes = faces[0].blendshapes or {}
    away = abs(heads[0].turn) > MAX_TURN
    yield Bars(
        tuple((v.name, v.value, f"{v.value:.0%}, from {v.limit:.0%}", away or not v.holds) for v in verdicts(shapes)),
        words=True,
    )
    if away:
        yield Note("Your head is turned too far for a verdict. Look at the camera.")
    yield Bars(tuple((plain(name), value, f"{value:.0%}", False) for name, value in strongest(shapes)), words=True)
