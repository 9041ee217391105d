"""New digits out of noise: diffusion in the latent space of an autoencoder, and its map of two numbers.

The denoiser guesses the noise in a place of that space, from the place, its step and the wanted digit (Ho et al. 2020,
Rombach et al. 2022). Taking the guess away bit by bit leads from noise to a digit; the decoder shows each step.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import erf, erfinv

from models.digits.layers import LATENT, SIDE, TIME
from models.runtime.onnx_session import open_bytes

STEPS = 100
GUIDANCE = 0.7  # how much further towards the digit than the denoiser says (Ho & Salimans 2022)


def signal_and_noise() -> tuple[np.ndarray, np.ndarray]:
    """How much of the digit and of the noise there is at each of STEPS steps, float64 (STEPS,): a cosine schedule
    (Nichol & Dhariwal 2021). Step 0 has hardly any noise."""
    share = (np.arange(STEPS) + 1) / (STEPS + 1)
    signal = np.cos(share * np.pi / 2)
    return signal, np.sqrt(1 - signal**2)


def time_features(steps: np.ndarray) -> np.ndarray:
    """What the denoiser is told of a step: float32 (n, TIME), sines and cosines of rising frequency."""
    share = np.asarray(steps, np.float32)[:, None] / STEPS
    waves = share * np.pi * 2.0 ** np.arange(TIME // 2, dtype=np.float32)[None] / 2
    return np.concatenate([np.sin(waves), np.cos(waves)], axis=1).astype(np.float32)


class Maker:
    """Draws digits. Thread-safe. `networks` by name: "map_encoder", "map_decoder", "latent_encoder", "latent_decoder"
    and "denoiser", each an .onnx in memory; `places` are standardised places of training digits, float32 (n, 16)."""

    def __init__(
        self,
        networks: Mapping[str, bytes],
        *,
        mean: np.ndarray,
        spread: np.ndarray,
        places: np.ndarray,
        digits: np.ndarray,
        threads: int,
    ) -> None:
        self._sessions = {name: open_bytes(data, threads) for name, data in networks.items()}
        self._mean, self._spread, self._places, self._digits = mean, spread, places.astype(np.float32), digits
        self.nbytes = sum(map(len, networks.values())) + self._places.nbytes

    def _run(self, name: str, x: np.ndarray) -> np.ndarray:
        return self._sessions[name].run(["y"], {"x": x.astype(np.float32)})[0]

    def map_sheet(self, side: int) -> np.ndarray:
        """What the two-dimensional space has at side × side places, uint8 (28 · side, 28 · side): evenly by how many
        training digits lie there, from the upper left."""
        quantiles = np.array([_normal_quantile((at + 0.5) / side) for at in range(side)], np.float32)
        x, y = np.meshgrid(quantiles, -quantiles)
        shown = self._run("map_decoder", np.stack([x.ravel(), y.ravel()], 1)).reshape(side, side, SIDE, SIDE)
        return np.rint(255 * shown.swapaxes(1, 2).reshape(side * SIDE, side * SIDE)).astype(np.uint8)

    def on_map(self, seen: np.ndarray) -> tuple[float, float]:
        """Where a picture (28, 28) lies on the map: x and y as shares 0..1 from the upper left."""
        x, y = self._run("map_encoder", seen.reshape(1, -1))[0].tolist()
        return _normal_share(x), 1 - _normal_share(y)

    def place(self, seen: np.ndarray) -> np.ndarray:
        """The standardised place of a picture (28, 28) in the space of LATENT numbers: float32 (LATENT,)."""
        return (self._run("latent_encoder", seen.reshape(1, -1))[0] - self._mean) / self._spread

    def picture(self, places: np.ndarray) -> np.ndarray:
        """What is at standardised places (n, LATENT): float32 (n, 28, 28) in 0..1."""
        return self._run("latent_decoder", places * self._spread + self._mean).reshape(-1, SIDE, SIDE)

    def morph(self, one: np.ndarray, other: np.ndarray, steps: int) -> np.ndarray:
        """From one picture (28, 28) to another, float32 (steps, 28, 28)."""
        share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
        return self.picture((1 - share) * self.place(one) + share * self.place(other))

    def similar(self, seen: np.ndarray, count: int = 20) -> tuple[np.ndarray, np.ndarray]:
        """The mean of the training digits that lie nearest, as the decoder draws it, float32 (28, 28), and how many of
        them are each digit, int (10,)."""
        near = np.argsort(((self._places - self.place(seen)) ** 2).sum(1))[:count]
        return self.picture(self._places[near].mean(0, keepdims=True))[0], np.bincount(self._digits[near], minlength=10)

    def film(self, digit: int, count: int, seed: int) -> np.ndarray:
        """`count` new pictures of a digit out of noise, with all steps: float32 (STEPS + 1, count, 28, 28)."""
        dice = np.random.default_rng(seed)
        signal, noise = signal_and_noise()
        place = dice.normal(size=(count, LATENT)).astype(np.float32)
        wanted = np.eye(10, dtype=np.float32)[[digit] * count]
        shown = [self.picture(place)]
        for step in range(STEPS - 1, -1, -1):
            told = np.repeat(time_features(np.array([step])), count, axis=0)
            with_digit, without = (
                self._run("denoiser", np.concatenate([place, told, digits], 1)) for digits in (wanted, 0 * wanted)
            )
            guess = with_digit + GUIDANCE * (with_digit - without)
            clean = np.clip((place - noise[step] * guess) / max(signal[step], 1e-3), -4, 4)
            if step == 0:
                place = clean
            else:  # DDIM with a little noise of its own (Song et al. 2021)
                fresh = (
                    0.5 * noise[step - 1] / noise[step] * np.sqrt(max(0, 1 - (signal[step] / signal[step - 1]) ** 2))
                )
                again = np.sqrt(max(0, noise[step - 1] ** 2 - fresh**2))
                place = signal[step - 1] * clean + again * guess + fresh * dice.normal(size=place.shape)
            place = place.astype(np.float32)
            shown.append(self.picture(place))
        return np.stack(shown)

    def changed_to(
        self, seen: np.ndarray, digit: int, probabilities: Callable[[np.ndarray], np.ndarray], *, rounds: int = 80
    ) -> np.ndarray:
        """The picture (28, 28) with as little change as makes it the digit, by walking in the space of LATENT numbers
        where `probabilities` of it rise: float32 (28, 28). The walk begins at its own place, and slopes are measured by
        small steps to both sides."""
        here = self.place(seen)
        start, step = here.copy(), 0.15
        both = np.concatenate([np.eye(LATENT), -np.eye(LATENT)]).astype(np.float32) * 0.1
        for _ in range(rounds):
            tried = np.concatenate([here[None], here + both])
            said = np.log(probabilities(self.picture(tried))[:, digit] + 1e-6) - 0.004 * ((tried - start) ** 2).sum(1)
            if float(probabilities(self.picture(here[None]))[0, digit]) > 0.9:
                break
            slope = said[1 : LATENT + 1] - said[LATENT + 1 :]
            here = (here + step * slope / max(float(np.linalg.norm(slope)), 1e-6)).astype(np.float32)
        return self.picture(here[None])[0]


def _normal_quantile(share: float) -> float:
    return float(np.sqrt(2) * erfinv(2 * share - 1))


def _normal_share(number: float) -> float:
    return float((1 + erf(number / np.sqrt(2))) / 2)
