"""Teach a classifier with one's own samples: a project of classes, and a head learnt on frozen features."""

from models.teachable.learn.head import Head
from models.teachable.project import Project

__all__ = ["Head", "Project", "fit_head"]


def __getattr__(name: str) -> object:
    if name == "fit_head":  # it brings torch, which the page can open without
        from models.teachable.learn.fitting import fit_head

        return fit_head
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
