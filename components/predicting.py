"""Predict first: the page asks what a network will say, and then shows it. The questions are in models/questions.py."""

from dataclasses import dataclass

import streamlit as st

from models.demos import Demo
from models.questions import QUESTIONS, Question


@dataclass
class _Asked:
    """The question of one page that a visitor is at, what he answered, and whether he wants no more."""

    number: int = 0
    answer: int | None = None
    closed: bool = False


def ask(demo: Demo) -> None:
    """The page's question, with answers to press. A press says which is right and why, and has the page show it."""
    asked: _Asked = st.session_state.setdefault(f"predict/{demo.name}", _Asked())
    if asked.closed:
        return
    question = QUESTIONS[demo.name][asked.number]
    with st.container(horizontal=True, vertical_alignment="center", key="predict"):
        if asked.answer is None:
            st.markdown(f"**Predict first.** {question.ask}", width="stretch")
            for place, words in enumerate(question.answers):
                st.button(words, key=f"predict/{demo.name}/{place}", on_click=_answer, args=(asked, question, place))
        else:
            verdict = "Right." if asked.answer == question.right else f"No: {question.answers[question.right]}."
            st.markdown(f"**{verdict}** {question.why}", width="stretch")
            if asked.number + 1 < len(QUESTIONS[demo.name]):
                st.button("Next question", key="predict/next", on_click=_next, args=(asked,))
        st.button(
            "No questions",
            icon=":material/close:",
            type="tertiary",
            key="predict/close",
            on_click=_close,
            args=(asked,),
        )


def _answer(asked: _Asked, question: Question, place: int) -> None:
    asked.answer = place
    st.session_state.update(question.shows)


def _next(asked: _Asked) -> None:
    asked.number, asked.answer = asked.number + 1, None


def _close(asked: _Asked) -> None:
    asked.closed = True
