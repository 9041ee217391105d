"""Small JPEGs of kept pictures, made once: a page runs again at every press."""

import base64
import hashlib
import threading
from collections import OrderedDict

from models.teachable.kinds import thumb

MAX_THUMBS = 4000  # 96 pixels square they are about 12 MB

_lock = threading.Lock()
_made: OrderedDict[tuple[bytes, int], str] = OrderedDict()


def thumb_base64(jpeg: bytes, side: int) -> str:
    """A square JPEG of `side` pixels in base64; the last MAX_THUMBS of all sessions are kept.

    They go by the picture itself, not by a sample's key: an opened project brings keys of its own, and whoever wrote
    another's key into one would be shown that sample.
    """
    known = hashlib.sha256(jpeg).digest(), side
    with _lock:
        if (encoded := _made.get(known)) is not None:
            _made.move_to_end(known)
            return encoded
    encoded = base64.b64encode(thumb(jpeg, side)).decode()
    with _lock:
        _made[known] = encoded
        while len(_made) > MAX_THUMBS:
            _made.popitem(last=False)
    return encoded
