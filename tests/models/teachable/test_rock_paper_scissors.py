"""Rock, paper, scissors: the rules, the score, and a computer that learns."""

import random
from typing import get_args

import pytest

from models.teachable.rock_paper_scissors import (
    COUNT_S,
    MOVES,
    PATIENCE_S,
    SHOWN_S,
    SIGNS,
    Game,
    Move,
    Table,
    beats,
    move_named,
    outcome,
)


def test_every_move_beats_one_and_loses_to_one() -> None:
    assert get_args(Move) == MOVES and set(SIGNS) == set(MOVES)
    assert (outcome("Rock", "Scissors"), outcome("Paper", "Rock"), outcome("Scissors", "Paper")) == ("win",) * 3
    for move in MOVES:
        assert outcome(move, move) == "draw" and outcome(move, beats(move)) == "lose"


def test_the_score_is_kept() -> None:
    game = Game()
    for yours, computers in (("Rock", "Paper"), ("Rock", "Scissors"), ("Paper", "Rock"), ("Paper", "Paper")):
        game.play(yours, computers)
    assert game.score == {"win": 2, "lose": 1, "draw": 1}


def test_a_fair_computer_plays_all_three_alike() -> None:
    game = Game(dice=random.Random(1))
    for _ in range(20):
        game.play("Rock", "Rock")
    chosen = [game.choose() for _ in range(300)]
    assert all(70 < chosen.count(move) < 130 for move in MOVES)


def test_a_learning_computer_beats_somebody_who_goes_round_in_circles() -> None:
    game = Game(learns=True, dice=random.Random(1))
    for number in range(40):
        computers = game.choose()
        game.play(MOVES[number % 3], computers)
    assert game.score["lose"] >= 34


@pytest.mark.parametrize(("name", "move"), [(" rock", "Rock"), ("Schere", "Scissors"), ("PAPEL", "Paper"), ("x", None)])
def test_classes_are_moves_by_their_names(name: str, move: Move | None) -> None:
    assert move_named(name) == move


def test_a_round_is_the_first_hand_after_the_count() -> None:
    table = Table()
    assert table.look(0, "Rock") and table.last is None, "no round is on"
    table.begin(10)
    assert not table.look(10 + COUNT_S, "Rock"), "hands are still moving"
    assert not table.look(10 + COUNT_S + SHOWN_S + 0.1, None)
    assert table.look(10 + COUNT_S + SHOWN_S + 0.2, "Paper") and not table.missed
    assert table.last is not None and table.last.yours == "Paper" and table.game.rounds == [table.last]
    assert table.look(99, "Scissors") and len(table.game.rounds) == 1


def test_a_round_without_a_hand_ends_unscored_and_the_next_begins_anew() -> None:
    table = Table()
    table.begin(10)
    assert not table.look(10 + COUNT_S + SHOWN_S + PATIENCE_S - 0.1, None)
    assert table.look(10 + COUNT_S + SHOWN_S + PATIENCE_S + 0.1, None) and table.missed
    assert table.last is None and not table.game.rounds
    table.begin(20)
    assert not table.missed and not table.look(20, None)
