"""The view "Play": rock, paper, scissors against the computer, by one's own trained hand."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from components import live
from components.camera.stream import LiveCamera
from components.hosting import runtime
from components.sharing import setting
from components.teachable.asking import agreed
from components.teachable.desk import desk, fresh, go_to, open_project, say
from components.teachable.testing import present
from models.runtime.engine import Result, Stream
from models.teachable.answering import Answer
from models.teachable.rock_paper_scissors import COUNT_S, MOVES, SIGNS, Move, Table, move_named
from models.teachable.samples import Trained

COUNT_IN = (*MOVES, "Show!")
BESIDE_PUSHED_S = 1.0  # a round's end is told at once; this is for one whose pictures stop coming
LATE_S = 1.0  # pictures are on their way for so long
WORDS = {"win": "You win!", "lose": "The computer wins.", "draw": "A draw."}
_TABLE, _CHANNEL = "teach/table", "round"


def show(camera: LiveCamera | None, stream: Stream | None) -> None:
    """The whole view."""
    trained = present()
    moves = _moves(trained)
    if trained is None or moves is None:
        _set_up()
        return
    if camera is None or stream is None or not camera.playing:
        st.info("Choose **Live** above and start the camera to play.", icon=":material/videocam:")
        return
    table: Table = st.session_state.setdefault(_TABLE, Table())
    table.game.learns = st.toggle(
        "The computer learns how you play",
        **setting("teach/learns"),
        help="It counts what you choose after which, and plays what beats the likeliest. Off: a fair die.",
    )
    began = table.began  # the engine's thread may end the round at any moment
    counting = began is not None
    is_pushed = began is not None and live.show_channel(_CHANNEL, _count_in(time.monotonic() - began))
    every_s = BESIDE_PUSHED_S if is_pushed else live.EVERY_S

    @st.fragment(run_every=every_s if counting else None)
    def board() -> None:
        if counting:
            page = runtime.visitor(), runtime.this_fragment()
            stream.subscribe(_CHANNEL, partial(_look, table, moves, page))
            if table.look(time.monotonic() - LATE_S, None):
                st.rerun()
        if not is_pushed:
            _show_board(table)
        _show_score(table)

    if not counting:
        stream.unsubscribe(_CHANNEL)
    board()
    with st.container(horizontal=True):
        label = "Play a round" if table.last is None else "Another round"
        if st.button(label, type="primary", icon=":material/play_arrow:", disabled=counting, key="teach/play"):
            table.begin(time.monotonic())
            st.rerun()
        if table.game.rounds and st.button("New score", icon=":material/restart_alt:", key="teach/score"):
            st.session_state[_TABLE] = Table()
            st.rerun()


def _moves(trained: Trained | None) -> dict[str, Move] | None:
    """Which class means which move; None unless the three are there."""
    if trained is None:
        return None
    found = {name: move for name in trained.names if (move := move_named(name))}
    return found if set(found.values()) == set(MOVES) else None


def _set_up() -> None:
    project = desk().project
    missing = [move for move in MOVES if not any(move_named(one.name) == move for one in project.classes)]
    st.header("Rock, paper, scissors", anchor=False)
    if not missing:
        st.markdown(
            "The three classes are there. Under **Teach** record each of the three hands, near and far and a little "
            "turned, about 50 samples each; press **Train**, and come back."
        )
        return
    st.markdown(
        "Teach the computer your three hands, then play against it. Needed: a project with the classes **Rock**, "
        "**Paper** and **Scissors**."
    )
    if project.samples:
        st.caption("This begins a new project. Save the one that is open first, under **Keep**, if you want it.")
    pressed = {}
    with st.container(horizontal=True):
        for kind, label in (("hand", "Set up with hand points"), ("pictures", "Set up with pictures")):
            pressed[kind] = st.button(
                label,
                key=f"teach/set-up/{kind}",
                type="primary" if kind == "hand" else "secondary",
                icon=":material/back_hand:" if kind == "hand" else ":material/image:",
            )
    for kind in pressed:
        if agreed(f"set-up/{kind}", pressed[kind]):
            open_project(fresh(kind, MOVES, "Rock, paper, scissors"))
            go_to("Teach")
            say("Three classes are ready: record each hand, then press Train.")
            st.rerun()
    st.caption(
        "With hand points it learns from 21 points of your hand and sees nothing of the background. With pictures it "
        "learns from everything in view: harder, and worth comparing."
    )


def _look(table: Table, moves: Mapping[str, Move], page: tuple[str, str | None], result: Result) -> None:
    """Each result of the camera, on the engine's thread: the one that ends the round has the page run."""
    scores = result.value.unsmoothed if isinstance(result.value, Answer) else None  # an average holds the hand before
    session, fragment = page
    if table.look(result.offered_at, moves.get(scores.top(1)[0][0]) if scores else None) and fragment:
        runtime.wake(session, fragment)


def _count_in(passed_s: float) -> dict[str, Any]:
    return {"kind": "countdown", "words": COUNT_IN, "every": 1000 * COUNT_S / len(MOVES), "passed": 1000 * passed_s}


def _show_board(table: Table) -> None:
    if (began := table.began) is not None:
        passed = time.monotonic() - began
        word = COUNT_IN[min(len(MOVES), int(passed / (COUNT_S / len(MOVES))))]
        st.html(f'<div class="board"><b class="count-in">{word}</b></div>')
    elif table.missed:
        st.warning("No hand was recognised. Hold it still in view when it says Show!", icon=":material/back_hand:")
    elif (last := table.last) is not None:
        st.html(
            f'<div class="board {last.outcome}"><span>{SIGNS[last.yours]}<small>you: {last.yours}</small></span>'
            f"<b>{WORDS[last.outcome]}</b>"
            f"<span>{SIGNS[last.computers]}<small>computer: {last.computers}</small></span></div>"
        )
    else:
        st.html('<div class="board"><span>✊</span><span>✋</span><span>✌️</span></div>')


def _show_score(table: Table) -> None:
    score = table.game.score
    with st.container(horizontal=True):
        st.metric("You", score["win"])
        st.metric("Computer", score["lose"])
        st.metric("Draws", score["draw"])
    if table.game.rounds:
        shown = "".join(
            f"<span>{SIGNS[played.yours]} {SIGNS[played.computers]}</span>" for played in table.game.rounds[-12:]
        )
        st.html(f'<div class="history">{shown}</div>')
