"""Text generator: four generations of language model, from counting letters to a transformer, side by side."""

import streamlit as st

from components import layout
from components.sharing import setting
from components.textgen import choice, clouds, looking, next_token, rounds, surprise, tokens, training, writing
from models.demos import demo

VIEWS = ("Write", "Next token", "Surprise", "Tokens", "Train", "Attention", "Word cloud")

layout.demo_header(demo("textgen"))
view = st.segmented_control(
    "View", VIEWS, default="Write", required=True, **setting("view"), label_visibility="collapsed"
)
rounds.keep_finished()
chosen = choice.choose(view)
if view == "Write":
    writing.show(chosen)
elif view == "Next token":
    next_token.show(chosen)
elif view == "Surprise":
    surprise.show(chosen)
elif view == "Tokens":
    tokens.show(chosen)
elif view == "Train":
    training.show()
elif view == "Attention":
    looking.show(chosen)
elif view == "Word cloud":
    clouds.show(chosen, writing.written())

layout.panels(demo("textgen"))
