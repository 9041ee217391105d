"""Rock, paper, scissors: who beats whom, the computer's choice, the score, and a round by the clock."""

import itertools
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Move = Literal["Rock", "Paper", "Scissors"]
MOVES: tuple[Move, ...] = ("Rock", "Paper", "Scissors")  # each is beaten by the next
COUNT_S = 3.0  # "rock, paper, scissors"
SHOWN_S = 0.7  # after it, until a picture counts: hands are still moving
PATIENCE_S = 3.0  # from then on, until nobody has shown a hand
SIGNS: dict[Move, str] = {"Rock": "✊", "Paper": "✋", "Scissors": "✌️"}


def beats(move: Move) -> Move:
    """The move that wins against this one."""
    return MOVES[(MOVES.index(move) + 1) % 3]


def outcome(yours: Move, computers: Move) -> Literal["win", "draw", "lose"]:
    """How it ends for you."""
    if yours == computers:
        return "draw"
    return "win" if yours == beats(computers) else "lose"


@dataclass(frozen=True)
class Round:
    """One round that was played."""

    yours: Move
    computers: Move

    @property
    def outcome(self) -> Literal["win", "draw", "lose"]:
        """How it ended for you."""
        return outcome(self.yours, self.computers)


@dataclass
class Game:
    """Rounds and score. With `learns`, the computer looks at what you did after the last move of yours and plays what
    beats the most frequent; people are less random than they think (an order-1 Markov model, as in Shannon's "mind-
    reading machine" of 1953). Without, it throws a fair die."""

    learns: bool = False
    rounds: list[Round] = field(default_factory=list)
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def choose(self) -> Move:
        """The computer's next move. It must be chosen before yours is seen."""
        if self.learns and self.rounds:
            mine = [played.yours for played in self.rounds]
            followed = Counter(b for a, b in itertools.pairwise(mine) if a == mine[-1])
            if followed:
                most = max(followed.values())
                return beats(self.dice.choice([move for move in MOVES if followed[move] == most]))
        return self.dice.choice(MOVES)

    def play(self, yours: Move, computers: Move) -> Round:
        """Note a round."""
        played = Round(yours, computers)
        self.rounds.append(played)
        return played

    @property
    def score(self) -> dict[str, int]:
        """How many rounds you won, lost and drew."""
        counts = Counter(played.outcome for played in self.rounds)
        return {"win": counts["win"], "lose": counts["lose"], "draw": counts["draw"]}


class Table:
    """A game, and the round that is being counted in. Thread-safe: the page begins a round, results end it.
    Times are seconds of one clock."""

    def __init__(self) -> None:
        self.game = Game()
        self.last: Round | None = None
        self.missed = False  # no hand was recognised in the last round
        self.began: float | None = None  # None: no round is on
        self._computers: Move = "Rock"
        self._lock = threading.Lock()

    def begin(self, now: float) -> None:
        """Count a new round in. The computer chooses before it sees anything."""
        with self._lock:
            self.began, self._computers = now, self.game.choose()
            self.last, self.missed = None, False

    def look(self, at: float, move: Move | None) -> bool:
        """What a picture taken at `at` shows, None for no hand; or that it is `at` without a picture. The first move
        after the count ends the round, and so does waiting for it too long. Whether the round is over."""
        with self._lock:
            if self.began is None:
                return True
            shown = at - self.began - COUNT_S - SHOWN_S
            if move is not None and shown >= 0:
                self.last, self.began = self.game.play(move, self._computers), None
            elif shown > PATIENCE_S:
                self.missed, self.began = True, None
            return self.began is None


def move_named(name: str) -> Move | None:
    """The move that a class of that name means, in a few languages; None for none of them."""
    words = {
        "Rock": ("rock", "stone", "stein", "pierre", "piedra", "sasso", "sten", "kamień"),
        "Paper": ("paper", "papier", "feuille", "papel", "carta", "påse", "papper"),
        "Scissors": ("scissors", "scissor", "schere", "ciseaux", "tijera", "tijeras", "forbice", "sax", "nożyce"),
    }
    spoken = name.casefold().strip()
    return next((move for move in MOVES if spoken in words[move]), None)
