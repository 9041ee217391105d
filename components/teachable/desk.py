"""The visitor's desk: the project that is open in this tab, its recorder, and that it is kept across a reload."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from components import layout
from components.browser_key import browser_key
from components.teachable import shared, tabs
from models.errors import LimelightError
from models.settings import settings
from models.teachable.project import Outline, Project
from models.teachable.recorder import Recorder
from models.teachable.samples import Class

_DESK, _GO_TO = "teach/desk", "teach/go to"
_CHANGED = "teach/changed"
_BACK, _SYNC = ":material/history:", ":material/sync_problem:"
SEND_S = 0.1  # until the browser has what a run has shown
_WRONG = (":material/error:", ":material/broken_image:", _SYNC)
OUTDATED = "This tab was out of date: the project was changed in another one. It shows the project as it is now."


@dataclass
class Desk:
    """`number` counts the projects that were opened in this tab: part of the widgets' keys, or those of one project
    would show what was typed for another. `browser` is the key under which the server keeps it, once known."""

    project: Project
    recorder: Recorder
    number: int
    browser: str | None = None
    said: list[tuple[str, str]] = field(default_factory=list)  # messages for the next run: (icon, words)
    own: Project | None = None  # where somebody else's project is open: the visitor's own, to go back to
    seen: Outline | None = None  # of the project, as this tab knows it; None before the page has run


def desk() -> Desk:
    """This tab's."""
    found: Desk | None = st.session_state.get(_DESK)
    if found is None:
        found = st.session_state[_DESK] = _with(fresh(), 1)
    return found


def fresh(kind: str = "pictures", names: Sequence[str] = ("Class 1", "Class 2"), name: str = "My project") -> Project:
    """An empty project with the memory that one visitor has."""
    return Project.fresh(kind, names, name=name, budget_bytes=budget_bytes())


def budget_bytes() -> int:
    """What the samples of one visitor may take in memory."""
    return settings().project_mb * 1_000_000


def open_project(project: Project, done: str = "replacing") -> None:
    """Put another project on the desk, in whose `undo` the one that was there waits as long as there is room; one's own
    outlives those that are visited."""
    here = desk()
    if here.own is not None:
        visit(project)
        return
    if here.browser:
        shared.shelf().keep(here.browser, project)
    _put(project)
    _offer_undo(f"{done} {here.project.name}", here.project, open_project)
    tabs.changed(here.project)


def delete_project() -> bool:
    """Forget the project that is open, here and on the server, for an empty one of its kind; whether the server could.
    The `undo` of the empty one has it as long as the page is open."""
    here = desk()
    is_gone = here.browser is None or shared.shelf().delete(here.browser)
    open_project(fresh(here.project.kind.name), "deleting")
    return is_gone


def visit(project: Project) -> None:
    """Look into a project that is not the visitor's own, which waits meanwhile, on the server too."""
    here = desk()
    _put(project)
    desk().own = here.own or here.project
    if here.own is not None:
        _offer_undo(f"replacing {here.project.name}", here.project, visit)


def undo_fits(old: Project, new: Project | None = None) -> bool:
    """Whether one visitor's memory has room for both, so that `old` can be brought back."""
    return old.nbytes + (new.nbytes if new else 0) <= budget_bytes()


def _offer_undo(words: str, old: Project, put: Callable[[Project], None]) -> None:
    """On the project that is open now: bring the old one back, where anything was done with it."""

    def back() -> None:
        shared.shelf().undelete(old)
        put(old)

    new = desk().project
    if not old.untouched and undo_fits(old, new):
        new.offer_undo(words, back, old)


def own_project() -> Project | None:
    """The visitor's own project while another one is visited, else None."""
    return desk().own


def come_back(own: Project) -> None:
    """The end of the visit. What was trained or changed in the other project can be gone back to."""
    visited = desk().project
    _put(own)
    if visited.trained or visited.undo_words:
        _offer_undo(f"leaving {visited.name}", visited, visit)


def _put(project: Project) -> None:
    before = desk()
    before.recorder.stop()
    after = st.session_state[_DESK] = _with(project, before.number + 1)
    after.said, after.browser = before.said, before.browser


def _with(project: Project, number: int) -> Desk:
    intake = shared.intake()
    intake.add_missing(project)
    return Desk(project, Recorder(project, lambda sample: intake.add(project, [sample])), number, seen=project.outline)


