"""The view "Draw": bars while one draws, where the network looked, what is like it, what makes it another digit."""

import numpy as np
import streamlit as st

from components.digits import pooling
from components.digits.drawing import MAPS, bars, desk, needed, shown
from components.remembered import remembered_one
from components.sharing import setting
from models.digits.bundled import Digits
from models.digits.pool import Drawing
from models.digits.reading import DIGITS

GREEN, RED = np.array([110, 165, 20]), np.array([200, 60, 40])


def show(digits: Digits) -> None:
    """Beside the pad: the bars, and more about the digit on it."""
    bars(digits)
    st.toggle("What its layers see", True, **setting(MAPS))


def show_more(digits: Digits) -> None:
    """Below: three pictures about the digit that was drawn."""
    seen = needed()
    if seen is None:
        return
    reading = digits.reader.read(seen)
    looked, similar, change = st.columns(3, gap="medium")
    with looked:
        st.markdown(f"**Where it looked** for its {reading.best}")
        lost = digits.reader.looked_at(seen, reading.best)
        st.image(_over(seen, lost), alt="The digit, orange where covering it costs most", width="stretch")
        st.caption("Covered piece by piece: orange where that costs the answer most.")
    with similar:
        picture, counts = digits.maker.similar(seen)
        st.markdown("**What is like it**")
        st.image(shown(picture), alt="The mean of the most similar training digits", width="stretch")
        told = ", ".join(f"{counts[digit]} × {digit}" for digit in np.argsort(-counts) if counts[digit])
        st.caption(f"The mean of the 20 nearest of 6,000 training digits: {told}.")
    with change:
        wanted = st.selectbox("What would make it a", DIGITS, index=(reading.best + 5) % 10, **setting("wanted"))
        name = seen.tobytes(), wanted
        changed = remembered_one(
            "digits/changed", name, lambda: digits.maker.changed_to(seen, int(wanted), digits.reader.probabilities)
        )
        share = float(digits.reader.probabilities(changed[None])[0, int(wanted)])
        st.image(_difference(seen, changed), alt="What to add and what to take away", width="stretch")
        st.caption(f"Add the green, take away the red: then it says {wanted} with {share:.0%}.")
    _meant(reading.best)


def _meant(best: int) -> None:
    """What the visitor meant, so that his own digits can be counted."""
    own = desk()
    with st.container(horizontal=True, vertical_alignment="center", key="digits-meant"):
        st.markdown("What did you mean?")
        for digit in range(10):
            st.button(str(digit), key=f"digits/meant/{digit}", on_click=_keep, args=(digit, best))
    if own.kept:
        right = sum(meant == said for _, meant, said in own.kept)
        st.markdown(
            f"**Your own digits: {right} of {len(own.kept)} right.** On MNIST's test digits it is right 997 times of a "
            "thousand: those were written by others, with other pens, and chosen and centred like those it learnt from."
        )
        pooling.offer()


def _keep(meant: int, said: int) -> None:
    from components.digits.drawing import clear

    own = desk()
    if own.seen is not None:
        own.kept = [*own.kept[-99:], (own.seen, meant, said)]
        pooling.put(Drawing(own.seen, meant, said))
    clear()


def _over(seen: np.ndarray, lost: np.ndarray) -> np.ndarray:
    share = lost / max(float(lost.max()), 1e-6)
    colour = seen[..., None] * 255 * (1 - 0.7 * share[..., None]) + share[..., None] * np.array([217, 130, 15])
    return np.clip(colour, 0, 255).astype(np.uint8).repeat(6, 0).repeat(6, 1)


def _difference(seen: np.ndarray, changed: np.ndarray) -> np.ndarray:
    more, less = (np.clip(part, 0, 1)[..., None] for part in (changed - seen, seen - changed))
    both = np.minimum(seen, changed)[..., None] * 255
    return np.clip(both + more * GREEN + less * RED, 0, 255).astype(np.uint8).repeat(6, 0).repeat(6, 1)
