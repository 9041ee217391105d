"""The table of demos: plain data for menu, home page, sharing, contract tests and benches; a new demo is a new row."""

from dataclasses import dataclass

SECTIONS = ("See", "Teach", "Read and write")
"""Of the menu and the home page, in this order."""


@dataclass(frozen=True)
class Demo:
    """One page. `name` is its address and the file in pages/; `line` says in one sentence what a visitor does there;
    `models` are names in the catalogue, the default first: none where the page loads no model."""

    name: str
    title: str
    icon: str
    section: str
    line: str
    models: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The page's file, relative to the repository."""
        return f"pages/{self.name}.py"

    @property
    def panels(self) -> str:
        """The Markdown file with the page's three panels, relative to the repository."""
        return f"pages/{self.name}.md"

    @property
    def picture(self) -> str:
        """The small drawing on its card on the home page, relative to the repository."""
        return f"assets/home/{self.name}.svg"


DEMOS: tuple[Demo, ...] = (
    Demo(
        name="classifier",
        title="Image classifier",
        icon=":material/center_focus_strong:",
        section="See",
        line="Hold something up to the camera and watch a network name it, and show you why.",
        models=("efficientnet-lite0", "efficientnet-lite0-int8", "mobilenet-v3-large", "resnet50", "vit-b-16"),
    ),
    Demo(
        name="pose",
        title="Pose tracker",
        icon=":material/accessibility_new:",
        section="See",
        line="Move, and watch a network follow your joints, hands or face; then let it count, record or judge.",
        models=(
            "blazepose",
            "hands",
            "face",
            "everything",
            "pose-landmarker-lite",
            "pose-landmarker-heavy",
        ),
    ),
    Demo(
        name="detector",
        title="Object detector",
        icon=":material/filter_center_focus:",
        section="See",
        line="Hold up a cup, a book, a phone: the network says what is there and where, follows it and counts.",
        models=("detector-learnt", "detector-maps", "fastestdet", "ssdlite320", "retinanet"),
    ),
    Demo(
        name="vision",
        title="Vision bench",
        icon=":material/photo_filter:",
        section="See",
        line="Chain blurs, thresholds, edges and your own kernel over the camera: what pictures give without learning.",
    ),
    Demo(
        name="teachable",
        title="Teachable machine",
        icon=":material/school:",
        section="Teach",
        line="Show it a few things, press train, and a second later it tells them apart. Then find out where it fails.",
        models=("efficientnet-lite0", "blazepose", "hands"),
    ),
    Demo(
        name="taught",
        title="Teach it where",
        icon=":material/select_all:",
        section="Teach",
        line="Draw a few boxes or brush strokes, and seconds later it finds such things in the camera's picture.",
        models=("lite0-maps", "lraspp"),
    ),
    Demo(
        name="playground",
        title="Playground",
        icon=":material/hub:",
        section="Teach",
        line="Put points on a plane and watch a small network learn to tell them apart, weight by weight.",
    ),
    Demo(
        name="digits",
        title="Digits",
        icon=":material/draw:",
        section="Teach",
        line="Draw a digit and watch a network name it; then shrink it, fool it, and let it draw its own.",
        models=("digits", "painter"),
    ),
    Demo(
        name="ocr",
        title="OCR copy-paste",
        icon=":material/document_scanner:",
        section="Read and write",
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
        section="Read and write",
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


def sections() -> dict[str, list[Demo]]:
    """The demos by section, in the order of `SECTIONS` and, within one, of the table; without empty sections."""
    grouped = {section: [demo for demo in DEMOS if demo.section == section] for section in SECTIONS}
    return {section: demos for section, demos in grouped.items() if demos}


def demo(name: str) -> Demo:
    """The demo of that name; KeyError if there is none."""
    return {demo.name: demo for demo in DEMOS}[name]
