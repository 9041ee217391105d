"""The view "Make": a map of digits to drag over, a morph between two of one's own, digits out of noise."""

import base64

import numpy as np
import streamlit as st

from components.digits.drawing import desk, needed, shown
from components.layout import browser_component
from components.loading import one_per_process
from components.remembered import remembered_one
from components.sharing import setting
from models.digits.bundled import Digits
from models.digits.making import STEPS
from models.digits.reading import DIGITS
from models.pictures.images import to_jpeg

MAP_SIDE = 24  # pictures a side
COUNT = 6
_KEPT = "digits/first"


@one_per_process()
def _sheets() -> dict[int, str]:
    return {}


def show(digits: Digits) -> None:
    """The three, one below the other."""
    st.markdown(
        "**A map of all digits.** An autoencoder has put 55,000 digits into two numbers each. Drag over the map."
    )
    seen = desk().seen
    browser_component("digitmap")(
        key="digits/map",
        data={
            "sheet": _sheet(digits),
            "side": MAP_SIDE,
            "own": digits.maker.on_map(seen) if seen is not None else None,
        },
    )
    if seen is not None:
        st.caption("The orange ring is where your own digit lies.")
    st.divider()
    _morph(digits)
    st.divider()
    _film(digits)


def _sheet(digits: Digits) -> str:
    """The map as a data: address, made once."""
    known = _sheets()
    if MAP_SIDE not in known:
        sheet = digits.maker.map_sheet(MAP_SIDE)
        known[MAP_SIDE] = (
            "data:image/jpeg;base64," + base64.b64encode(to_jpeg(np.repeat(sheet[..., None], 3, 2))).decode()
        )
    return known[MAP_SIDE]


def _morph(digits: Digits) -> None:
    st.markdown("**From one digit to another.** Keep one, draw a second, and move between them.")
    seen = needed()
    if seen is None:
        return
    st.button("Keep this one as the first", key="digits/keep", on_click=lambda: st.session_state.update({_KEPT: seen}))
    first = st.session_state.get(_KEPT)
    if first is None or np.array_equal(first, seen):
        st.caption("Then draw another one on the pad.")
        return
    share = st.slider("From the first to the second", 0.0, 1.0, 0.5, 0.05, format="percent", **setting("between"))
    picture = digits.maker.morph(first, seen, 21)[round(20 * share)]
    for place, (name, one) in zip(
        st.columns(3), {"first": first, "between": picture, "second": seen}.items(), strict=True
    ):
        place.image(shown(one), caption=f"{name}: it says {digits.reader.read(one).best}", alt=name, width="stretch")


def _film(digits: Digits) -> None:
    st.markdown(
        "**Out of noise.** A second network has learnt to say how much of a place on a larger map is noise. Taking its "
        f"guess away {STEPS} times leads from noise to a digit (diffusion)."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.selectbox("Digit", DIGITS, index=3, **setting("digit"))
        st.button("Others", icon=":material/casino:", key="digits/others", on_click=_next_seed)
    seed = int(st.session_state.get("digits/seed", 1))
    film = remembered_one("digits/film", (wanted, seed), lambda: digits.maker.film(int(wanted), COUNT, seed))
    step = st.slider("Step", 0, STEPS, STEPS, **setting("step"))
    accepted = digits.reader.probabilities(film[step])
    for at, place in enumerate(st.columns(COUNT, gap="small")):
        said = int(accepted[at].argmax())
        place.image(
            shown(film[step, at]), caption=f"it says {said}", alt=f"A made digit, read as {said}", width="stretch"
        )


def _next_seed() -> None:
    st.session_state["digits/seed"] = int(st.session_state.get("digits/seed", 1)) + 1
