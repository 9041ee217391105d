"""What is under test: the product's pages, and the naive way beside one. A new one is a new row."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from tests.bench import REPO

MODES = ("send-only", "send-and-return")
ENGINE = "efficientnet-lite0"  # the name both give the model in their stats


@dataclass(frozen=True)
class Limit:
    """A figure of a live line may be this much. `path`: the keys that lead to it."""

    path: tuple[str, ...]
    unit: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Target:
    name: str
    script: Path
    page: str  # URL path; empty for an app of one script
    queries: dict[str, str]  # mode → query string, {fps} to be filled in
    own_config: bool  # run in the repository, where .streamlit/config.toml is; else Streamlit's defaults
    engine: str = ENGINE  # the model's name in the stats
    film: str = "things"  # what the cameras see: a name in tests/bench/camera.py
    limits: dict[str, Limit] = field(default_factory=dict)

    def query(self, mode: str, fps: int) -> str:
        return self.queries[mode].format(fps=fps)


TARGETS = {
    "app": Target(
        name="app",
        script=REPO / "server.py",
        page="classifier",
        queries={"send-only": "input=live&fps={fps}"},
        own_config=True,
    ),
    "naive": Target(
        name="naive",
        script=REPO / "tests" / "bench" / "naive_app.py",
        page="",
        queries={"send-only": "mode=SENDONLY", "send-and-return": "mode=SENDRECV"},
        own_config=False,
    ),
}

POSE = Target(
    name="pose",
    script=REPO / "server.py",
    page="pose",
    queries={"send-only": "input=live&fps={fps}"},
    own_config=True,
    engine="blazepose",
    film="person",
    limits={  # for 4 streams at 15 fps on 2 cores; growth is from the first quarter of the window to the last
        "fresh_poses": Limit(("worst_results_per_s",), "1/s per stream", at_least=4),
        "glass_p95": Limit(("glass_ms", "p95"), "ms", at_most=300),
        "age_growth": Limit(("growth", "age_ms"), "ms", at_most=20),
        "glass_growth": Limit(("growth", "glass_ms"), "ms", at_most=20),
        "memory_growth": Limit(("growth", "rss_mb"), "MB", at_most=10),
        "person_on_page": Limit(("labels_per_s",), "1/s per stream", at_least=1),  # else the above is of an empty room
    },
)

OCR = Target(
    name="ocr",
    script=REPO / "server.py",
    page="ocr",
    queries={"send-only": "input=Live&fps={fps}"},
    own_config=True,
    engine="ppocr",
    film="page",
    limits={  # for 4 streams at 15 fps on 2 cores; a page is read once a second at most
        "all_frames_arrive": Limit(("worst_fps",), "1/s per stream", at_least=14),
        "age_growth": Limit(("growth", "age_ms"), "ms", at_most=100),
        "memory_growth": Limit(("growth", "rss_mb"), "MB", at_most=20),
        "page_on_page": Limit(("labels_per_s",), "1/s per stream", at_least=0.1),
    },
)


def five(step: str) -> str:
    """A chain of five times the same step."""
    return f"[{','.join(5 * [step])}]"


DETECTOR = Target(
    name="detector",
    script=REPO / "server.py",
    page="detector",
    queries={"send-only": "input=live&fps={fps}"},
    own_config=True,
    engine="detector-learnt",
    limits={  # for 8 streams at 15 fps on 2 cores
        "all_frames_arrive": Limit(("worst_fps",), "1/s per stream", at_least=14),
        "fresh_boxes": Limit(("worst_results_per_s",), "1/s per stream", at_least=2),
        "age_p95": Limit(("age_ms", "p95"), "ms", at_most=300),
    },
)

CHAINS = {
    "light": '[["denoise"],["blindness"],["kernel"],["morphology"],["equalise"]]',
    "bilateral": five('["denoise",{"how":"bilateral","size":15}]'),
    "circles": five('["circles"]'),
    "lines": five('["lines"]'),
    "fourier": five('["fourier"]'),
}
"""What the vision bench does with each picture: five light steps, and five times each of the slow ones."""
VISION = Target(
    name="vision",
    script=REPO / "server.py",
    page="vision",
    queries={"send-and-return": f"input=Live&mirror=false&fps={{fps}}&chain={quote(CHAINS['light'])}"},
    own_config=True,
    engine="frames",
    limits={  # for one camera at 15 fps on 2 cores, five steps on each picture
        "all_come_back": Limit(("new_picture_fps",), "1/s per stream", at_least=14),
        "glass_p95": Limit(("glass_ms", "p95"), "ms", at_most=150),
    },
)


def with_chain(name: str) -> Target:
    """The vision bench with another chain than the light one."""
    query = VISION.queries["send-and-return"].replace(quote(CHAINS["light"]), quote(CHAINS[name]))
    return replace(VISION, queries={"send-and-return": query})


PAGES: dict[str, dict[str, Target]] = {
    "classifier": TARGETS,
    "pose": {"app": POSE},
    "ocr": {"app": OCR},
    "detector": {"app": DETECTOR},
    "vision": {"app": VISION},
    **{f"vision-{name}": {"app": with_chain(name)} for name in CHAINS if name != "light"},
}
