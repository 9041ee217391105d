"""What a session has had read, and the line in which its pages wait."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from components import layout, loading
from components.hosting.runtime import visitor
from components.ocr.sheets import Sheet
from models.ocr.boxes import Reading
from models.ocr.files.packed import OpenReadings, PackedReading
from models.ocr.prepare.steps import Tools, apply
from models.ocr.reading_queue import ReadingJob, ReadingQueue, ReadPage

EVERY_S = 0.5
MAX_SAVED = 60  # pages a session has in memory; the oldest go first
_KNOWN, _JOB, _CANCELLED = "ocr/known", "ocr/job", "ocr/cancelled"
_OPEN = OpenReadings(100_000_000)  # of all sessions: eight scanned pages
_NO_JOB: tuple[ReadingJob[PackedReading] | None, frozenset[str]] = (None, frozenset())


@loading.one_per_process(source="reading", stats=lambda queue: vars(queue.stats()))
def reading_queue() -> ReadingQueue:
    """The one line in which everybody's pages are read."""
    return ReadingQueue()


@dataclass(frozen=True, eq=False)
class ReadSheet:
    """A sheet as `engine`, the reader's name in the catalogue, read it after `tools` had prepared its picture."""

    sheet: Sheet
    engine: str
    tools: Tools
    packed: PackedReading

    @property
    def key(self) -> str:
        """Another one where another reading is necessary."""
        return _key(self.sheet, self.engine, self.tools)

    @property
    def bare(self) -> Reading:
        """What was read, without the picture, at no cost."""
        return self.packed.bare

    def opened(self) -> Reading:
        """What was read, with the picture."""
        return _OPEN.get(self.packed)


def _key(sheet: Sheet, engine: str, tools: Tools) -> str:
    return f"{engine} {tools} {sheet.key}"


def read(sheets: Sequence[Sheet], engine: str, tools: Tools) -> list[ReadSheet]:
    """Those of the sheets that are read, in their order. The others are put into the line, and the page says how far
    they are and runs again as they get done; of one that can't be read it says why."""
    known: dict[str, PackedReading | str] = st.session_state.setdefault(_KNOWN, {})  # the reading, or why there is none
    if (job := st.session_state.get(_JOB, _NO_JOB)[0]) is not None:
        known |= job.results | job.errors
    wanted = {_key(sheet, engine, tools): sheet for sheet in sheets}
    for old in [key for key in known if key not in wanted][: max(0, len(known) - MAX_SAVED)]:
        del known[old]
    missing = {key: _read(sheet, engine, tools) for key, sheet in wanted.items() if key not in known}
    with st.container():  # one place, whether something stands in it or not
        _read_missing(missing, {key: sheet.name for key, sheet in wanted.items()})
    done = []
    with st.container():  # one place too, however much stands in it: what follows would be built anew
        for key, sheet in wanted.items():
            found = known.get(key)
            if isinstance(found, str):
                layout.say_words(found, icon=":material/broken_image:")
            elif found is not None:
                done.append(ReadSheet(sheet, engine, tools, found))
    return done


def _read_missing(missing: Mapping[str, Callable[[ReadPage], PackedReading]], names: Mapping[str, str]) -> None:
    cancelled: set[str] = st.session_state.setdefault(_CANCELLED, set())
    if cancelled.intersection(missing):
        _offer_again(len(missing))
    elif missing:
        job, keys = st.session_state.get(_JOB, _NO_JOB)
        if job is None or job.done or not keys.issuperset(missing):
            job = reading_queue().submit(visitor(), missing)
            st.session_state[_JOB] = job, frozenset(missing)
            job.wait(EVERY_S)  # a small one is there before its progress would be
        _show_progress(job, names, list(missing))


def choose_page(done: Sequence[ReadSheet]) -> ReadSheet | None:
    """The page to look at, None where there is none."""
    with st.container():  # one place, whether there is a choice or not
        pages = {one.sheet.key: one for one in done}
        if len(pages) < 2:
            return next(iter(pages.values()), None)
        return pages.get(
            st.selectbox("Page", list(pages), format_func=lambda key: pages[key].sheet.name, key="ocr/page")
        )


def _read(sheet: Sheet, engine: str, tools: Tools) -> Callable[[ReadPage], PackedReading]:
    cache = loading.model_cache()

    def run(page: ReadPage) -> PackedReading:
        page.stage("Opening the picture")
        rgb = page.aside(lambda: apply(sheet.load(page.cancel), tools))
        with cache.lease(engine) as model:
            return PackedReading(model.read(rgb, on_stage=page.stage, cancel=page.cancel))

    return run


def _show_progress(job: ReadingJob[PackedReading], names: Mapping[str, str], missing: list[str]) -> None:
    finished = job.count[0]

    @st.fragment(run_every=EVERY_S)
    def show() -> None:
        done, all_pages = job.count
        if job.done or done > finished:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(done / all_pages, _words(job, names, done, all_pages))
            st.button("Cancel", icon=":material/close:", on_click=_cancel, args=(job, missing), key="ocr/cancel")

    show()


def _words(job: ReadingJob[PackedReading], names: Mapping[str, str], done: int, all_pages: int) -> str:
    if (stage := job.stage) is None:
        ahead = job.position
        return f"In line: {layout.counted(ahead, 'page')} of others first" if ahead else "You are next"
    key, words, seconds = stage
    name = layout.plain(names.get(key, ""))
    number = f"{done + 1} of {all_pages}, " if all_pages > 1 else ""
    return f"{number}{name}: {words}, {seconds:.0f} s"


def _cancel(job: ReadingJob[PackedReading], missing: list[str]) -> None:
    job.cancel()
    st.session_state[_CANCELLED] = set(missing)


def _offer_again(missing: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Cancelled; {layout.counted(missing, 'page')} {'is' if missing == 1 else 'are'} not read.")
        st.button("Read on", icon=":material/play_arrow:", on_click=st.session_state[_CANCELLED].clear, key="ocr/again")
