"""Trains the networks of the digits page from MNIST: train.npz and test.npz in one folder, which is not here.

    .venv/bin/python -m scripts.train_digits FOLDER [part …]

Parts, in this order: cnn, map, latent, denoiser, student, int8, pruned. Each writes its files to assets/digits and its
figures to figures.json there. 5,000 of the training pictures choose; the test pictures are only counted at the end.
"""

import argparse
import copy
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from torch import nn
from torch.nn import functional

from models.digits.layers import (
    CNN,
    DECODER,
    DENOISER,
    ENCODER,
    LATENT,
    MAP_DECODER,
    MAP_ENCODER,
    STUDENT,
    folded,
    read,
    to_onnx,
    to_torch,
    write,
)
from models.digits.making import STEPS, signal_and_noise, time_features
from scripts.digit_training import HERE, Data, batches, by_label, finished, learn, note

PRUNED = {"pruned50": ((0.5, 1),), "pruned80": ((0.8, 1),), "pruned95": ((0.9, 1), (0.95, 2))}  # share, epochs of it


def cnn(data: Data) -> None:
    began = time.time()
    network = learn(to_torch(CNN, batch_norm=True), data, by_label, epochs=10, rate=6e-3)
    assert isinstance(network, nn.Sequential)
    finished("cnn", network, data, began)


def pruned(data: Data) -> None:
    """The smallest weights go, the rest learns on from the whole network; each share from the one before."""
    network = to_torch(CNN, read(HERE / "cnn.npz"))
    for name, stages in PRUNED.items():
        began = time.time()
        for share, epochs in stages:
            network = without_smallest(network, share, epochs, data)
        finished(name, network, data, began)


def without_smallest(network: nn.Sequential, share: float, epochs: int, data: Data) -> nn.Sequential:
    """The network with that share of its weights at 0, taught by the whole one for so many epochs."""
    teacher = to_torch(CNN, read(HERE / "cnn.npz")).eval()
    layers = [layer for layer in network if isinstance(layer, nn.Conv2d | nn.Linear)]
    limit = torch.cat([layer.weight.detach().abs().flatten() for layer in layers]).quantile(share)
    masks = [(layer.weight.detach().abs() > limit).float() for layer in layers]

    def mask(of: nn.Sequential = network) -> None:
        kept = [layer for layer in of if isinstance(layer, nn.Conv2d | nn.Linear)]
        with torch.no_grad():
            for layer, left in zip(kept, masks, strict=True):
                layer.weight.mul_(left)

    mask()
    learnt = learn(network, data, taught_by(teacher), epochs=epochs, rate=2e-3, after=mask)
    assert isinstance(learnt, nn.Sequential)
    mask(learnt)
    return learnt


def taught_by(teacher: nn.Module, warmth: float = 3.0, share: float = 0.8) -> Callable[..., torch.Tensor]:
    """Hinton et al. 2015: what the teacher says, softened, and a little of the label."""

    def loss(said: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            wanted = functional.softmax(teacher(x) / warmth, 1)
        soft = functional.kl_div(functional.log_softmax(said / warmth, 1), wanted, reduction="batchmean") * warmth**2
        return share * soft + (1 - share) * functional.cross_entropy(said, y)

    return loss


def student(data: Data) -> None:
    teacher = to_torch(CNN, read(HERE / "cnn.npz")).eval()
    for name, loss in (("student", taught_by(teacher)), ("student_alone", by_label)):
        began = time.time()
        torch.manual_seed(0)
        network = learn(to_torch(STUDENT, batch_norm=True), data, loss, epochs=10, rate=1e-2)
        assert isinstance(network, nn.Sequential)
        finished(name, network, data, began)


class _Inputs(CalibrationDataReader):  # type: ignore[misc]  # untyped
    def __init__(self, x: torch.Tensor) -> None:
        self._parts = iter(x.numpy()[:, None])

    def get_next(self) -> dict[str, np.ndarray] | None:
        part = next(self._parts, None)
        return None if part is None else {"x": part}


def int8(data: Data) -> None:
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "cnn.onnx"
        plain.write_bytes(to_onnx(CNN, read(HERE / "cnn.npz")))
        quantize_static(
            str(plain),
            str(HERE / "int8.onnx"),
            _Inputs(data.x[:500]),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=True,  # processors without VNNI add two products in 16 bits, which 8-bit weights overflow
        )
    session = onnxruntime.InferenceSession(str(HERE / "int8.onnx"))
    said = np.concatenate([session.run(["y"], {"x": part.numpy()})[0] for part in data.test_x.split(1000)])
    note("int8", began, test=round(float((said.argmax(1) == data.test_y.numpy()).mean()), 4))


class Vae(nn.Module):
    """Encoder to means and log variances, decoder back; the file keeps the means' half."""

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, latent: int) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        last = encoder[-1]
        assert isinstance(last, nn.Linear)
        self.spread = nn.Linear(last.in_features, latent)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        before = self.encoder[:-1](x.flatten(1))
        mean, spread = self.encoder[-1](before), self.spread(before).clamp(-8, 4)
        return self.decoder(mean + torch.randn_like(mean) * (spread / 2).exp()), mean, spread


