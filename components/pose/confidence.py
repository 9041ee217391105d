"""How sure the model is of a person, against how sure it is of each keypoint; joint angles and fingers."""

from collections.abc import Iterator

from components.pose.choice import BODY, FACE, HANDS, KINDS, Choice, of
from components.report import Bars, Block, Note, Row, Verdict
from models.pose.angles import angles
from models.pose.hands import fingers_up
from models.pose.poses import Pose

COUNTED = {BODY: ("person", "people"), HANDS: ("hand", "hands"), FACE: ("face", "faces")}
HINTS = {
    BODY: "Step back until your shoulders are in the picture.",
    HANDS: "Hold up a hand with its palm to the camera.",
}
OF_SCORES = {
    BODY: "The pose score says *there is somebody*. A keypoint's score is its visibility: *in the picture and not "
    "hidden*, not how exact its place is. Grey: below the limit, so not drawn.",
    HANDS: "How sure the model is whether it is a left or a right hand; it gives no score of single points.",
}
OF_ANGLES = "In the picture's plane: 180° is straight. Turn sideways and see what the camera cannot know."


def found(poses: list[Pose], choice: Choice) -> Verdict:
    """How many there are of each kind, in words."""
    counts = {what: len(of(what, poses)) for what in KINDS}
    words = [f"{count} {COUNTED[what][count > 1]}" for what, count in counts.items() if count]
    nobody = f"No {COUNTED.get(choice.what, COUNTED[BODY])[0]} in view"
    return Verdict(", ".join(words) or nobody, unsure=not poses)


def confidence(poses: list[Pose], choice: Choice) -> Iterator[Block]:
    """A bar for the first body and one per keypoint, named; without a body one for each hand. The model reports no
    score of faces."""
    limit, bodies = choice.overlay.min_keypoint_score, of(BODY, poses)
    rows: list[Row] = [
        (f"{hand.side or 'a'} hand", hand.score, f"{hand.score:.0%}", False) for hand in of(HANDS, poses) if not bodies
    ]
    for body in bodies[:1]:
        rows.append(("the pose as a whole", body.score, f"{body.score:.0%}", False))
        scored = zip(body.skeleton.names, body.keypoints[:, 2].tolist(), strict=True)
        rows += [(name, score, f"{score:.0%}", score < limit) for name, score in scored]
    yield Bars(tuple(rows)) if rows else Note(HINTS.get(choice.what, HINTS[BODY]))


def joints(poses: list[Pose], choice: Choice) -> Iterator[Block]:
    """Joint angles of the first body, which fingers of each hand are up."""
    if not poses:
        yield Note("Nobody in view.")
    for body in of(BODY, poses)[:1]:
        measured = angles(body, choice.overlay.min_keypoint_score).items()
        yield Bars(tuple((name, (a or 0) / 180, "–" if a is None else f"{a:.0f}°", a is None) for name, a in measured))
    for hand in of(HANDS, poses):
        up = [finger for finger, is_up in fingers_up(hand).items() if is_up]
        yield Note(f"{(hand.side or 'a').capitalize()} hand: {', '.join(up) or 'no finger'} up ({len(up)})")
