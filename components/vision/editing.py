"""The chain as the visitor edits it: examples, its steps as chips, what can be done to one, and its settings."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from components.sharing import text_of_address
from models.errors import BadInput
from models.vision.chain import EXAMPLES, MAX_STEPS, STEPS, Chain, Link, chain_of, link_of, text_of
from models.vision.filters import KERNELS
from models.vision.parameters import Cells, Choice, Colour, Matrix, Parameter, Slider, kernel_of

CHAIN = "chain"
FIRST = EXAMPLES["Edges"]
_AT, _HELD, _EDITS, _WRONG = "vision/at", "vision/held", "vision/edits", "vision/wrong"


def chain() -> Chain:
    """The visitor's, or the address's; each step with the picture that was cut out for it."""
    text_of_address(CHAIN, FIRST)
    held: dict[str, np.ndarray] = st.session_state.setdefault(_HELD, {})
    return tuple(replace(link, held=held.get(link.step.held)) for link in chain_of(st.session_state[CHAIN]))


def hold(name: str, rgb: np.ndarray) -> bool:
    """Keep a picture for the steps that work with it: see `Step.held`. Whether it is another one than before."""
    held: dict[str, np.ndarray] = st.session_state.setdefault(_HELD, {})
    is_new = name not in held or not np.array_equal(held[name], rgb)
    held[name] = rgb
    return is_new


def edits() -> int:
    """Another number after each change of the chain's steps."""
    return int(st.session_state.get(_EDITS, 0))


def change(place: int, **values: Any) -> None:
    """Set parameters of one step."""
    _edit(lambda links: links.__setitem__(place, links[place].set(**values)), is_other=False)


def edit() -> int | None:
    """The chain's controls and the settings of the step that is chosen; its place, None in an empty chain."""
    links = chain()
    if not links:
        st.info("No step yet: the picture comes out as it went in. Add one, or take an example.")
        _tools(None, 0)
        return None
    at = _choose(links)
    _tools(at, len(links))
    link = links[at]
    st.caption(link.step.about)
    for parameter in link.step.parameters:
        _widget(parameter, at, link)
    return at


def examples() -> None:
    """Chains to begin with."""
    with st.container(horizontal=True, key="vision-examples"):
        for name, text in EXAMPLES.items():
            st.button(name, key=f"vision/example/{name}", type="tertiary", on_click=_take, args=(text,))


def _take(text: str) -> None:
    st.session_state[CHAIN] = text
    st.session_state[_AT] = len(chain_of(text)) - 1
    _other()


def _choose(links: Chain) -> int:
    """Which step is looked at."""
    st.session_state[_AT] = min(max(0, st.session_state.get(_AT, len(links) - 1)), len(links) - 1)
    names = [f"{place + 1} {link.step.title}{'' if link.is_on else ' (off)'}" for place, link in enumerate(links)]
    chosen = st.pills(
        "Steps", range(len(links)), format_func=names.__getitem__, key=_AT, label_visibility="collapsed", required=True
    )
    return int(chosen or 0)


def _tools(at: int | None, count: int) -> None:
    """Add, move, switch, remove, start over."""
    with st.container(horizontal=True, key="vision-tools"):
        with st.popover("Add a step", icon=":material/add:", disabled=count >= MAX_STEPS):
            if count < MAX_STEPS:
                for group in dict.fromkeys(step.group for step in STEPS.values()):
                    st.caption(group)
                    with st.container(horizontal=True):
                        for step in STEPS.values():
                            if step.group == group:
                                st.button(step.title, key=f"vision/add/{step.name}", on_click=_add, args=(step.name,))
        if at is not None:
            for name, icon, words, do, arguments in (
                ("earlier", "arrow_back", "Earlier", _move, (at, -1)),
                ("later", "arrow_forward", "Later", _move, (at, 1)),
                ("switch", "visibility", "Off / on", _switch, (at,)),
                ("remove", "delete", "Remove", _remove, (at,)),
            ):
                st.button(
                    words,
                    icon=f":material/{icon}:",
                    key=f"vision/{name}",
                    type="tertiary",
                    disabled=not 0 <= at + sum(arguments[1:]) < count,
                    on_click=do,
                    args=arguments,
                )
        st.button("Reset", key="vision/reset", type="tertiary", on_click=_take, args=(FIRST,))
    if count >= MAX_STEPS:
        st.caption(f"{MAX_STEPS} steps are the most.")


def _edit(do: Callable[[list[Link]], Any], *, is_other: bool = True) -> None:
    links = list(chain())
    do(links)
    st.session_state[CHAIN] = text_of(tuple(links))
    if is_other:
        _other()


def _other() -> None:
    """New widgets: those of the steps that stood there would go on with their values."""
    st.session_state[_EDITS] = edits() + 1
    st.session_state.pop(_WRONG, None)


def _add(name: str) -> None:
    _edit(lambda links: links.append(link_of(name)))
    st.session_state[_AT] = len(chain()) - 1


def _move(at: int, by: int) -> None:
    _edit(lambda links: links.insert(at + by, links.pop(at)))
    st.session_state[_AT] = at + by


def _switch(at: int) -> None:
    _edit(lambda links: links.__setitem__(at, replace(links[at], is_on=not links[at].is_on)))


def _remove(at: int) -> None:
    _edit(lambda links: links.pop(at))
    st.session_state[_AT] = max(0, at - 1)


def _widget(parameter: Parameter, at: int, link: Link) -> None:
    """The widget of one parameter; what is set goes into the chain."""
    key = f"vision/set/{edits()}/{at}/{parameter.name}"
    value = link.values[parameter.name]

    def changed() -> None:
        change(at, **{parameter.name: st.session_state[key]})

    common: dict[str, Any] = {"key": key, "on_change": changed, "help": getattr(parameter, "help", "") or None}
    if isinstance(parameter, Slider):
        kind = int if parameter.is_whole else float
        low, high, now, step = (kind(n) for n in (parameter.low, parameter.high, value, parameter.step))
        st.slider(parameter.label, low, high, now, step, **common)
    elif isinstance(parameter, Choice):
        st.selectbox(parameter.label, parameter.options, index=parameter.options.index(value), **common)
    elif isinstance(parameter, Colour):
        st.color_picker(parameter.label, value, **common)
    elif isinstance(parameter, Matrix):
        _kernel(parameter, at, value, key)
    elif isinstance(parameter, Cells) and value:
        st.button("Put all frequencies back", key=f"{key}/back", on_click=_put_back, args=(at, parameter.name))


def _put_back(at: int, name: str) -> None:
    _edit(lambda links: links.__setitem__(at, links[at].set(**{name: ()})))


def _kernel(parameter: Matrix, at: int, value: str, key: str) -> None:
    def written() -> None:
        text = str(st.session_state[key])
        try:
            kernel_of(text)
        except BadInput as error:
            st.session_state[_WRONG] = str(error)
        else:
            st.session_state.pop(_WRONG, None)
            change(at, **{parameter.name: text})

    with st.container(horizontal=True, key="vision-kernels"):
        for name, text in KERNELS.items():
            st.button(name, key=f"{key}/{name}", type="tertiary", on_click=_set_kernel, args=(at, parameter.name, text))
    st.text_area(parameter.label, value, key=key, height=130, on_change=written)
    if wrong := st.session_state.get(_WRONG):
        st.warning(f"{wrong} The kernel before is still in use.", icon=":material/grid_on:")


def _set_kernel(at: int, name: str, text: str) -> None:
    _edit(lambda links: links.__setitem__(at, links[at].set(**{name: text})))