def vae(name: str, model: Vae, data: Data, *, epochs: int, weight: float) -> None:
    began = time.time()
    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    loss_sum = 0.0
    for epoch in range(epochs):
        model.train()
        loss_sum = 0.0
        for places in batches(len(data.y), 256):
            x = data.x[places]
            said, mean, spread = model(x)
            again = functional.binary_cross_entropy_with_logits(said, x.flatten(1), reduction="sum") / len(x)
            far = -0.5 * (1 + spread - mean.square() - spread.exp()).sum(1).mean()
            loss = again + weight * far
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss_sum += float(loss.detach()) * len(x)
        schedule.step()
        if epoch % 5 == 4:
            print(f"  {name} epoch {epoch + 1}: {loss_sum / len(data.y):.2f}", flush=True)
    write(HERE / f"{name}_encoder.npz", folded(model.encoder))
    write(HERE / f"{name}_decoder.npz", folded(model.decoder))
    note(name, began, loss=round(loss_sum / len(data.y), 2))


def map_(data: Data) -> None:
    torch.manual_seed(1)
    vae("map", Vae(to_torch(MAP_ENCODER), to_torch(MAP_DECODER), 2), data, epochs=40, weight=1.0)


def latent(data: Data) -> None:
    torch.manual_seed(1)
    vae("latent", Vae(to_torch(ENCODER), to_torch(DECODER), LATENT), data, epochs=40, weight=0.5)


def denoiser(data: Data) -> None:
    """Diffusion in the autoencoder's latent space: the noise is guessed from a noisy place, its step and the digit."""
    began = time.time()
    torch.manual_seed(1)
    encoder = to_torch(ENCODER, read(HERE / "latent_encoder.npz")).eval()
    with torch.no_grad():
        places = encoder(data.x.flatten(1))
    mean, spread = places.mean(0), places.std(0)
    places = (places - mean) / spread
    network = to_torch(DENOISER)
    optimiser = torch.optim.AdamW(network.parameters(), 1e-3)
    signal, noise = (torch.from_numpy(a).float() for a in signal_and_noise())
    times = torch.from_numpy(time_features(np.arange(STEPS))).float()
    average = copy.deepcopy(network)
    epochs = 120
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for epoch in range(epochs):
        total = 0.0
        for chosen in batches(len(data.y), 512):
            step = torch.randint(STEPS, (len(chosen),))
            added = torch.randn(len(chosen), LATENT)
            noisy = signal[step, None] * places[chosen] + noise[step, None] * added
            digit = functional.one_hot(data.y[chosen], 10).float()
            digit[torch.rand(len(chosen)) < 0.1] = 0  # so that it also learns what all digits have in common
            loss = functional.mse_loss(network(torch.cat([noisy, times[step], digit], 1)), added)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss.detach()) * len(chosen)
            with torch.no_grad():
                for mean_, now in zip(average.parameters(), network.parameters(), strict=True):
                    mean_.lerp_(now, 0.002)
        schedule.step()
        if epoch % 20 == 19:
            print(f"  denoiser epoch {epoch + 1}: {total / len(data.y):.4f}", flush=True)
    write(HERE / "denoiser.npz", folded(average))
    kept = torch.randperm(len(data.y))[:6000]
    np.savez_compressed(
        HERE / "places.npz",
        mean=mean.numpy().astype(np.float32),
        spread=spread.numpy().astype(np.float32),
        places=places[kept].numpy().astype(np.float16),
        digits=data.y[kept].numpy().astype(np.uint8),
    )
    note("denoiser", began, loss=round(total / len(data.y), 4))


PARTS: dict[str, Callable[[Data], None]] = {
    "cnn": cnn,
    "map": map_,
    "latent": latent,
    "denoiser": denoiser,
    "student": student,
    "int8": int8,
    "pruned": pruned,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    options = parser.parse_args()
    HERE.mkdir(parents=True, exist_ok=True)
    data = Data(options.folder)
    for name in options.parts or PARTS:
        torch.manual_seed(0)
        PARTS[name](data)


if __name__ == "__main__":
    main()
