"""Text generator: four generations of language model, from counting letters to a transformer, side by side."""

from components import layout, predicting
from components.sharing import choose
from components.textgen import (
    choice,
    clouds,
    guessing,
    looking,
    next_token,
    rounds,
    surprise,
    tokens,
    training,
    writing,
)
from models.demos import demo

VIEWS = ("Write", "Next token", "Surprise", "Guess", "Tokens", "Train", "Attention", "Word cloud")

layout.demo_header(demo("textgen"))
predicting.ask(demo("textgen"))
view = choose("View", VIEWS, "view")
rounds.keep_finished()
chosen = choice.choose(view)
if view == "Write":
    writing.show(chosen)
elif view == "Next token":
    next_token.show(chosen)
elif view == "Surprise":
    surprise.show(chosen)
elif view == "Guess":
    guessing.show(chosen)
elif view == "Tokens":
    tokens.show(chosen)
elif view == "Train":
    training.show()
elif view == "Attention":
    looking.show(chosen)
elif view == "Word cloud":
    clouds.show(chosen, writing.written())

layout.panels(demo("textgen"))
