"""Small JPEGs of saved pictures, made once: a page runs again at every press."""

import base64
import hashlib

from components.remembered import Recent
from models.teachable.kinds import thumb

_thumbs: Recent[str] = Recent(4000)  # 96 pixels square they are about 12 MB


def thumb_base64(jpeg: bytes, side: int) -> str:
    """A square JPEG of `side` pixels in base64.

    They go by the picture itself, not by a sample's key: an opened project brings keys of its own, and whoever wrote
    another's key into one would be shown that sample.
    """
    name = hashlib.sha256(jpeg).digest(), side
    return _thumbs.get(name, lambda: base64.b64encode(thumb(jpeg, side)).decode())
