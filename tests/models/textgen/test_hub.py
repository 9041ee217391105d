"""Models from the hub: real transformers of a few thousand weights, fetched from a hub on this machine."""

import json
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.cache import ModelCache
from models.catalog import hub_entry
from models.errors import ModelFailed, Offline
from models.runtime.hub_files import HubRepository, describe
from models.textgen.hub import MAX_WINDOW, HubModel, load_hub, name_of
from models.textgen.sampling import Sampling
from tests.models.runtime.local_hub import LocalHub, local_hub
from tests.models.textgen import tiny

STAGES: list[str] = []


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with local_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A GPT-2 and a Llama as save_pretrained writes them."""
    folder = tmp_path_factory.mktemp("saved")
    return {kind: tiny.save(folder / kind, kind) for kind in ("gpt2", "llama")}


@pytest.fixture
def folder(saved: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the GPT-2's folder to spoil."""
    copy = tmp_path / "spoiled"
    copy.mkdir()
    for path in saved["gpt2"].iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    return copy


def change_config(folder: Path, **changes: Any) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **changes}))


# --- from the hub to the text


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_model_of_any_name_is_described_fetched_and_writes(
    hub: LocalHub, saved: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    hub.add("someone/tiny-model", saved[kind])
    cache = ModelCache(10**9, folder=tmp_path)
    entry = hub_entry(describe("someone/tiny-model"))
    cache.add(entry)
    assert cache.needs_download(entry.name)
    model = cache.get(entry.name)
    assert (model.name, entry.title, cache.stats()[entry.name].state) == ("tiny-model", "tiny-model", "ready")
    text = "".join(model.stream("Hello world", 20, seed=1))
    assert text and text == "".join(model.stream("Hello world", 20, seed=1))
    assert not cache.needs_download(entry.name)


def test_loading_asks_nobody(hub: LocalHub, saved: dict[str, Path], tmp_path: Path) -> None:
    hub.add("someone/tiny", saved["llama"])
    path = HubRepository("someone/tiny").fetch(tmp_path)
    hub.requests.clear()
    load_hub(path, lambda stage, fraction: STAGES.append(stage))
    assert hub.requests == [] and "Reading the weights" in STAGES


def test_offline_is_said_and_other_models_keep_working(hub: LocalHub, saved: dict[str, Path], tmp_path: Path) -> None:
    for name in ("here", "gone"):
        hub.add(name, saved["gpt2"])
    cache = ModelCache(10**9, folder=tmp_path)
    for name in ("here", "gone"):
        cache.add(hub_entry(describe(name)))
    here = cache.get("hub/here")
    hub.shutdown()
    hub.server_close()
    with pytest.raises(Offline, match="gone was not fetched"):
        cache.get("hub/gone")
    assert cache.get("hub/here") is here and next(here.stream("a", 1, seed=0)) is not None
    assert ModelCache(10**9, folder=tmp_path).needs_download("hub/distilbert/distilgpt2")


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_greedy_text_is_what_transformers_generates_from_the_same_folder(saved: dict[str, Path], kind: str) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = HubModel(saved[kind])
    network = AutoModelForCausalLM.from_pretrained(saved[kind], local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(saved[kind], local_files_only=True)
    asked = torch.tensor([[tokenizer.bos_token_id, *tokenizer("Hello world").input_ids]])
    written = network.generate(asked, do_sample=False, max_new_tokens=12)[0, asked.shape[1] :]
    expected = tokenizer.decode(written, skip_special_tokens=True)
    assert "".join(model.stream("Hello world", 12, sampling=Sampling(0))).rstrip("�") == expected.rstrip("�")


def test_weights_of_half_precision_are_read_as_float32(saved: dict[str, Path], tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    half = AutoModelForCausalLM.from_pretrained(saved["gpt2"], dtype=torch.bfloat16)
    half.save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((saved["gpt2"] / name).read_bytes())
    model = HubModel(tmp_path)
    assert {p.dtype for p in model.network.parameters()} == {torch.float32}
    full = HubModel(saved["gpt2"])
    assert model.nbytes == full.nbytes
    np.testing.assert_allclose(model.read([1]).probs(), full.read([1]).probs(), atol=0.05)


def test_window_start_and_end_are_those_of_the_configuration(saved: dict[str, Path], folder: Path) -> None:
    model = HubModel(saved["gpt2"])
    assert (model.window, model.start_token, model.ends(0), model.ends(1)) == (32, 0, True, False)
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [5, 6]}))
    assert all(HubModel(folder).ends(token) for token in (0, 5, 6))
    assert MAX_WINDOW == 1024