def bring_back() -> None:
    """Once the browser has told its key: the project that is kept for it, or from now on this one is. Asked in every
    run, so that a second tab of the browser follows the first, and says so before anything is done in it."""
    if settings().project_hours == 0 or (key := browser_key()) is None:
        return
    here = desk()
    if here.own is not None:
        return
    returns, here.browser = here.browser is None, key
    saved = shared.shelf().open_or(key, lambda: here.project)
    if saved is here.project and not is_outdated():
        return
    if saved is here.project:
        here.number, here.seen = here.number + 1, saved.outline  # new widgets: these show what was typed here before
    else:
        _put(saved)
    if not returns:
        say(OUTDATED, _SYNC)
        if saved.undo_words is None:  # it came from another process
            _offer_undo("taking over the other tab's changes", here.project, open_project)
    elif saved.samples:
        say(f"Welcome back: your project with {layout.counted(len(saved.samples), 'sample')} is here again.", _BACK)
    st.rerun()


def is_outdated() -> bool:
    """Whether another tab of this browser has changed the project, or opened another, since this one has shown it."""
    here = desk()
    if here.browser is None or here.own is not None:
        return False  # nobody else has it
    if here.seen is None:
        here.seen = here.project.outline
    return here.project.outline != here.seen or not shared.shelf().holds(here.browser, here.project)


def follow_tabs() -> None:
    """At the bottom of the page: run it again when another tab of this browser has changed what it shows."""
    project = desk().project

    def state() -> Hashable:
        here = desk()
        return here.project.outline, len(here.project.samples), here.project.trained, is_outdated()

    tabs.follow(project, state)


def kept_for() -> str | None:
    """How long the server keeps the project, in words; None where it does not."""
    hours = settings().project_hours
    if hours == 0 or desk().browser is None or desk().own is not None:
        return None
    return "an hour" if hours == 1 else f"{hours:g} hours"


def go_to(view: str) -> None:
    """The next run opens this view: a widget's value can't be set once it is on the page."""
    st.session_state[_GO_TO] = view


def arrive() -> None:
    """At the top of the page: the view that `go_to` asked for."""
    st.session_state.pop(_CHANGED, None)  # all of it runs anew
    if (view := st.session_state.pop(_GO_TO, None)) is not None:
        st.session_state["view"] = view


def say(words: str, icon: str = ":material/check:") -> None:
    """Shown in the next run, for a moment."""
    desk().said.append((icon, words))


def show_said() -> None:
    """What was put by with `say`, for a moment; what went wrong for longer. Below all that may begin another run, for
    that throws away what has not been sent yet."""
    here = desk()
    for icon, words in here.said:
        st.toast(layout.plain(words), icon=icon, duration=12 if icon in _WRONG else "short")
    if here.said:
        here.said = []
        time.sleep(SEND_S)  # a component that is new on the page asks for another run at once


def attempt(what: Callable[[], object]) -> bool:
    """Do it, unless another tab has changed the project first; what can't be done is said in words. Whether it was."""
    if is_outdated():
        return False  # the page says so, and shows what there is now, in the run that follows
    try:
        what()
    except LimelightError as error:
        say(str(error), ":material/error:")
        return False
    finally:
        project = desk().project
        desk().seen = project.outline
        tabs.changed(project)
    return True


def changed() -> None:
    """In a callback of a widget in a fragment: what stands outside of it has to be shown anew, too."""
    st.session_state[_CHANGED] = True


def show_changes() -> None:
    """At the top of that fragment."""
    if st.session_state.pop(_CHANGED, False) or is_outdated():
        st.rerun()


def show_undo() -> None:
    """The button that takes the last deletion or move back, where there is one."""
    if words := desk().project.undo_words:
        st.button(
            f"Undo {layout.plain(words)}", icon=":material/undo:", key="teach/undo", on_click=_undo, args=(words,)
        )


def _undo(words: str) -> None:
    """What the button said, and nothing that another tab has done since."""
    if desk().project.undo_words == words:
        attempt(desk().project.undo)


def of_class(class_id: str) -> Class | None:
    """The class of that id, None when it is gone."""
    return next((one for one in desk().project.classes if one.id == class_id), None)
