"""Make the detector's two heads in assets/detector again, from labelled pictures (COCO's, in YOLO's text form):

    .venv/bin/python -m scripts.train_detector FOLDER [--also PICTURES …]

The maps of every picture in `--views` random views are computed once; then the head learns on them alone: about
half an hour on one core. Pictures in the folders after `--also` have no labels: what the teacher FastestDet.onnx in
FOLDER is sure of there is taken for labels. A quarter of the labelled pictures is never read here.
"""

import argparse
import copy
import json
import math
import time
import warnings
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.classifier.imagenet import lite0_weights
from models.classifier.onnx_files import onnx_file
from models.classifier.whole_picture import MEAN, STD
from models.detector.coco import NAMES
from models.detector.maps import Trunk, graph
from scripts import detector_names
from scripts.detector_data import Labelled, labelled, taught

HERE = Path(__file__).parents[1] / "assets" / "detector"
SIDE = 512  # pixels of a view
STRIDES = (16, 32, 64)
RANGES = ((0, 72), (72, 160), (160, 10_000))  # the longest distance that a level learns, in pixels
RADIUS = 1.5  # places around a box's middle, in strides, that learn the box


class Block(nn.Module):
    """A depthwise 3×3 and a 1×1 convolution around group norms, with a way past."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.deep = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.norm1, self.norm2 = nn.GroupNorm(8, width), nn.GroupNorm(8, width)
        self.mix = nn.Conv2d(width, width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + functional.relu(self.norm2(self.mix(functional.relu(self.norm1(self.deep(x))))))


class Head(nn.Module):
    """`middle` (n, 112, 2h, 2w) and `late` (n, 320, h, w) → per level (n, 6, rows, columns): logits of "a thing's
    middle is near" and of how near (centre-ness), and four distances in strides (FCOS, Tian et al. 2019)."""

    def __init__(self, width: int = 128, blocks: int = 2, drop: float = 0.1) -> None:
        super().__init__()
        self.drop = nn.Dropout2d(drop)
        self.middle = nn.Sequential(nn.Conv2d(112, width, 1, bias=False), nn.GroupNorm(8, width))
        self.late = nn.Sequential(nn.Conv2d(320, width, 1, bias=False), nn.GroupNorm(8, width))
        self.far = nn.Conv2d(width, width, 3, 2, 1, groups=width)
        self.join = nn.ModuleList(Block(width) for _ in STRIDES)
        self.towers = nn.ModuleList(nn.Sequential(*(Block(width) for _ in range(blocks))) for _ in range(2))
        self.thing, self.sides = nn.Conv2d(width, 1, 3, padding=1), nn.Conv2d(width, 5, 3, padding=1)
        self.scale = nn.Parameter(torch.tensor([1.2, 1.6, 2.0]))
        nn.init.normal_(self.thing.weight, std=0.01)
        nn.init.normal_(self.sides.weight, std=0.01)
        nn.init.constant_(self.thing.bias, -4.0)
        nn.init.zeros_(self.sides.bias)

    def forward(self, middle: Tensor, late: Tensor) -> list[Tensor]:
        near, wide = self.middle(self.drop(middle)), self.late(self.drop(late))
        wide = self.join[1](functional.relu(wide))
        near = self.join[0](functional.relu(near + functional.interpolate(wide, scale_factor=2.0)))
        out = []
        for k, level in enumerate((near, wide, self.join[2](functional.relu(self.far(wide))))):
            things, sides = self.towers[0](level), self.sides(self.towers[1](level))
            far = torch.exp((sides[:, 1:] + self.scale[k]).clamp(-3, 4))
            out.append(torch.cat((self.thing(things), sides[:, :1], far), 1))
        return out


