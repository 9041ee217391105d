"""The view "Teach": a card per class, recording from the camera, adding pictures, and the last deletion taken back."""

import math
from typing import Any

import streamlit as st

from components import layout, live
from components.camera.stream import LiveCamera
from components.layout import counted
from components.sharing import setting
from components.teachable import shared, tabs
from components.teachable.desk import (
    Desk,
    attempt,
    changed,
    desk,
    fresh,
    kept_for,
    of_class,
    open_project,
    say,
    show_changes,
    show_said,
    show_undo,
)
from components.teachable.giving import Given
from components.teachable.sample_gallery import show_samples
from models.teachable.classes import MAX_CLASSES
from models.teachable.kinds import KINDS
from models.teachable.names import MAX_TYPED
from models.teachable.recorder import Recording
from models.teachable.samples import Class

POLL_EVERY_S = 1.0  # the number of samples moves with each of them, the strip with each run
STRIP = 16  # newest samples on a card
PAGE = 120  # samples of a class that are shown at a time
RATES = (5, 8, 10, 15)  # samples a second
UNTIL_STOPPED = "until I stop"
DURATIONS: dict[str, float | None] = {UNTIL_STOPPED: None, "2 s": 2, "5 s": 5, "10 s": 10}
COUNTDOWN_S = 3
_CHANNEL = "samples"


def show(camera: LiveCamera | None, given: Given) -> None:
    """The class cards, again and again while samples come in; what stands above and below them once."""
    here = desk()
    project, recorder = here.project, here.recorder
    if camera is None or not camera.playing:
        recorder.stop()
    busy = recorder.now is not None or shared.intake().waiting(project) > 0
    if recorder.now is not None:
        feed = live.page_feed()
        recorder.on_taken = lambda: feed.push(_CHANNEL, _recorded(here))

    @st.fragment(run_every=POLL_EVERY_S if busy else None)
    def cards() -> None:
        show_changes()
        waiting, now = shared.intake().waiting(project), recorder.now
        if busy and now is None and not waiting:
            tabs.changed(project)
            st.rerun()  # once: what was pressed here may be trained now
        _say()
        for one in project.classes:
            _card(one, now, camera, given)
        _say_waiting(waiting)

    if camera is not None and not camera.playing:
        st.caption("Start the camera, then press **Record** on a class and move the thing about.")
    cards()
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Add a class", icon=":material/add:", key="teach/add", disabled=len(project.classes) >= MAX_CLASSES
        ):
            attempt(project.add_class)
            st.rerun()
        if camera is not None:
            _recording_settings()
        show_undo()
    if kept := kept_for():
        st.caption(f"Samples are kept on this server for {kept}, for this browser only: see **Keep**.")


def _recording_settings() -> None:
    with st.popover("Recording", icon=":material/tune:"):
        st.select_slider("Samples a second", RATES, 10, **setting("teach/rate"))
        st.segmented_control("Record", list(DURATIONS), default=UNTIL_STOPPED, required=True, **setting("teach/for"))
        st.toggle("Count 3-2-1 first", help="Time to get into place.", **setting("teach/count"))


def _say() -> None:
    """What became of files, and of a recording that ended by itself."""
    here = desk()
    for words in shared.intake().take_left_out(here.project):
        here.said.append((":material/broken_image:", words))
    if here.recorder.error is not None:
        here.said.append((":material/error:", str(here.recorder.error)))
        here.recorder.error = None
    show_said()


def _say_waiting(waiting: int) -> None:
    """How many pictures are still to be looked at; below the cards, so that no button moves away under a finger."""
    here = desk()
    if waiting > 2:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{counted(waiting, 'picture')} still to be looked at…")
            if shared.intake().files_waiting(here.project) and st.button(
                "Stop adding", key="teach/cancel", type="tertiary"
            ):
                shared.intake().cancel(here.project)
    if refused := here.project.refused:
        missing = here.project.kind.missing or "anything"
        st.caption(f"{counted(refused, 'picture')} left out: {missing} was not seen.")


