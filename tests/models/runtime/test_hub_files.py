"""Downloads from a hub on this machine, through the hub's own library."""

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from models.errors import BadInput, DiskFull, DownloadCancelled, Offline, WrongContent
from models.runtime import downloads, hub_files
from models.runtime.downloads import Progress
from models.runtime.hub_files import HubAbout, HubRepository, describe, repository_name
from tests.models.runtime.local_hub import LocalHub, local_hub

ROOT = Path(__file__).parents[3]
PATIENCE_S = 120
WEIGHTS = b"".join(hashlib.sha256(i.to_bytes(4, "big")).digest() for i in range(40_000))  # 1 280 000 bytes
FILES = {
    "config.json": b'{"model_type": "gpt2"}',
    "tokenizer.json": b"{}",
    "tokenizer_config.json": b'{"pad": 1}',
    "model.safetensors": WEIGHTS,
}
UNWANTED = {
    "pytorch_model.bin": b"pickle",
    "modeling_own.py": b"raise SystemExit",
    "training_args.pt": b"pickle",
    "state.pkl": b"pickle",
    "onnx/model.safetensors": b"another",
    "adapter_model.safetensors": b"another",
    "README.md": b"# tiny",
}
TINY = HubRepository("someone/tiny")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with local_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        hub.add("someone/tiny", FILES | UNWANTED)
        yield hub


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library waits a second before it goes on after a break."""
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Visitor:
    """Somebody who asks for the tiny model on a thread of their own."""

    def __init__(self, pool: ThreadPoolExecutor, folder: Path) -> None:
        self.cancel, self.seen = threading.Event(), list[Progress]()
        self.outcome: Future[Path] = pool.submit(TINY.fetch, folder, on_progress=self.seen.append, cancel=self.cancel)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def wait_for_downloads_to_end() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("fetch "):
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


# --- the plain case


def test_a_fetched_model_has_the_files_that_transformers_reads_and_no_others(hub: LocalHub, tmp_path: Path) -> None:
    assert not TINY.is_present(tmp_path)
    assert files_in(TINY.fetch(tmp_path)) == FILES
    assert TINY.is_present(tmp_path)
    assert set(hub.asked("HEAD")) == set(FILES), "the others were not even asked for"


def test_a_model_in_several_files_comes_whole(hub: LocalHub, tmp_path: Path) -> None:
    shards = {f"model-0000{i}-of-00002.safetensors": WEIGHTS[i:] for i in (1, 2)}
    files = {"config.json": b"{}", "model.safetensors.index.json": b"{}", "tokenizer.model": b"sp", **shards}
    hub.add("big", files)
    assert files_in(HubRepository("big").fetch(tmp_path)) == files


def test_a_model_that_is_here_asks_nobody(hub: LocalHub, tmp_path: Path) -> None:
    first = TINY.fetch(tmp_path)
    hub.requests.clear()
    assert TINY.is_present(tmp_path) and TINY.fetch(tmp_path) == first
    assert hub.requests == []


def test_no_token_is_sent_and_nothing_about_this_machine(
    hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    describe(TINY.name)
    TINY.fetch(tmp_path)
    for _, path, headers in hub.requests:
        assert "hf_secret" not in str(headers) and "authorization" not in {key.lower() for key in headers}
        assert "torch" not in str(headers) and not path.startswith("/api/agent")


def test_progress_counts_the_bytes_of_all_files_and_never_falls(
    hub: LocalHub, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    hub.stall_at = 600_000
    visitor = Visitor(pool, tmp_path)
    assert hub.stalled.wait(PATIENCE_S)
    total = sum(map(len, FILES.values()))
    threading.Event().wait(3 * downloads.POLL_S)
    assert visitor.seen[-1].total == total and 2**18 <= visitor.seen[-1].done <= 600_100
    hub.gate.set()
    visitor.outcome.result(PATIENCE_S)
    assert visitor.seen[-1] == Progress(total, total)
    assert [p.done for p in visitor.seen] == sorted(p.done for p in visitor.seen)


def test_a_file_that_vanished_or_was_cut_is_fetched_again(hub: LocalHub, tmp_path: Path) -> None:
    folder = TINY.fetch(tmp_path)
    (folder / "tokenizer.json").unlink()
    assert not TINY.is_present(tmp_path)
    assert files_in(TINY.fetch(tmp_path)) == FILES


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"commit": 3, "files": {}}', '{"commit": "x", "files": []}'])
def test_a_damaged_record_counts_as_nothing(hub: LocalHub, tmp_path: Path, record: str) -> None:
    TINY.fetch(tmp_path)
    TINY.record(tmp_path).write_text(record)
    assert not TINY.is_present(tmp_path)
    hub.requests.clear()
    assert files_in(TINY.fetch(tmp_path)) == FILES
    assert hub.asked() == [], "the files were all there"


# --- breaks and cancels


@pytest.mark.usefixtures("quick_retries")
def test_a_broken_connection_heals_where_it_broke(hub: LocalHub, tmp_path: Path) -> None:
    hub.breaks = [600_000, 0, 300_000]
    assert files_in(TINY.fetch(tmp_path)) == FILES
    ranges = [headers.get("range") or headers.get("Range") for _, path, headers in hub.requests if "/cdn/" in path]
    assert ranges[0] is None and len(ranges) == 4
    starts = [int(asked.strip("bytes=-")) for asked in ranges[1:] if asked]
    assert 0 < starts[0] == starts[1] < starts[2]


@pytest.mark.usefixtures("quick_retries")
def test_a_connection_that_breaks_at_every_try_is_offline_and_whole_files_are_kept(
    hub: LocalHub, tmp_path: Path
) -> None:
    hub.breaks = [300_000] + [0] * 20
    with pytest.raises(Offline, match=r"someone/tiny was not fetched"):
        TINY.fetch(tmp_path)
    assert not TINY.is_present(tmp_path)
    hub.breaks, _ = [], hub.requests.clear()
    assert files_in(TINY.fetch(tmp_path)) == FILES
    assert hub.asked() == []  # small files were here; the weights come from /cdn


def test_a_cancel_frees_the_visitor_at_once_and_stops_the_download(
    hub: LocalHub, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    hub.stall_at = 300_000
    visitor = Visitor(pool, tmp_path)
    assert hub.stalled.wait(PATIENCE_S)
    visitor.cancel.set()
    with pytest.raises(DownloadCancelled, match="someone/tiny was cancelled"):
        visitor.outcome.result(PATIENCE_S)
    assert not hub.gate.is_set(), "the hub was silent all the time"
    hub.gate.set()
    wait_for_downloads_to_end()
    assert not TINY.is_present(tmp_path)
    assert not any(path.endswith("model.safetensors") for path in files_in(tmp_path))
    hub.stall_at = None
    hub.requests.clear()
    assert files_in(TINY.fetch(tmp_path)) == FILES
    assert hub.asked() == [], "small files were kept"


def test_a_silent_hub_is_offline(hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_files, "SILENCE_S", 0.5)
    hub.stall_at = 0
    with pytest.raises(Offline, match=r"127\.0\.0\.1 does not answer"):
        TINY.fetch(tmp_path)
    hub.gate.set()
    wait_for_downloads_to_end()


# --- what must not be kept


def test_weights_that_are_not_those_the_hub_announced_are_deleted(hub: LocalHub, tmp_path: Path) -> None:
    hub.swaps["model.safetensors"] = WEIGHTS[::-1]
    with pytest.raises(WrongContent, match=r"model\.safetensors of someone/tiny"):
        TINY.fetch(tmp_path)
    assert WEIGHTS[::-1] not in files_in(tmp_path).values()
    hub.swaps.clear()
    assert files_in(TINY.fetch(tmp_path)) == FILES


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_file_of_another_size_is_wrong(hub: LocalHub, tmp_path: Path, name: str) -> None:
    hub.swaps[name] = FILES[name] + b"more"
    with pytest.raises(WrongContent):
        TINY.fetch(tmp_path)
    assert not TINY.is_present(tmp_path)


def test_a_model_larger_than_the_free_space_is_not_even_asked_for(
    hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 1_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(DiskFull, match=r"someone/tiny cannot be saved .* needs 1.3 MB more and only 1.0"):
        TINY.fetch(tmp_path)
    assert hub.asked("HEAD") == []


def test_a_cache_folder_that_is_a_file_is_said(hub: LocalHub, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(DiskFull, match=r"cannot be saved in .*taken"):
        TINY.fetch(tmp_path / "taken")


def test_a_model_without_safetensors_is_refused_before_anything_arrives(hub: LocalHub, tmp_path: Path) -> None:
    hub.add("old", {"config.json": b"{}", "pytorch_model.bin": b"pickle"})
    for ask in (lambda: describe("old"), lambda: HubRepository("old").fetch(tmp_path)):
        with pytest.raises(BadInput, match="old has no weights in the safetensors format"):
            ask()
    assert hub.asked("HEAD") == [] and files_in(tmp_path) == {}


# --- what the hub says


def test_a_description_has_the_size_of_what_would_be_fetched(hub: LocalHub) -> None:
    hub.repositories["someone/tiny"].about["safetensors"] = {"parameters": {"F16": 640_000}, "total": 640_000}
    size = sum(map(len, FILES.values()))
    assert describe("https://huggingface.co/someone/tiny") == HubAbout("someone/tiny", size, "mit", 640_000, True)
    assert hub.asked("HEAD") == hub.asked("GET") == []


@pytest.mark.parametrize(
    ("said", "causal"),
    [
        ({"pipeline_tag": "text-generation"}, True),
        ({"pipeline_tag": None, "config": {"architectures": ["GPT2LMHeadModel"]}}, True),
        ({"pipeline_tag": None, "config": {"architectures": ["LlamaForCausalLM"]}}, True),
        ({"pipeline_tag": "fill-mask", "config": {"architectures": ["BertForMaskedLM"]}}, False),
        ({"pipeline_tag": None}, None),
    ],
)
def test_a_description_says_whether_the_model_continues_text(
    hub: LocalHub, said: dict[str, object], causal: bool | None
) -> None:
    hub.add("a", FILES, tags=[], **said)
    about = describe("a")
    assert (about.causal, about.licence, about.parameters) == (causal, None, None)


# --- names


@pytest.mark.parametrize(
    "typed",
    [
        "distilbert/distilgpt2",
        "  distilbert/distilgpt2\n",
        "https://huggingface.co/distilbert/distilgpt2",
        "http://hf.co/distilbert/distilgpt2/",
        "huggingface.co/distilbert/distilgpt2",
        "https://huggingface.co/distilbert/distilgpt2/tree/main?x=1#y",
        "https://www.huggingface.co/distilbert/distilgpt2/blob/main/config.json",
    ],
)
def test_a_name_is_found_in_what_people_paste(typed: str) -> None:
    assert repository_name(typed) == "distilbert/distilgpt2"


def test_old_models_have_no_owner() -> None:
    assert repository_name("gpt2") == repository_name("https://huggingface.co/gpt2/tree/main") == "gpt2"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "..",
        "../etc/passwd",
        "a/../b",
        "a/..",
        "a/b/c",
        "/a",
        "a/",
        "a b/c",
        "a//b",
        "-a/b",
        "a--b/c",
        "a/b.git",
        "a/b-",
        "a/.b",
        "å/ä",
        "a\0/b",
        "a/b\n\nc",
        "a\\b",
        "x" * 200,
        "https://example.com/a/b",
        "https://huggingface.co.example.com/a/b",
        "file:///etc/passwd",
        "https://huggingface.co/",
        "https://huggingface.co/datasets/squad",
        "https://huggingface.co/%2e%2e/b",
        "https://[",
        "<script>alert(1)</script>",
    ],
)
def test_what_is_no_name_is_bad_input_and_asks_nobody(hub: LocalHub, typed: str) -> None:
    with pytest.raises(BadInput, match="A name looks like distilbert/distilgpt2"):
        describe(typed)
    assert hub.requests == []


@pytest.mark.parametrize("row", [("../x",), ("https://huggingface.co/a/b",), ("a/b", "../x"), ("a/b", "")])
def test_a_catalogue_row_that_cannot_be_right_is_a_value_error(row: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"name|revision"):
        HubRepository(*row)


def test_a_version_is_kept_beside_another(hub: LocalHub, tmp_path: Path) -> None:
    TINY.fetch(tmp_path)
    commit = hub.repositories[TINY.name].commit
    assert json.loads(TINY.record(tmp_path).read_text())["commit"] == commit
    pinned = HubRepository(TINY.name, commit)
    assert not pinned.is_present(tmp_path)
    assert pinned.fetch(tmp_path) == TINY.fetch(tmp_path)


def test_the_module_opens_without_the_hubs_library() -> None:
    code = "import sys, models.runtime.hub_files; sys.exit('huggingface_hub' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=240).returncode == 0
