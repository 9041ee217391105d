"""Samples as a gallery, and what the visitor does there: delete some, or move them to another class."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.teachable.desk import attempt, desk
from components.teachable.gallery import Change, ClassRow, Tile, gallery
from models.teachable.project import Project
from models.teachable.samples import Sample, TrainingSet

MAX_SHOWN = 60  # pictures of a study


def show_samples(
    samples: Sequence[Sample],
    key: str,
    *,
    captions: Sequence[str] = (),
    to: Sequence[str] = (),
    but: str = "",
    **options: Any,
) -> None:
    """Samples, each framed in its class's colour, with a line of words where `captions` has some and, where `to` has
    some, the id of the class it may belong to. They can be moved to every class `but` one; `options` are the gallery's.
    What the visitor wants is done, and the page run again."""
    here = desk()
    colour = {sample.key: one.colour for one in here.project.classes for sample in one.samples}
    tiles = [
        Tile(
            sample.key, sample.jpeg, captions[at] if captions else "", colour.get(sample.key, ""), to[at] if to else ""
        )
        for at, sample in enumerate(samples)
    ]
    classes: list[ClassRow] = [(one.id, one.name, one.colour) for one in here.project.classes if one.id != but]
    change = gallery(tiles, classes, key=f"teach/{here.number}/{key}", **options)
    if change is not None:
        _apply(change, here.project)
        st.rerun()


def _apply(change: Change, project: Project) -> None:
    if change.action == "delete":
        attempt(lambda: project.delete(change.keys))
    else:
        attempt(lambda: project.move(change.keys, change.to or ""))


def show_of_study(
    given: TrainingSet, chosen: Sequence[int], key: str, captions: Sequence[str], to: Sequence[str] = ()
) -> None:
    """The same of samples by their numbers in `given`, those that are still there, the first MAX_SHOWN."""
    there = {sample.key for sample in desk().project.samples}
    shown = [at for at, index in enumerate(chosen) if given.samples[index].key in there][:MAX_SHOWN]
    if len(chosen) > MAX_SHOWN:
        st.caption(f"The first {MAX_SHOWN} of {len(chosen):,}.")
    show_samples(
        [given.samples[chosen[at]] for at in shown],
        key,
        captions=[captions[at] for at in shown],
        to=[to[at] for at in shown] if to else (),
        side=84,
    )
