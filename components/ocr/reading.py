"""What a session has had read, and the line in which its pages wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from components import layout, loading
from components.hosting.runtime import visitor
from components.ocr.sheets import Sheet
from models.ocr.boxes import Reading
from models.ocr.files.packed import Kept, OpenReadings
from models.ocr.prepare.steps import Tools, apply
from models.ocr.reading_queue import ReadingJob, ReadingQueue, ReadPage

EVERY_S = 0.5
MOST_KEPT = 60  # pages a session keeps; the oldest go first
_KNOWN, _JOB, _GIVEN_UP = "ocr/known", "ocr/job", "ocr/given up"
_OPEN = OpenReadings(100_000_000)  # of all sessions: eight scanned pages
_NO_JOB: tuple[ReadingJob[Kept] | None, frozenset[str]] = (None, frozenset())


@loading.one_per_process(source="reading", stats=lambda queue: vars(queue.stats()))
def reading_queue() -> ReadingQueue:
    """The one line in which everybody's pages are read."""
    return ReadingQueue()


@dataclass(frozen=True, eq=False)
class Task:
    """A page, who reads it, and what is done to the picture before."""

    sheet: Sheet
    engine: str
    tools: Tools

    @property
    def key(self) -> str:
        """What makes another reading necessary."""
        return f"{self.engine} {self.tools} {self.sheet.key}"


@dataclass(frozen=True, eq=False)
class Done:
    """A task that is over: `kept` is what was read, or `error` why nothing was, in words."""

    task: Task
    kept: Kept | None = None
    error: str | None = None


def read(tasks: Sequence[Task]) -> list[Done]:
    """Those of the tasks that are done, in their order. The others are put into the line, and the page says how far
    they are and runs again as they get done."""
    known: dict[str, Kept | str] = st.session_state.setdefault(_KNOWN, {})
    if (job := st.session_state.get(_JOB, _NO_JOB)[0]) is not None:
        known |= job.results | job.errors
    wanted = {task.key: task for task in tasks}
    for old in [key for key in known if key not in wanted][: max(0, len(known) - MOST_KEPT)]:
        del known[old]
    missing = [key for key in wanted if key not in known]
    given_up: set[str] = st.session_state.setdefault(_GIVEN_UP, set())
    with st.container():  # one place, whether something stands in it or not
        _read_missing(missing, wanted, given_up)
    return [_done(wanted[key], known[key]) for key in wanted if key in known]


def _read_missing(missing: list[str], wanted: dict[str, Task], given_up: set[str]) -> None:
    if given_up.intersection(missing):
        _offer_again(len(missing))
    elif missing:
        job, keys = st.session_state.get(_JOB, _NO_JOB)
        if job is None or job.done or not keys.issuperset(missing):
            job = reading_queue().submit(visitor(), {key: _reads(wanted[key]) for key in missing})
            st.session_state[_JOB] = job, frozenset(missing)
            job.wait(EVERY_S)  # a small one is there before its progress would be
        _show_progress(job, wanted, missing)


def choose_page(done: Sequence[Done]) -> Done | None:
    """The page to look at, of those that could be read; why others could not is said."""
    with st.container():  # one place, however much stands in it: what follows would be built anew
        return _choose_page(done)


def _choose_page(done: Sequence[Done]) -> Done | None:
    for one in done:
        if one.error is not None:
            layout.say_words(one.error, icon=":material/broken_image:")
    readable = {one.task.sheet.key: one for one in done if one.kept is not None}
    if len(readable) < 2:
        return next(iter(readable.values()), None)
    key = st.selectbox(
        "Page",
        list(readable),
        format_func=lambda key: readable[key].task.sheet.name,
        key="ocr/page",
    )
    return readable.get(key)


def opened(kept: Kept) -> Reading:
    """The reading with its picture."""
    return _OPEN.get(kept)


def _done(task: Task, result: Kept | str) -> Done:
    return Done(task, error=result) if isinstance(result, str) else Done(task, kept=result)


def _reads(task: Task) -> Callable[[ReadPage], Kept]:
    cache = loading.model_cache()

    def run(page: ReadPage) -> Kept:
        page.stage("Opening the picture")
        rgb = page.aside(lambda: apply(task.sheet.load(page.cancel), task.tools))
        with cache.lease(task.engine) as model:
            return Kept(model.read(rgb, on_stage=page.stage, cancel=page.cancel))

    return run


def _show_progress(job: ReadingJob[Kept], wanted: dict[str, Task], missing: list[str]) -> None:
    finished = job.count[0]

    @st.fragment(run_every=EVERY_S)
    def show() -> None:
        done, all_pages = job.count
        if job.done or done > finished:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(done / all_pages, _words(job, wanted, done, all_pages))
            st.button("Cancel", icon=":material/close:", on_click=_give_up, args=(job, missing), key="ocr/cancel")

    show()


def _words(job: ReadingJob[Kept], wanted: dict[str, Task], done: int, all_pages: int) -> str:
    if (stage := job.stage) is None:
        ahead = job.position
        return f"In line: {ahead} {'page' if ahead == 1 else 'pages'} of others first" if ahead else "You are next"
    key, words, seconds = stage
    name = layout.plain(wanted[key].sheet.name) if key in wanted else ""
    number = f"{done + 1} of {all_pages}, " if all_pages > 1 else ""
    return f"{number}{name}: {words}, {seconds:.0f} s"


def _give_up(job: ReadingJob[Kept], missing: list[str]) -> None:
    job.cancel()
    st.session_state[_GIVEN_UP] = set(missing)


def _offer_again(missing: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Cancelled; {missing} {'page is' if missing == 1 else 'pages are'} not read.")
        st.button("Read on", icon=":material/play_arrow:", on_click=st.session_state[_GIVEN_UP].clear, key="ocr/again")
