"""The table of demos: plain data. Menu, home page and contract tests read it; a new demo is a new row."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Demo:
    """One page. `name` is its address and the file in pages/; `line` says in one sentence what a visitor does there."""

    name: str
    title: str
    icon: str
    line: str
    models: tuple[str, ...]

    @property
    def page(self) -> str:
        """The page's file, relative to the repository."""
        return f"pages/{self.name}.py"

    @property
    def panels(self) -> str:
        """The Markdown file with the page's three panels, relative to the repository."""
        return f"pages/{self.name}.md"


DEMOS: tuple[Demo, ...] = (
    Demo(
        name="classifier",
        title="Image classifier",
        icon=":material/center_focus_strong:",
        line="Hold something up to the camera and watch a network name it, and show you why.",
        models=("efficientnet-lite0", "mobilenet-v3-large", "resnet50", "vit-b-16"),
    ),
    Demo(
        name="pose",
        title="Pose tracker",
        icon=":material/accessibility_new:",
        line="Move, and watch a network follow your joints, hands or face; then let it count, record or judge.",
        models=(
            "blazepose",
            "hands",
            "face",
            "pose-landmarker-lite",
            "pose-landmarker-full",
            "pose-landmarker-heavy",
        ),
    ),
    Demo(
        name="teachable",
        title="Teachable machine",
        icon=":material/school:",
        line="Show it a few things, press train, and a second later it tells them apart. Then find out where it fails.",
        models=("efficientnet-lite0", "blazepose", "hands"),
    ),
    Demo(
        name="ocr",
        title="OCR copy-paste",
        icon=":material/document_scanner:",
        line="Paste a screenshot or hold up a page: one network finds the lines, another reads them, you copy.",
        models=(
            "ppocr",
            "tesseract",
            "ppocr-arabic",
            "ppocr-cyrillic",
            "ppocr-devanagari",
            "ppocr-east-slavic",
            "ppocr-greek",
            "ppocr-kannada",
            "ppocr-korean",
            "ppocr-tamil",
            "ppocr-telugu",
            "ppocr-thai",
        ),
    ),
    Demo(
        name="textgen",
        title="Text generator",
        icon=":material/edit_note:",
        line="Give four generations of language model the same beginning and watch them write on, side by side.",
        models=(
            "shakespeare-ngram",
            "shakespeare-words",
            "shakespeare-lstm",
            "shakespeare-gpt",
            "shakespeare-masked",
            "hub/distilbert/distilgpt2",
            "hub/HuggingFaceTB/SmolLM2-135M-Instruct",
        ),
    ),
)


def demo(name: str) -> Demo:
    """The demo of that name; KeyError if there is none."""
    return {demo.name: demo for demo in DEMOS}[name]
