"""Small files that cost whoever opens them without bounds minutes to hours: made here, byte by byte.

Shared by the tests of ocr/files/pdf_pages.py, pictures/images.py and pictures/video.py, and by the bench `costly`.
"""

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction

import av
from PIL import Image

from tests.models.ocr.files.assembled_pdf import assembled


def nested_forms(levels: int = 12, times: int = 10) -> bytes:
    """A PDF of 1.5 KB whose page draws a form ten times, which draws another one ten times, and so on."""
    forms = []
    for level in range(levels):
        entries = b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]"
        body = b"0 0 m 9 9 l S"
        if level < levels - 1:
            entries += b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level)
            body = b"/F Do " * times
        forms.append(_stream(body, entries))
    return _one_page(b"/Resources<</XObject<</F 5 0 R>>>>", b"/F Do " * times, *forms)


def endless_strokes(count: int = 20_000_000) -> bytes:
    """A PDF of some 100 KB whose page is that many curves, packed twice."""
    once = zlib.compress(b"0 0 m 9 90 90 9 99 99 c S\n" * count, 9)
    return _one_page(b"", zlib.compress(once, 9), filters=b"/Filter[/FlateDecode/FlateDecode]")


def fine_tiles() -> bytes:
    """A PDF whose page is filled with patterns of patterns, a tile a thousandth of a point wide."""
    entries = (
        b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .001/YStep .001"
        b"/Resources<</Pattern<</P %d 0 R>>>>"
    )
    fill = b"/Pattern cs /P scn 0 0 100 100 re f "
    patterns = [_stream(fill * 3, entries % (6 + level)) for level in range(5)]
    last = _stream(b"1 0 0 rg 0 0 .0005 .0005 re f", entries % 5)
    return _one_page(b"/Resources<</Pattern<</P 5 0 R>>>>", fill, *patterns, last)


def _one_page(entries: bytes, content: bytes, *more: bytes, filters: bytes = b"") -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R%b>>" % entries,
        _stream(content, filters),
        *more,
    ]
    return assembled(*objects)


def _stream(body: bytes, entries: bytes) -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(body), body)


def many_scans(count: int = 20_000, side: int = 1000) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    jpeg = _progressive(side)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + last * (count - jpeg.count(b"\xff\xda")) + b"\xff\xd9"


def many_scans_hidden(count: int = 20_000, side: int = 1000) -> bytes:
    """The same with what a decoder skips between the scans: fill bytes, comments, restart markers."""
    jpeg = _progressive(side)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    between = b"\xff\xff\xff\xfe\0\x04\xff\xd9" + b"\xff\xd0\xff\xff"
    return jpeg[:-2] + (between + last) * (count - jpeg.count(b"\xff\xda")) + b"\xff\xd9"


def many_scans_in_tiff(count: int = 20_000, side: int = 1000) -> bytes:
    """A TIFF with such a JPEG in it (compression 7)."""
    jpeg = many_scans(count, side)
    entries = [
        (256, side),
        (257, side),
        (258, 8),
        (259, 7),
        (262, 6),
        (273, 8),
        (277, 3),
        (278, side),
        (279, len(jpeg)),
    ]
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    start = 8 + len(jpeg) + len(jpeg) % 2
    head = struct.pack("<2sHI", b"II", 42, start)
    return (head + jpeg).ljust(start, b"\0") + struct.pack("<H", len(entries)) + directory + bytes(4)


def _progressive(side: int) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((side, side)).save(file, "JPEG", progressive=True, quality=50)
    return file.getvalue()


def frames_never_due(count: int = 600_000, start: bool = True) -> bytes:
    """An MP4 of pictures of some ten bytes, a microsecond apart. Without its `start` none of them can be read."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "51", "g": "1000000"}
        stream.codec_context.time_base = Fraction(1, 1_000_000)
        packets = [packet for number in range(3) for packet in stream.encode(_black(number))]
        content = bytes(packets[-1])
        if start:
            file.mux(packets[:-1])
        for number in range(count):
            packet = av.Packet(content)
            packet.stream, packet.time_base = stream, Fraction(1, 1_000_000)
            packet.pts = packet.dts = 3 + number
            file.mux_one(packet)
    return out.getvalue()


def frames_never_whole(count: int = 600_000) -> bytes:
    """The same without the picture that the others build upon."""
    return frames_never_due(count, start=False)


def _black(number: int) -> av.VideoFrame:
    frame = av.VideoFrame(64, 64, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.pts, frame.time_base = number, Fraction(1, 1_000_000)
    return frame


FILMS: dict[str, Callable[..., bytes]] = {
    "frames never due": frames_never_due,
    "frames never whole": frames_never_whole,
}
PICTURES: dict[str, Callable[..., bytes]] = {
    "many scans": many_scans,
    "many scans, hidden": many_scans_hidden,
    "many scans in TIFF": many_scans_in_tiff,
}
PDFS: dict[str, Callable[[], bytes]] = {
    "nested forms": nested_forms,
    "endless strokes": endless_strokes,
    "fine tiles": fine_tiles,
}
