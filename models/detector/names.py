"""Everyday names of what ImageNet knows by kinds: the names that its 1000 and COCO's 80 share.

COCO's names without a kind among ImageNet's (person, giraffe, kite, donut …) are missing here. Where ImageNet has a
part or only one kind of the thing (toilet seat, Granny Smith), that stands for it.
"""

from functools import cache

import numpy as np

from models.classifier.imagenet import imagenet_labels

KINDS: dict[str, tuple[range | int, ...]] = {  # places among ImageNet's 1000
    "bicycle": (444, 671),
    "car": (436, 468, 511, 609, 627, 656, 661, 751, 817),
    "motorcycle": (665, 670),
    "airplane": (404, 895),
    "bus": (654, 779, 874),
    "train": (466, 547, 565, 705, 820, 829),
    "truck": (555, 569, 675, 717, 864, 867),
    "boat": (472, 484, 510, 554, 576, 625, 628, 780, 814, 871, 914),
    "traffic light": (920,),
    "stop sign": (919,),
    "parking meter": (704,),
    "bench": (703,),
    "bird": (range(7, 25), range(80, 101), range(127, 147)),
    "cat": (range(281, 286),),
    "dog": (range(151, 269),),
    "horse": (339,),
    "sheep": (348, 349),
    "cow": (345,),
    "elephant": (101, 385, 386),
    "bear": (range(294, 298),),
    "zebra": (340,),
    "backpack": (414,),
    "umbrella": (879,),
    "handbag": (636, 748),
    "tie": (451, 457, 906),
    "skis": (795,),
    "sports ball": (429, 430, 522, 574, 722, 768, 805, 852, 890),
    "tennis racket": (752,),
    "bottle": (440, 720, 737, 898, 901, 907),
    "wine glass": (572, 966),
    "cup": (504, 967, 968),
    "knife": (499, 623),
    "spoon": (618, 910),
    "bowl": (659, 809),
    "banana": (954,),
    "apple": (948,),
    "sandwich": (933,),
    "orange": (950,),
    "broccoli": (937,),
    "hot dog": (934,),
    "pizza": (963,),
    "chair": (423, 559, 765, 857),
    "couch": (831,),
    "potted plant": (738,),
    "bed": (520, 564),
    "dining table": (532,),
    "toilet": (861,),
    "tv": (664, 782, 851),
    "laptop": (620, 681),
    "mouse": (673,),
    "remote": (761,),
    "keyboard": (508, 810, 878),
    "cell phone": (487,),
    "microwave": (651,),
    "oven": (766, 827),
    "toaster": (859,),
    "sink": (896,),
    "refrigerator": (760,),
    "book": (917, 921),
    "clock": (409, 530, 892),
    "vase": (883,),
    "teddy bear": (850,),
    "hair drier": (589,),
}


@cache
def everyday() -> tuple[tuple[str, ...], np.ndarray]:
    """The names, first those in KINDS, then ImageNet's that are no kind of them; and the row of its name for each of
    the 1000, int (1000,)."""
    labels = imagenet_labels()
    of = np.full(len(labels), -1)
    for row, places in enumerate(KINDS.values()):
        for place in places:
            of[list(place) if isinstance(place, range) else place] = row
    rest = np.flatnonzero(of < 0)
    of[rest] = len(KINDS) + np.arange(len(rest))
    return (*KINDS, *(labels[place] for place in rest)), of


@cache
def _of_kinds() -> tuple[np.ndarray, np.ndarray]:
    """Places among the 1000, kind by kind, and where each kind begins."""
    _, of = everyday()
    order = np.argsort(of, kind="stable")[: int((of < len(KINDS)).sum())]
    return order, np.searchsorted(of[order], np.arange(len(KINDS)))


def kinds_of(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities of the 1000, float (…, 1000), as those of KINDS, float (…, kinds)."""
    order, begins = _of_kinds()
    return np.asarray(np.add.reduceat(probabilities[..., order], begins, axis=-1))


def joined(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities of the 1000, float (…, 1000), as those of the everyday names, float (…, names)."""
    _, of = everyday()
    return np.concatenate((kinds_of(probabilities), probabilities[..., of >= len(KINDS)]), axis=-1)
