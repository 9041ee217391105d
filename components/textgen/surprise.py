"""How unexpected a text is to each model: its pieces coloured by their bits, and who needs the fewest."""

import html
import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from components import layout
from components.remembered import remembered_of
from components.sharing import text_of_address
from components.textgen.attention import visible
from components.textgen.choice import WritingChoice
from components.textgen.tokens import readable
from models.errors import LimelightError
from models.textgen.language_model import LanguageModel, Surprise

TEXT = """\
Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date.
Please reboot your smartphone and check the wifi password.
"""
LONGEST, LONGEST_LARGE = 20_000, 4_000  # characters that are read
LARGE_BYTES = 100_000_000  # a model of this size reads so slowly that LONGEST_LARGE is enough
COLOURED = 3_000  # characters that are shown: each piece is an element of the page
HOTTEST = 10.0  # bits, from which on the colour is full


@dataclass(frozen=True)
class TextReading:
    """What one model made of a text: its mean bits per character, and the pieces of its first COLOURED characters."""

    text: str
    bits_per_char: float
    pieces: tuple[Surprise, ...]


def show(choice: WritingChoice) -> None:
    """A text of the visitor's, the ranking of the models on it, and the text as each model read it."""
    text_of_address("surprise/text", TEXT)
    written = st.text_area("A text to read", height=170, key="surprise/text", persist_state="session")
    if not written:
        st.caption("Write or paste a text to see what surprises each model.")
        return
    text = written[:LONGEST]
    readings, errors = _read_by_all(choice.models, text)
    for note in _notes(written, readings):
        st.caption(note)
    st.html(ranking({title: reading.bits_per_char for title, reading in readings.items()}, text))
    if not choice.models:
        st.caption("Choose a model to see what surprises it.")
        return
    st.html(
        '<div class="aside">Each piece by its bits: <span class="surprise">'
        + "".join(f"<span{_heat(bits)}>&nbsp;{bits}&nbsp;</span>" for bits in (0, 2, 4, 6, 8))
        + f"<span{_heat(HOTTEST)}>&nbsp;{HOTTEST:g} and more&nbsp;</span></span>. "
        "0 is what the model was certain of; each bit more is half as probable.</div>"
    )
    titles = list(choice.models)
    for begin in range(0, len(titles), 2):
        for place, title in zip(st.columns(min(2, len(titles)), gap="medium"), titles[begin : begin + 2], strict=False):
            with place:
                if title in errors:
                    st.html(f'<h4 class="model">{html.escape(title)}</h4>')
                    layout.say_error(errors[title])
                else:
                    bits = readings[title].bits_per_char
                    st.html(f'<h4 class="model">{html.escape(title)} <small>{bits:.2f} bits per character</small></h4>')
                    st.html(coloured(readings[title].pieces))


def _read_by_all(
    models: Mapping[str, LanguageModel], text: str
) -> tuple[dict[str, TextReading], dict[str, LimelightError]]:
    """By title what each model made of the text, or why it made nothing of it."""
    readings, errors = {}, {}
    for title, model in models.items():
        part = text[: longest_for(model)]
        try:
            with st.spinner(f"{layout.plain(title)} reads the text…"):
                readings[title] = remembered_of("surprise/readings", model, part, partial(read, model, part))
        except LimelightError as error:
            errors[title] = error
    return readings, errors


def longest_for(model: LanguageModel) -> int:
    """How many characters this model is given to read."""
    return LONGEST_LARGE if model.nbytes > LARGE_BYTES else LONGEST


def read(model: LanguageModel, text: str) -> TextReading:
    """What the model makes of a text that has at least one character."""
    surprises = model.surprise(text)
    pieces, length = [], 0
    for surprise in surprises:
        if length >= COLOURED:
            break
        pieces.append(surprise)
        length += len(surprise.piece)
    return TextReading(text, math.fsum(surprise.bits for surprise in surprises) / len(text), tuple(pieces))


def references(text: str) -> dict[str, float]:
    """What writing down the text takes without any model, in bits per character. Raw deflate: the header of a zip file
    would outweigh a short text. The letters' frequencies are this text's own, which nobody has to write down here."""
    data = text.encode("utf-8", "surrogatepass")
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    shares = [count / len(text) for count in Counter(text).values()]
    return {
        "a zip program": 8 * len(deflate.compress(data) + deflate.flush()) / len(text),
        "this text's own letter frequencies": math.fsum(-share * math.log2(share) for share in shares),
    }


def ranking(bits: Mapping[str, float], text: str) -> str:
    """Models and references from the fewest bits per character to the most, as HTML, and the best in words."""
    others = references(text)
    rows = sorted([*((b, name, False) for name, b in bits.items()), *((b, name, True) for name, b in others.items())])
    most = max(b for b, _, _ in rows) or 1.0
    bars = "".join(
        layout.bar(html.escape(name) + " <small>for comparison</small>" * other, b / most, f"{b:.2f}", weak=other)
        for b, name, other in rows
    )
    words = "Bits per character of this text; fewer is better."
    if bits:
        best = min(bits, key=lambda name: bits[name])
        plain = 8 * len(text.encode("utf-8", "surrogatepass")) / len(text)
        words += (
            f" {html.escape(best)} needs {bits[best]:.1f} bits per character, where plain text uses {plain:.2g}; "
            f"a zip program about {others['a zip program']:.1f}."
        )
    return f'<p class="aside">{words}</p><div class="bars">{bars}</div>'


def coloured(pieces: Sequence[Surprise]) -> str:
    """The pieces as HTML, the hotter the more bits; each says what it is, its bits and its probability."""
    spans = "".join(
        f'<span{_heat(s.bits)} title="{html.escape(visible(s.piece))}: {s.bits:.1f} bits, {odds(s.bits)}">'
        f"{_inked(s.piece)}</span>"
        for s in pieces
    )
    return f'<div class="surprise">{spans}</div>'


def odds(bits: float) -> str:
    """A probability of so many bits, in words."""
    if bits < 6:
        return f"probability {100 * 2**-bits:.0f} %"
    return f"probability 1 in {2**bits:,.0f}" if bits < 40 else f"probability 1 in 2^{bits:.0f}"


def _heat(bits: float) -> str:
    share = round(10 * min(max(bits, 0.0) / HOTTEST, 1.0))  # ten steps are enough for the eye, and short
    return f' style="--heat:{7 * share}%"' if share else ""


def _inked(piece: str) -> str:
    """As HTML, line breaks visible and kept."""
    return html.escape(readable(piece)).replace("\n", "<i>↵</i>\n")


def _notes(written: str, readings: Mapping[str, TextReading]) -> list[str]:
    notes = []
    if len(written) > LONGEST:
        notes.append(f"Your text has {len(written):,} characters; the first {LONGEST:,} are read.")
    if any(len(reading.text) < min(len(written), LONGEST) for reading in readings.values()):
        notes.append(
            f"Large models read the first {LONGEST_LARGE:,} characters only, so their place in the ranking is "
            "for that part."
        )
    if len(written) > COLOURED:
        notes.append(f"Coloured are the first {COLOURED:,} characters; the ranking counts all that were read.")
    return notes
