"""The view "Guess": the visitor guesses the next letter, ten times, against the models (Shannon 1951)."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from components.sharing import choose
from components.textgen.choice import WritingChoice
from models.textgen.guessing import LETTERS, guess_bits, letter_probs, rank
from models.textgen.language_model import LanguageModel

ROUND = 10  # letters
_GAME = "guess/game"


@dataclass(frozen=True)
class Passage:
    """What is read, and what comes next, in LETTERS. No model has read either."""

    before: str
    after: str


# the old ones from the last tenth of the plays, which is kept for validation
PASSAGES = {
    "An old play": Passage("GONZALO:\nMethinks our garments ", "are now as fresh as when we put them on first in"),
    "Today": Passage("The train to the airport leaves every ", "ten minutes from platform four"),
    "Another play": Passage("ADRIAN:\nThe air breathes ", "upon us here most sweetly"),
    "A screen": Passage("Your phone needs an update. Please ", "save your work and restart it before you go on"),
}


@dataclass
class Game:
    """One visitor's: the guesses that each letter took so far, and those that were wrong for the next one; of each
    model by title its guesses and its bits."""

    passage: Passage
    yours: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    theirs: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    @property
    def known(self) -> str:
        """The passage up to the next letter."""
        return self.passage.before + self.passage.after[: len(self.yours)]

    @property
    def next(self) -> str:
        """The letter to guess, "" at the end."""
        return self.passage.after[len(self.yours) : len(self.yours) + 1]

    def guess(self, letter: str) -> None:
        """Right: on to the next. What was wrong before counts once."""
        if letter == self.next:
            self.yours.append(len(self.wrong) + 1)
            self.wrong = []
        elif letter not in self.wrong:
            self.wrong.append(letter)

    def ask(self, models: Mapping[str, LanguageModel]) -> None:
        """Have the models guess all letters that the visitor has found."""
        for title, model in models.items():
            told = self.theirs.setdefault(title, [])
            for at in range(len(told), len(self.yours)):
                letter = self.passage.after[at]
                probs = letter_probs(model, self.passage.before + self.passage.after[:at])
                told.append((rank(probs, letter), -math.log2(probs[letter])))


def show(choice: WritingChoice) -> None:
    """The passage, the letters to press, and who needed how many guesses."""
    title = choose("Text", PASSAGES, "guess")

    @st.fragment
    def view() -> None:
        games: dict[str, Game] = st.session_state.setdefault(_GAME, {})
        game = games.setdefault(title, Game(PASSAGES[title]))
        _passage(game)
        if len(game.yours) < ROUND:
            _keys(game)
        else:
            st.button("Once more", icon=":material/replay:", key="guess/again", on_click=games.clear)
        if game.yours:
            game.ask(choice.models)
            st.html(_table(game, list(choice.models)))
        else:
            st.caption(
                f"Press the letter that you expect next, until it is right, {ROUND} times. The models do the same."
            )

    view()


def _passage(game: Game) -> None:
    left = ROUND - len(game.yours)
    said = f"{left} letter{'s' * (left != 1)} to go" if left > 0 else game.passage.after[len(game.yours) :]
    known = html.escape(game.known).replace("\n", "<br>")
    cursor = "<i></i>" if left > 0 else ""
    st.html(f'<div class="prompt-tail" role="status">{known}{cursor} <small>{html.escape(said)}</small></div>')


def _keys(game: Game) -> None:
    with st.container(horizontal=True, gap="small", key="guess-letters"):
        for letter in LETTERS:
            st.button(
                letter if letter.strip() else "space",
                key=f"guess/letter/{letter.strip() or 'space'}",
                disabled=letter in game.wrong,
                on_click=game.guess,
                args=(letter,),
            )


def _table(game: Game, models: Sequence[str]) -> str:
    """Who needed how many guesses for each letter, and the bits, as HTML."""
    letters = "".join(f"<th>{letter.replace(' ', '␣')}</th>" for letter in game.passage.after[: len(game.yours)])
    head = f"<tr><th></th>{letters}<th>at once</th><th>bits</th></tr>"
    bound = guess_bits(game.yours)
    rows = _row("You", game.yours, f"≤ {bound:.1f}")
    for title in models:
        told = game.theirs[title]
        bits = math.fsum(bits for _, bits in told) / len(told)
        rows += _row(title, [guesses for guesses, _ in told], f"{bits:.1f}")
    return (
        '<div class="scrolls" tabindex="0" role="region" aria-label="Guesses">'
        f'<table class="guesses">{head}{rows}</table></div>'
        '<p class="aside">How many guesses each letter took. <b>Bits</b> per letter: the models\' from their '
        f"probabilities; yours, at most {bound:.1f}, from how your numbers of guesses are spread (Shannon's bound; "
        f"{ROUND} letters are few for it). Without any knowledge it is {math.log2(len(LETTERS)):.1f}.</p>"
    )


def _row(title: str, guessed: Sequence[int], bits: str) -> str:
    cells = "".join(f'<td class="{"once" if guesses == 1 else ""}">{guesses}</td>' for guesses in guessed)
    return f"<tr><th>{html.escape(title)}</th>{cells}<td>{guessed.count(1)}</td><td>{bits}</td></tr>"