def test_threads_share_a_model(saved: dict[str, Path]) -> None:
    model = HubModel(saved["gpt2"])
    expected = {seed: "".join(model.stream("Hello", 15, seed=seed)) for seed in range(4)}
    texts: dict[int, str] = {}

    def write(seed: int) -> None:
        texts[seed] = "".join(model.stream("Hello", 15, seed=seed))

    threads = [threading.Thread(target=write, args=(seed,)) for seed in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert texts == expected


def test_the_name_comes_from_the_librarys_folder() -> None:
    assert name_of(Path("hub/models--distilbert--distilgpt2/snapshots/abc")) == "distilgpt2"
    assert name_of(Path("hub/models--gpt2/snapshots/abc")) == "gpt2"
    assert name_of(Path("a/b/mine")) == "mine"


# --- nothing of the folder is run


def test_code_in_a_repository_is_neither_fetched_nor_run(hub: LocalHub, saved: dict[str, Path], tmp_path: Path) -> None:
    repository = hub.add("someone/evil", saved["gpt2"])
    victim = tmp_path / "it ran"
    code = f"open({str(victim)!r}, 'w')\n".encode()
    own = {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}
    config = json.loads(repository.files["config.json"])
    repository.files |= {
        "evil.py": code,
        "config.json": json.dumps({**config, "model_type": "evil", "auto_map": own}).encode(),
    }
    path = HubRepository("someone/evil").fetch(tmp_path / "cache")
    assert "evil.py" not in {p.name for p in path.iterdir()}
    (path / "evil.py").write_bytes(code)  # even if it were there
    with pytest.raises(ModelFailed, match="code of its own, which Limelight never does"):
        load_hub(path, lambda *_: None)
    assert not victim.exists()


def test_a_known_kind_that_brings_code_too_is_read_without_it(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "it ran"
    (folder / "evil.py").write_text(f"open({str(victim)!r}, 'w')\n")
    change_config(folder, auto_map={"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"})
    tokenizer = folder / "tokenizer_config.json"
    said = json.loads(tokenizer.read_text())
    tokenizer.write_text(json.dumps({**said, "auto_map": {"AutoTokenizer": ["evil.Slow", "evil.Fast"]}}))
    assert "".join(HubModel(folder).stream("Hello", 3, seed=0))
    assert not victim.exists()


@pytest.mark.parametrize("key", ["attn_implementation", "_attn_implementation", "experts_implementation"])
def test_kernels_from_another_repository_are_refused(folder: Path, key: str) -> None:
    change_config(folder, **{key: "someone/kernels"})
    with pytest.raises(ModelFailed, match="another repository"):
        HubModel(folder)


def test_a_pickle_beside_the_weights_is_not_read(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "gone")
    (folder / "pytorch_model.bin").write_bytes(b"not even a pickle")
    with pytest.raises(ModelFailed, match="spoiled did not load"):
        HubModel(folder)


# --- what does not load, and why


def test_a_model_larger_than_the_memory_is_refused_before_it_loads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("memory", (), {"available": 10_000}))
    (folder / "tokenizer.json").unlink()  # would be the next thing to fail
    with pytest.raises(ModelFailed, match=r"spoiled needs 0\.0 GB of memory, and 0\.0 GB are free"):
        HubModel(folder)


def test_memory_is_counted_in_float32_whatever_the_file_holds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = json.dumps({"w": {"dtype": "BF16", "shape": [1000], "data_offsets": [0, 2000]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(2000))
    free = type("memory", (), {"available": 3999})
    monkeypatch.setattr("psutil.virtual_memory", lambda: free)
    with pytest.raises(ModelFailed, match="memory"):
        HubModel(folder)
    free.available = 4000
    with pytest.raises(ModelFailed, match="weights are not in its files"):
        HubModel(folder)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"model_type": "nonesuch"}, "'nonesuch' is not known"),
        ({"model_type": None}, "not known"),
        ({"model_type": "t5"}, "does not continue text"),
        ({"n_head": 3}, "does not read it"),
        ({"n_layer": "many"}, "does not read"),
    ],
)
def test_a_configuration_that_is_no_causal_transformers_is_said(
    folder: Path, changes: dict[str, Any], why: str
) -> None:
    change_config(folder, **changes)
    with pytest.raises(ModelFailed, match=f"spoiled did not load: .*({why})"):
        HubModel(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_files_that_cannot_be_read_are_said(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ModelFailed, match="spoiled did not load"):
        HubModel(folder)


def test_a_folder_without_a_tokenizer_is_said(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelFailed, match="no tokenizer"):
        HubModel(folder)


def test_a_network_that_keeps_no_keys_and_values_is_said(folder: Path) -> None:
    from transformers import MambaConfig, MambaForCausalLM

    MambaForCausalLM(MambaConfig(vocab_size=320, hidden_size=16, num_hidden_layers=1)).save_pretrained(folder)
    with pytest.raises(ModelFailed, match="keeps keys and values"):
        HubModel(folder)
