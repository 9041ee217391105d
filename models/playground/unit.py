"""One unit in numbers: what goes forward through it for one point, and what comes back (chain rule).

told = told_of(learner, point=(1.0, 2.0), label=0, layer=0, unit=2)
told.forward.sum + told.bias  # what the activation gets
"""

from dataclasses import dataclass

import torch
from torch import nn

from models.playground.learner import Learner


@dataclass(frozen=True)
class Term:
    """One weight of the unit: where it comes from, what came along it, and how the loss changes with it."""

    source: str
    input: float
    weight: float
    gradient: float

    @property
    def product(self) -> float:
        """What it adds to the unit's sum."""
        return self.input * self.weight


@dataclass(frozen=True)
class Told:
    """A unit for one point. Forward: `terms`, `bias`, their sum `z`, the activation's value `a`. Backward: how the loss
    changes with a, `a` with z, and so the loss with z. `rate` is the learning rate of a plain step."""

    terms: tuple[Term, ...]
    bias: float
    z: float
    a: float
    loss: float
    loss_by_a: float
    a_by_z: float
    rate: float
    activation: str

    @property
    def loss_by_z(self) -> float:
        """The chain rule's product: the gradient of the bias, too."""
        return self.loss_by_a * self.a_by_z

    def moved(self, term: Term) -> float:
        """The weight after one plain step for this point alone."""
        return term.weight - self.rate * term.gradient


def told_of(learner: Learner, *, xy: tuple[float, float], label: int, layer: int, unit: int) -> Told:
    """What unit `unit` of layer `layer`, both from 0, makes of the point; the output's layer comes after the hidden
    ones. IndexError where there is none. The learner's weights and gradients stay as they are."""
    network, spec = learner.network, learner.spec
    seen, wanted = learner.of_point(xy, label)
    network.eval()
    inputs = seen
    depth = -1
    caught: tuple[torch.Tensor, torch.Tensor, nn.Linear] | None = None
    activated: torch.Tensor | None = None
    out = seen
    for module in network:
        if isinstance(module, nn.Linear):
            depth += 1
            inputs = out
            out = module(out)
            if depth == layer:
                caught = inputs, out, module
                activated = out
        else:
            out = module(out)
            if depth == layer and not isinstance(module, nn.BatchNorm1d | nn.Dropout):
                activated = out
    if caught is None or activated is None:
        raise IndexError(f"there is no layer {layer}")
    loss = learner.loss_of(out, wanted)
    inputs, sums, linear = caught
    by_a, by_weight = torch.autograd.grad(loss, [activated, linear.weight], retain_graph=True)
    # between sum and activation a batch norm may stand: its part is in this slope
    (slope,) = torch.autograd.grad(activated[0, unit], sums)
    names = learner.inputs if layer == 0 else tuple(f"unit {number + 1}" for number in range(inputs.shape[1]))
    columns = (inputs[0], linear.weight[unit], by_weight[unit])
    terms = tuple(Term(*row) for row in zip(names, *(column.detach().tolist() for column in columns), strict=True))
    is_output = layer == len(spec.hidden)
    return Told(
        terms,
        float(linear.bias[unit].detach()),
        float(sums[0, unit].detach()),
        float(activated[0, unit].detach()),
        float(loss.detach()),
        float(by_a[0, unit]),
        float(slope[0, unit]),
        spec.rate,
        "none" if is_output else spec.activation,
    )


def labels_of_layers(learner: Learner) -> list[int]:
    """How many units each layer has, the output's last."""
    return [layer.out_features for layer in learner.network if isinstance(layer, nn.Linear)]
