"""Rock, paper, scissors: who beats whom, the computer's choice, and the score."""

import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Move = Literal["Rock", "Paper", "Scissors"]
MOVES: tuple[Move, ...] = ("Rock", "Paper", "Scissors")  # each is beaten by the next
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


def move_named(name: str) -> Move | None:
    """The move that a class of that name means, in a few languages; None for none of them."""
    words = {
        "Rock": ("rock", "stone", "stein", "pierre", "piedra", "sasso", "sten", "kamień"),
        "Paper": ("paper", "papier", "feuille", "papel", "carta", "påse", "papper"),
        "Scissors": ("scissors", "scissor", "schere", "ciseaux", "tijera", "tijeras", "forbice", "sax", "nożyce"),
    }
    spoken = name.casefold().strip()
    return next((move for move in MOVES if spoken in words[move]), None)
