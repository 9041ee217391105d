"""What a face does, from its 52 blendshapes: names in plain words, the strongest, and a few plain verdicts.

A blendshape says how much of one movement there is, 0 to 1. The 52 are those of Apple's ARKit, less the tongue and with
`_neutral`; MediaPipe's network reads them off 146 of the mesh's 478 points. Left and right are the person's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Blendshapes = Mapping[str, float]

_PLAIN = {
    "browDown": "brow lowered",
    "browInnerUp": "brows raised in the middle",
    "browOuterUp": "brow raised",
    "cheekPuff": "cheeks puffed",
    "cheekSquint": "cheek raised",
    "eyeBlink": "eye shut",
    "eyeLookDown": "looks down",
    "eyeLookIn": "looks towards the nose",
    "eyeLookOut": "looks outwards",
    "eyeLookUp": "looks up",
    "eyeSquint": "eye narrowed",
    "eyeWide": "eye wide open",
    "jawForward": "jaw forward",
    "jaw": "jaw to the",
    "jawOpen": "jaw open",
    "mouthClose": "lips closed",
    "mouthDimple": "dimple",
    "mouthFrown": "corner of the mouth down",
    "mouthFunnel": "lips as for “oh”",
    "mouth": "mouth to the",
    "mouthLowerDown": "lower lip lowered",
    "mouthPress": "lips pressed",
    "mouthPucker": "lips as for a kiss",
    "mouthRollLower": "lower lip rolled in",
    "mouthRollUpper": "upper lip rolled in",
    "mouthShrugLower": "lower lip pushed up",
    "mouthShrugUpper": "upper lip pushed up",
    "mouthSmile": "smile",
    "mouthStretch": "mouth stretched",
    "mouthUpperUp": "upper lip raised",
    "noseSneer": "nose wrinkled",
}


def plain(name: str) -> str:
    """A blendshape's name in plain words: "mouthSmileLeft" is "smile left". A name that is not known stays."""
    movement, side = re.fullmatch(r"(.+?)(Left|Right)?", name, re.ASCII).groups()  # type: ignore[union-attr]
    return f"{_PLAIN[movement]} {(side or '').lower()}".strip() if movement in _PLAIN else name


def strongest(blendshapes: Blendshapes, count: int = 10) -> list[tuple[str, float]]:
    """The names and values of the `count` strongest, the strongest first; without `_neutral`, which is no movement."""
    movements = [(name, value) for name, value in blendshapes.items() if not name.startswith("_")]
    return sorted(movements, key=lambda each: -each[1])[:count]


@dataclass(frozen=True)
class Verdict:
    """What a face does, in a word: `value` in 0..1, and `limit` from which on it counts."""

    name: str
    value: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether it counts."""
        return self.value >= self.limit


SMILE, BROWS_UP, MOUTH_OPEN = 0.4, 0.4, 0.3
# On 49 faces found in photographs, a few of them no faces, of which none winks, two did by these limits, both turned
# away by more than MAX_TURN. With one eye warped shut in 19, half of the left and a third of the right ones counted.
WINK, WINK_SHUT = 0.2, 0.35
MAX_TURN = 0.6  # of a head (avatar.Head.turn), to either side: on faces in profile the numbers mislead


def verdicts(blendshapes: Blendshapes) -> tuple[Verdict, ...]:
    """Smile, brows up and mouth open, and a wink of each eye: one eye is WINK_SHUT shut or more, and by WINK or more
    shut further than the other. A blink of both eyes is no wink. For heads turned by MAX_TURN at most."""

    def mean(movement: str) -> float:
        return (blendshapes[f"{movement}Left"] + blendshapes[f"{movement}Right"]) / 2

    left, right = blendshapes["eyeBlinkLeft"], blendshapes["eyeBlinkRight"]
    brows = (blendshapes["browInnerUp"] + 2 * mean("browOuterUp")) / 3
    return (
        Verdict("smile", mean("mouthSmile"), SMILE),
        Verdict("wink with the left eye", max(0.0, left - right) if left >= WINK_SHUT else 0.0, WINK),
        Verdict("wink with the right eye", max(0.0, right - left) if right >= WINK_SHUT else 0.0, WINK),
        Verdict("brows up", brows, BROWS_UP),
        Verdict("mouth open", blendshapes["jawOpen"], MOUTH_OPEN),
    )