def view(rgb: np.ndarray, boxes: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random view of SIDE²: scaled, moved, mirrored, its light changed; boxes in pixels. Of a box at least 40 % must
    still be seen."""
    height, width = rgb.shape[:2]
    scale = SIDE / max(height, width) * math.exp(random.uniform(math.log(0.55), math.log(1.7)))
    wide, high = (scale * math.exp(random.uniform(-0.15, 0.15)) for _ in range(2))
    w, h = round(width * wide), round(height * high)
    left, top = (random.uniform(min(0, SIDE - n), max(0, SIDE - n)) for n in (w, h))
    move = np.array([[w / width, 0, left], [0, h / height, top]])
    corners = boxes * (w, h, w, h) + (left, top, left, top)
    if random.random() < 0.5:
        move[0] = -move[0, 0], 0, SIDE - left
        corners[:, [0, 2]] = SIDE - corners[:, [2, 0]]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(rgb, (w, h), interpolation=how)
    move[:, :2] = np.diag(np.sign(np.diag(move)))
    seen = cv2.warpAffine(small, move, (SIDE, SIDE), borderValue=(127, 127, 127)).astype(np.float32)
    grey = seen.mean(axis=2, keepdims=True)
    seen = grey + (seen - grey) * random.uniform(0.5, 1.4)
    seen = (seen - 127) * random.uniform(0.7, 1.3) + 127 + random.uniform(-25, 25)
    cut = np.clip(corners, 0, SIDE)
    share = np.prod(cut[:, 2:] - cut[:, :2], axis=1) / np.maximum(np.prod(corners[:, 2:] - corners[:, :2], axis=1), 1)
    large = (cut[:, 2:] - cut[:, :2]).min(axis=1) >= 6
    return np.clip(seen, 0, 255), cut[(share >= 0.4) & large]


def compute(pictures: list[Labelled], views: int, seed: int) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Maps of that many views of each picture as float16, and their boxes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    file = onnx_file("efficientnet-lite0", lite0_weights(), lambda stage, share: None)
    session = onnxruntime.InferenceSession(graph(file), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(seed)
    middle, late, boxes = [], [], []
    for picture in pictures:
        rgb = picture.rgb()
        for _ in range(views):
            seen, found = view(rgb, picture.boxes, random)
            x = np.ascontiguousarray(((seen - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)[None])
            for into, out in zip((middle, late), session.run(["middle", "late"], {"pixels": x}), strict=True):
                into.append(torch.from_numpy(out[0].astype(np.float16)))
            boxes.append(torch.from_numpy(found).float())
    return torch.stack(middle), torch.stack(late), boxes


def places(side: int = SIDE) -> list[Tensor]:
    """The middles of each level's places, in pixels (rows · columns, 2)."""
    out = []
    for stride in STRIDES:
        at = (torch.arange(side // stride) + 0.5) * stride
        y, x = torch.meshgrid(at, at, indexing="ij")
        out.append(torch.stack((x, y), -1).reshape(-1, 2))
    return out


def targets(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """For each place of all levels whether it learns a box (bool), and the distances to that box's sides in pixels.
    Of several boxes the smallest is learnt."""
    is_thing, sides = [], []
    for at, stride, (low, high) in zip(places(), STRIDES, RANGES, strict=True):
        if not len(boxes):
            is_thing.append(torch.zeros(len(at), dtype=torch.bool))
            sides.append(torch.ones(len(at), 4))
            continue
        far = torch.cat((at[:, None] - boxes[None, :, :2], boxes[None, :, 2:] - at[:, None]), -1)  # (places, boxes, 4)
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        near = ((at[:, None] - middle).abs().max(-1).values < RADIUS * stride) & (far.min(-1).values > 0)
        longest = (boxes[:, 2:] - boxes[:, :2]).max(-1).values / 2
        near &= (longest >= low / 1.25) & (longest <= high * 1.25)
        area = (boxes[:, 2:] - boxes[:, :2]).prod(-1).expand(len(at), -1).masked_fill(~near, math.inf)
        least, which = area.min(1)
        is_thing.append(least < math.inf)
        sides.append(far[torch.arange(len(at)), which].clamp(min=1))
    return torch.cat(is_thing), torch.cat(sides)


def loss_of(out: list[Tensor], is_thing: Tensor, sides: Tensor) -> Tensor:
    """Focal loss of the thing, GIoU of the box, cross-entropy of the centre-ness."""
    flat = torch.cat([level.flatten(2) for level in out], 2).transpose(1, 2)  # (n, places, 6)
    sizes = [level.shape[2] * level.shape[3] for level in out]
    unit = torch.cat([torch.full((size,), float(stride)) for size, stride in zip(sizes, STRIDES, strict=True)])
    things = is_thing.float()
    count = things.sum().clamp(min=1)
    cross = functional.binary_cross_entropy_with_logits(flat[..., 0], things, reduction="none")
    sure = torch.sigmoid(flat[..., 0])
    hit = sure * things + (1 - sure) * (1 - things)
    focal = ((0.25 * things + 0.75 * (1 - things)) * (1 - hit) ** 2 * cross).sum() / count
    if not bool(is_thing.any()):
        return focal
    want = sides[is_thing]  # (k, 4)
    got = flat[..., 2:][is_thing] * unit.expand(len(flat), -1)[is_thing][:, None]
    both = torch.minimum(got, want)
    overlap = (both[:, 0] + both[:, 2]) * (both[:, 1] + both[:, 3])
    union = sum((s[:, 0] + s[:, 2]) * (s[:, 1] + s[:, 3]) for s in (got, want)) - overlap
    hull = torch.maximum(got, want)
    around = (hull[:, 0] + hull[:, 2]) * (hull[:, 1] + hull[:, 3])
    giou = overlap / union - (around - union) / around
    least, most = torch.minimum(want[:, :2], want[:, 2:]), torch.maximum(want[:, :2], want[:, 2:])
    centre = (least / most).prod(1).sqrt()
    at_centre = functional.binary_cross_entropy_with_logits(flat[..., 1][is_thing], centre)
    return focal + 1.5 * ((1 - giou) * centre).sum() / centre.sum() + at_centre


def train(
    maps: tuple[Tensor, Tensor, list[Tensor]], epochs: int, width: int, blocks: int, rate: float, drop: float
) -> Head:
    """The head, its weights averaged over the steps."""
    middle, late, boxes = maps
    wanted = [targets(of) for of in boxes]
    head = Head(width, blocks, drop).to(memory_format=torch.channels_last)
    mean = copy.deepcopy(head)
    optimiser = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=0.05)
    size = 16
    steps = epochs * math.ceil(len(boxes) / size)
    step, began = 0, time.monotonic()
    for epoch in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(boxes)).split(size):
            warm = min(1.0, (step + 1) / 200)
            optimiser.param_groups[0]["lr"] = rate * warm * (0.5 + 0.5 * math.cos(math.pi * step / steps))
            is_thing, sides = (torch.stack([wanted[i][k] for i in chosen]) for k in range(2))
            seen = (part[chosen].float().contiguous(memory_format=torch.channels_last) for part in (middle, late))
            loss = loss_of(head(*seen), is_thing, sides)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 5.0)
            optimiser.step()
            step += 1
            keep = min(0.998, step / (step + 20))
            with torch.no_grad():
                for slow, new in zip(mean.parameters(), head.parameters(), strict=True):
                    slow.lerp_(new, 1 - keep)
            total += float(loss.detach()) * len(chosen)
        print(f"epoch {epoch + 1:3}  {time.monotonic() - began:6.0f} s  loss {total / len(boxes):.3f}", flush=True)
    return mean.eval()


def export(head: Head, file: Path) -> None:
    """As ONNX: `middle`, `late` → `near`, `wide`, `far`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            head,
            (torch.zeros(1, 112, 28, 28), torch.zeros(1, 320, 14, 14)),
            str(file),
            dynamo=False,
            opset_version=18,
            input_names=["middle", "late"],
            output_names=["near", "wide", "far"],
            dynamic_axes={name: {2: f"{name}_h", 3: f"{name}_w"} for name in ("middle", "late", "near", "wide", "far")},
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--also", type=Path, nargs="*", default=[])
    parser.add_argument("--views", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--drop", type=float, default=0.1)
    parser.add_argument("--all", action="store_true", help="learn from the pictures that chose the settings, too")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    parts = ("learns", "chooses") if options.all else ("learns",)
    pictures = labelled(options.folder, *parts)
    extra = taught(options.folder / "FastestDet.onnx", options.also)
    print(f"{len(pictures)} labelled pictures, {len(extra)} labelled by the teacher", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    trunk = Trunk(onnx_file("efficientnet-lite0", lite0_weights(), lambda stage, share: None))
    said = detector_names.compute(trunk, pictures + extra, len(NAMES), seed=0)
    detector_names.fit(*said, [*NAMES, detector_names.NONE]).save(options.out / "names.safetensors")
    maps = compute(pictures + extra, options.views, seed=0)
    head = train(maps, options.epochs, options.width, options.blocks, options.rate, options.drop)
    export(head, options.out / "head.onnx")
    about = {"pictures": len(pictures), "pictures labelled by the teacher": len(extra)}
    about |= {key: getattr(options, key) for key in ("views", "epochs", "width", "blocks", "rate", "drop")}
    (options.out / "figures.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
