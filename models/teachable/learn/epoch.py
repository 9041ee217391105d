"""What an epoch of a training says of itself. Apart from the loop, so that a page can show it without torch."""

from dataclasses import dataclass

from models.runtime.training import TrainingStep


@dataclass(frozen=True)
class Epoch(TrainingStep):
    """One epoch; `step` counts them from 1. `loss` (cross-entropy in nats) and `accuracy` in 0..1 are on the training
    part, `validation` and `validation_accuracy` on the held-out part. `learnt` and `held_out` are the samples in each
    part."""

    accuracy: float = 0.0
    validation_accuracy: float = 0.0
    learnt: int = 0
    held_out: int = 0
