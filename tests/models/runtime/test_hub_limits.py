"""Whoever runs the server says how much of the hub is fetched: the largest model, all together, or nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.errors import BadInput, DiskFull
from models.runtime import hub_limits
from models.runtime.hub_files import HubRepository, describe
from models.settings import settings
from tests.models.runtime.local_hub import LocalHub, local_hub

Allow = Callable[..., None]
WEIGHTS = bytes(1_000_000)
FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": WEIGHTS}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with local_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        for name in ("one", "two"):
            hub.add(
                f"someone/{name}",
                FILES | {"tokenizer_config.json": name.encode(), "model.safetensors": WEIGHTS[3:] + name.encode()},
            )
        yield hub


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Allow]:
    def set_them(model_gb: float = 8, all_gb: float = 30) -> None:
        monkeypatch.setenv("LIMELIGHT_HUB_MODEL_GB", str(model_gb))
        monkeypatch.setenv("LIMELIGHT_HUB_GB", str(all_gb))
        settings.cache_clear()

    yield set_them
    monkeypatch.undo()
    settings.cache_clear()


def test_off_asks_nobody(hub: LocalHub, allow: Allow, tmp_path: Path) -> None:
    allow(model_gb=0)
    for fetch in (lambda: describe("someone/one"), lambda: HubRepository("someone/one").fetch(tmp_path)):
        with pytest.raises(BadInput, match=r"someone/one .*turned"):
            fetch()
    assert not hub.requests and not hub_limits.is_on()


def test_a_model_that_is_here_stays_when_it_is_turned_off(hub: LocalHub, allow: Allow, tmp_path: Path) -> None:
    path = HubRepository("someone/one").fetch(tmp_path)
    allow(model_gb=0)
    assert HubRepository("someone/one").fetch(tmp_path) == path


def test_a_model_over_the_limit_is_refused_before_anything_arrives(hub: LocalHub, allow: Allow, tmp_path: Path) -> None:
    allow(model_gb=0.0009)
    for fetch in (lambda: describe("someone/one"), lambda: HubRepository("someone/one").fetch(tmp_path)):
        with pytest.raises(BadInput, match=r"someone/one has 0\.0 GB, and at most 0\.0009 GB"):
            fetch()
    assert not hub.asked()
    allow(model_gb=0.0011)
    assert HubRepository("someone/one").fetch(tmp_path).is_dir()


def test_all_together_are_bounded_and_what_is_here_stays(hub: LocalHub, allow: Allow, tmp_path: Path) -> None:
    allow(all_gb=0.0015)
    one = HubRepository("someone/one").fetch(tmp_path)
    with pytest.raises(DiskFull, match="someone/two needs"):
        HubRepository("someone/two").fetch(tmp_path)
    assert HubRepository("someone/one").fetch(tmp_path) == one


def test_downloads_under_way_count_and_give_their_room_back(allow: Allow, tmp_path: Path) -> None:
    allow(all_gb=0.001)
    with hub_limits.room("first", tmp_path, 600_000):
        with pytest.raises(DiskFull, match="second"), hub_limits.room("second", tmp_path, 600_000):
            pass
    with hub_limits.room("second", tmp_path, 600_000):
        pass


def test_a_huge_tokenizer_is_refused(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_limits, "MAX_OTHER_BYTES", 3)
    with pytest.raises(BadInput, match="beside its weights"):
        describe("someone/one")
