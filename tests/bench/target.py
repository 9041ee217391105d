"""The two apps under test: the product, and the naive way beside it. A new one is a new row."""

from dataclasses import dataclass
from pathlib import Path

from tests.bench import REPO

MODES = ("send-only", "send-and-return")
ENGINE = "efficientnet-lite0"  # the name both give the model in their stats


@dataclass(frozen=True)
class Target:
    name: str
    script: Path
    page: str  # URL path; empty for an app of one script
    queries: dict[str, str]  # mode → query string, {fps} to be filled in
    own_config: bool  # run in the repository, where .streamlit/config.toml is; else Streamlit's defaults

    def query(self, mode: str, fps: int) -> str:
        return self.queries[mode].format(fps=fps)


TARGETS = {
    "app": Target(
        name="app",
        script=REPO / "app.py",
        page="classifier",
        queries={"send-only": "input=live&fps={fps}", "send-and-return": "input=live&video=server&fps={fps}"},
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
