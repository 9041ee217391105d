"""The head that names what is in a box: a linear one on the frozen network's embedding of the box, beside what the
classifier's own head says there and of the whole picture."""

import numpy as np
import torch
from torch.nn import functional

from models.detector.boxes import iou
from models.detector.maps import Trunk
from models.detector.naming import NameHead, about_boxes
from scripts.detector_data import Labelled

SIDES = (512, 352)
DECAY = 3e-3  # chosen in five folds of the pictures that are learnt from
STEPS, BATCH, RATE = 400, 1024, 0.01
NONE = "none of these"


def compute(trunk: Trunk, pictures: list[Labelled], count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `about_boxes` says of each labelled box, also moved a little and mirrored, and of boxes around none: two
    arrays (n, …), and the number of the name (n,), `count` for none."""
    random = np.random.default_rng(seed)
    features, classed, wanted = [], [], []
    for picture in pictures:
        rgb = picture.rgb()
        for side in SIDES:
            for mirrored in (False, True):
                seen = np.ascontiguousarray(rgb[:, ::-1]) if mirrored else rgb
                truth = picture.boxes.copy()
                if mirrored:
                    truth[:, [0, 2]] = 1 - truth[:, [2, 0]]
                sides = np.tile(truth[:, 2:] - truth[:, :2], 2)
                moved = np.clip(truth + random.normal(0, 0.08, truth.shape) * sides, 0, 1)
                size = np.exp(random.uniform(np.log(0.08), np.log(0.9), (8, 2)))
                corner = random.uniform(0, 1 - size)
                apart = np.hstack((corner, corner + size))
                apart = apart[iou(apart, truth).max(axis=1, initial=0) < 0.3]
                boxes = np.vstack((truth, moved, apart))
                names = np.concatenate((picture.names, picture.names, np.full(len(apart), count)))
                large = (boxes[:, 2:] - boxes[:, :2]).min(axis=1) > 0.004
                at, said = about_boxes(trunk.maps(seen, side), boxes[large])
                features.append(at)
                classed.append(said)
                wanted.append(names[large])
    return np.concatenate(features), np.concatenate(classed), np.concatenate(wanted)


def fit(features: np.ndarray, classed: np.ndarray, wanted: np.ndarray, names: list[str]) -> NameHead:
    """Multinomial logistic regression, rare names counting for more than their share; its weights decay towards what
    the classifier says."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 0.05
    x, y = torch.from_numpy((features - mean) / spread).float(), torch.from_numpy(wanted).long()
    said = torch.from_numpy(classed).float()  # (n, 2, kinds)
    weights = torch.zeros(x.shape[1], len(names), requires_grad=True)
    bias = torch.zeros(len(names), requires_grad=True)
    trust = torch.tensor([1.0, 0.0], requires_grad=True)
    rows = torch.tensor(NameHead.rows_of(names))
    counts = torch.bincount(y, minlength=len(names)).clamp(min=1)
    share = (1 / counts.sqrt())[y]
    share = share / share.mean()
    with torch.no_grad():
        bias[:] = -7.0
        bias[rows] = 0.0
        bias[-1] = -3.0
    optimiser = torch.optim.Adam([weights, bias, trust], lr=RATE)
    for _ in range(STEPS):
        some = torch.randint(len(x), (BATCH,))
        logits = x[some] @ weights + bias
        logits = logits.index_add(1, rows, (said[some] * trust[:, None]).sum(1))
        loss = (functional.cross_entropy(logits, y[some], reduction="none") * share[some]).mean()
        optimiser.zero_grad()
        (loss + DECAY * weights.square().sum()).backward()
        optimiser.step()
    found = weights.detach().numpy() / spread[:, None]
    return NameHead(tuple(names), found, bias.detach().numpy() - mean @ found, trust.detach().numpy())