def _card(one: Class, now: Recording | None, camera: LiveCamera | None, given: Given) -> None:
    here = desk()
    key = f"teach/{here.number}/{one.id}"
    mine = now is not None and now.class_id == one.id
    with st.container(border=True, key=f"teach-card-{here.number}-{one.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            _name(one, key)
            _take(one, key, now if mine else None, camera, given)
            _count(one, now if mine else None)
            _menu(one, key)
        if one.samples:
            show_samples(one.samples[: -STRIP - 1 : -1], f"{one.id}/strip", but=one.id, side=56, compact=True)


def _name(one: Class, key: str) -> None:
    here = desk()

    def rename() -> None:
        attempt(lambda: here.project.rename(one.id, st.session_state[f"{key}/name"]))
        now = of_class(one.id)
        st.session_state[f"{key}/name"] = now.name if now else one.name  # as it stays
        changed()

    def recolour() -> None:
        attempt(lambda: here.project.recolour(one.id, st.session_state[f"{key}/colour"]))
        changed()

    st.color_picker(
        f"Colour of {layout.plain(one.name)}",
        one.colour,
        key=f"{key}/colour",
        on_change=recolour,
        label_visibility="collapsed",
        width="content",
    )
    st.text_input(
        f"Name of {layout.plain(one.name)}",
        one.name,
        max_chars=MAX_TYPED,
        key=f"{key}/name",
        on_change=rename,
        label_visibility="collapsed",
        width="stretch",
    )


def _take(one: Class, key: str, now: Recording | None, camera: LiveCamera | None, given: Given) -> None:
    """The button that gives the class what is in view."""
    here = desk()
    if camera is None:
        label = f"Add {counted(given.count, 'picture')}" if given.count else "Add"
        if st.button(
            label, key=f"{key}/take", icon=":material/add_photo_alternate:", disabled=not given.count, type="primary"
        ):
            given.add_to(one.id)
            st.rerun()
    elif now is not None:
        if st.button("Stop", key=f"{key}/stop", icon=":material/stop:", type="primary"):
            here.recorder.stop()
            st.rerun()
    elif st.button(
        "Record", key=f"{key}/take", icon=":material/fiber_manual_record:", type="primary", disabled=not camera.playing
    ):
        state = st.session_state
        here.project.refused = 0
        here.recorder.start(
            one.id,
            rate=state.get("teach/rate", 10),
            seconds=DURATIONS[state.get("teach/for") or UNTIL_STOPPED],
            delay_s=COUNTDOWN_S if state.get("teach/count") else 0,
        )
        st.rerun()


def _recorded(here: Desk) -> dict[str, Any]:
    """How many samples the class has that is being recorded, and the milliseconds, for the painter `samples`."""
    now = here.recorder.now
    count = sum(len(one.samples) for one in here.project.classes if now and one.id == now.class_id)
    wait = round(1000 * now.countdown_s) if now else 0
    left = None if now is None or now.left_s is None else round(1000 * now.left_s)
    return {"kind": "samples", "count": count, "wait": wait, "left": left}


def _count(one: Class, now: Recording | None) -> None:
    """How many samples, large; the card that records stands out by this element's class."""
    if now is not None and live.show_channel(_CHANNEL, _recorded(desk()), width="content"):
        return
    words = "" if one.enabled else "off"
    if now is not None and now.countdown_s > 0:
        count, words = str(math.ceil(now.countdown_s)), "get ready"
        spoken = f"{count}, {words}"
    else:
        count = f"{len(one.samples):,}"
        spoken = counted(len(one.samples), "sample")
        if now is not None and now.left_s is not None:
            words = f"{now.left_s:.0f} s"
    on = " on" if now is not None else ""
    st.html(
        f'<div class="count{on}" role="status" title="samples" aria-label="{spoken}"><b>{count}</b> '
        f"<small>{words}</small></div>",
        width="content",
    )


def _menu(one: Class, key: str) -> None:
    here = desk()

    def enable() -> None:
        attempt(lambda: here.project.enable(one.id, st.session_state[f"{key}/on"]))
        changed()

    with st.popover(f"More for {layout.plain(one.name)}", icon=":material/more_vert:", key=f"{key}/menu"):
        st.toggle("Take part in training", one.enabled, key=f"{key}/on", on_change=enable)
        if st.button("All samples", icon=":material/grid_view:", key=f"{key}/all", disabled=not one.samples):
            st.session_state["teach/all"] = one.id
            st.rerun()
        if st.button("Duplicate", icon=":material/content_copy:", key=f"{key}/copy"):
            attempt(lambda: here.project.duplicate(one.id))
            st.rerun()
        if st.button("Delete class", icon=":material/delete:", key=f"{key}/delete"):
            attempt(lambda: here.project.delete_class(one.id))
            st.rerun()


def show_all() -> bool:
    """All samples of the class that the visitor wanted to see, PAGE at a time. Whether there is one."""
    one = of_class(st.session_state.get("teach/all", ""))
    if one is None or not one.samples:
        st.session_state.pop("teach/all", None)
        return False
    if st.button("Back to the classes", icon=":material/arrow_back:", key="teach/back"):
        st.session_state.pop("teach/all")
        st.rerun()
    st.header(layout.plain(f"{one.name}: {counted(len(one.samples), 'sample')}"), anchor=False)
    pages = -(-len(one.samples) // PAGE)
    key = f"teach/all/{one.id}"
    st.session_state[key] = min(st.session_state.get(key, 1), pages)  # the last page may have gone
    page = st.number_input("Page", 1, pages, key=key) if pages > 1 else 1
    shown = one.samples[::-1][(page - 1) * PAGE : page * PAGE]
    show_samples(shown, "all", but=one.id)
    show_undo()
    return True


def choose_kind() -> None:
    """What the project learns from; only an empty one can change it."""
    here = desk()
    if here.project.samples:
        return
    kinds = {kind.title: name for name, kind in KINDS.items()}
    title = st.segmented_control(
        "Learn from", list(kinds), default=here.project.kind.title, required=True, key=f"teach/{here.number}/kind"
    )
    if kinds[title] != here.project.kind.name:
        open_project(fresh(kinds[title], [one.name for one in here.project.classes], here.project.name))
        say(f"This project learns from {title.lower()}.")
        st.rerun()
