"""Models by name from the Hugging Face hub: how large they are, and their download into the cache folder.

The hub's own library downloads (`hf_hub_download`): within one download it goes on where a connection broke, and it
compares each file's size with the hub's; we compare the weights' SHA-256 as well. A cancelled download keeps the files
that are whole; the one under way starts over, as the library (2.x) keeps no part of it.

Only configuration, tokenizer and safetensors are ever fetched: no code, no pickle. No token is sent.
"""

import hashlib
import json
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from models.errors import BadInput, DownloadCancelled
from models.runtime import downloads, hub_errors, hub_limits
from models.runtime.downloads import Download, OnProgress, Progress
from models.runtime.hub_errors import endpoint

SILENCE_S = 30.0
"""Longest time without a byte before a download counts as offline; the library alone would try for minutes."""

CHUNK_BYTES = 2**18  # from one sign of life to the next; the 10 MB of the library take long on a slow line
ASK_S = 10.0  # longest wait for an answer to a question about a repository
WANTED = re.compile(  # in the repository's root only: what transformers reads, and nothing that could run
    r"(generation_)?config\.json|tokenizer(_config)?\.json|vocab\.json|merges\.txt|special_tokens_map\.json"
    r"|added_tokens\.json|[\w.-]+\.model|chat_template[\w.-]*\.(json|jinja)"
    r"|model(-\d{5}-of-\d{5})?\.safetensors|model\.safetensors\.index\.json",
    re.ASCII,
)
HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
NAME = re.compile(r"([A-Za-z0-9][\w.-]{0,95}/)?[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)


@dataclass(frozen=True)
class HubFile:
    """A file of a repository: its size in bytes, and its SHA-256 where the hub tells it (it does for weights)."""

    size: int
    sha256: str | None


@dataclass(frozen=True)
class HubAbout:
    """What the hub says of a model. `download_bytes` is the size of the files that Limelight would fetch, `parameters`
    the number of weights; licence, parameters and `causal` (whether it continues text) are None where it does not tell.
    """

    name: str
    download_bytes: int
    licence: str | None
    parameters: int | None
    causal: bool | None


def repository_name(text: str) -> str:
    """The "owner/name" (or "name", of the hub's oldest models) that somebody typed, also out of a pasted address.

    Raises BadInput for what cannot be a name on the hub.
    """
    name = text.strip()
    if "://" in name or name.lower().startswith(HOSTS):
        try:
            url = urlsplit(name if "://" in name else f"https://{name}")
        except ValueError:
            url = urlsplit("")
        if url.scheme not in ("http", "https") or url.hostname not in HOSTS:
            raise BadInput(f"{text.strip()[:120]!r} is no address of a model on the Hugging Face hub. {_EXAMPLE}")
        parts = [unquote(part) for part in url.path.split("/") if part]
        # after owner/name an address may go on to a view of the page: owner/name/tree/main
        name = "/".join(parts[:1] if parts[1:2] in (["tree"], ["blob"], ["resolve"]) else parts[:2])
    parts = name.split("/")
    bad_end = any(part[-1:] in (".", "-") or part.endswith(".git") or part in ("models", "datasets") for part in parts)
    if not NAME.fullmatch(name) or bad_end or ".." in name or "--" in name:
        raise BadInput(f"{text.strip()[:120]!r} cannot be the name of a model on the Hugging Face hub. {_EXAMPLE}")
    return name


_EXAMPLE = "A name looks like distilbert/distilgpt2: owner/name, in letters, digits, - _ and dots."


def describe(name: str) -> HubAbout:
    """What the hub says of a model, asked now.

    Raises BadInput (no name of a model, no safetensors in it, or too large), Offline, NotOnServer (no such model, or
    one that needs an account).
    """
    name = repository_name(name)
    hub_limits.check_on(name)
    info = _ask(name, "main")
    config = info.config or {}
    architectures = config.get("architectures") or []
    causal = info.pipeline_tag == "text-generation" or any(
        a.endswith(("ForCausalLM", "LMHeadModel")) for a in architectures
    )
    licence = next((tag.removeprefix("license:") for tag in info.tags or [] if tag.startswith("license:")), None)
    return HubAbout(
        name=name,
        download_bytes=sum(file.size for file in _wanted(name, info).values()),
        licence=licence,
        parameters=info.safetensors.total if info.safetensors else None,
        causal=causal if info.pipeline_tag or architectures else None,
    )


@dataclass(frozen=True)
class HubRepository:
    """A model on the hub, as a catalogue row's file. `revision` is a branch, tag or commit.

    Raises ValueError for a row that cannot be right.
    """

    name: str
    revision: str = "main"

    def __post_init__(self) -> None:
        try:
            clean = repository_name(self.name)
        except BadInput as error:
            raise ValueError(f"name: {error}") from None
        if clean != self.name:
            raise ValueError(f"name must be [owner/]name, got {self.name!r}")
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", self.revision, re.ASCII) or ".." in self.revision:
            raise ValueError(f"revision must be a branch, tag or commit, got {self.revision!r}")

    def is_present(self, folder: Path) -> bool:
        """Whether a complete download is there. Cheap: looks at the sizes only, and asks nobody."""
        return self._present_at(folder) is not None

    def fetch(
        self,
        folder: Path,
        *,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> Path:
        """The folder of the model's files, downloaded if they are not here; a version that is here asks nobody.

        `on_progress` runs on the caller's thread, at most ten times a second. A set `cancel` frees its caller within
        about 0.1 s, and the download stops at its next chunk.
        Raises BadInput (no safetensors, too large), Offline, NotOnServer, WrongContent, DiskFull or DownloadCancelled.
        """
        if (present := self._present_at(folder)) is not None:
            return present
        return downloads.shared(
            self, folder.absolute(), lambda: _HubDownload(self, folder.absolute()), on_progress, cancel
        )

    def record(self, folder: Path) -> Path:
        """Where a complete download is written down: commit, and size of each file."""
        return folder / "hub" / f"{self.name.replace('/', '--')}@{self.revision}.json"

    def _present_at(self, folder: Path) -> Path | None:
        try:
            record = json.loads(self.record(folder).read_text("utf-8"))
            snapshot = _snapshot(self.name, folder, record["commit"])
            files = record["files"].items()
            whole = all((snapshot / name).stat().st_size == size for name, size in files)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None
        return snapshot if whole and files else None


def _snapshot(name: str, folder: Path, commit: str) -> Path:
    """Where the library puts the files of a commit."""
    return folder / "hub" / f"models--{name.replace('/', '--')}" / "snapshots" / commit


class _HubDownload(Download):
    def __init__(self, repository: HubRepository, folder: Path) -> None:
        super().__init__(repository.name, hub_errors.host(), folder, max_silence_s=SILENCE_S)
        self.repository = repository

    def kept(self) -> str:
        """What stays where it is cancelled, in a sentence."""
        return "Files that are whole are kept."

    def run(self) -> Path:
        """Fetch every file, and write down that all are there."""
        name, cache = self.name, self.folder / "hub"
        hub_limits.check_on(name)
        info = _ask(name, self.repository.revision)
        files = _wanted(name, info)
        snapshot = _snapshot(name, self.folder, info.sha)
        total = sum(file.size for file in files.values())
        here = {
            n for n, file in files.items() if (snapshot / n).is_file() and (snapshot / n).stat().st_size == file.size
        }
        done = sum(files[n].size for n in here)
        self.advance(Progress(done, total))
        try:
            cache.mkdir(parents=True, exist_ok=True)
            downloads.check_room(name, cache, total - done)
            with hub_limits.room(name, cache, total - done):
                for filename in sorted(files.keys() - here, key=lambda n: files[n].size):  # weights last
                    self._fetch_one(filename, files[filename], info.sha, cache)
            record = self.repository.record(self.folder)
            part = record.with_suffix(".part")
            part.write_text(json.dumps({"commit": info.sha, "files": {n: f.size for n, f in files.items()}}), "utf-8")
            os.replace(part, record)
        except Exception as error:
            hub_errors.raise_for_visitor(error, name, cache)
        return snapshot

    def _fetch_one(self, filename: str, file: HubFile, commit: str, cache: Path) -> None:
        before, download = self.progress, self

        class Bar:
            """What the library takes for a tqdm: it tells each chunk here, and an error stops it."""

            def __init__(self, *_: object, initial: int = 0, **__: object) -> None:
                self.update(initial)

            def update(self, n: float | None = 1) -> None:
                if download.is_abandoned():
                    raise DownloadCancelled(filename)  # nobody is left to read a message
                download.advance(Progress(download.progress.done + int(n or 0), download.progress.total))

            def __enter__(self) -> "Bar":
                return self

            def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
                pass

        if self.is_abandoned():
            raise DownloadCancelled(filename)
        path = Path(
            _hub().hf_hub_download(
                self.name,
                filename,
                revision=commit,
                cache_dir=cache,
                endpoint=endpoint(),
                token=False,
                etag_timeout=ASK_S,
                tqdm_class=Bar,
            )
        )
        self.advance(Progress(before.done + file.size, before.total))
        if path.stat().st_size != file.size or not _has_sha256(path, file.sha256):
            path.resolve().unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise hub_errors.wrong_content(self.name, filename)


def _has_sha256(path: Path, sha256: str | None) -> bool:
    if sha256 is None:
        return True
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == sha256


def _hub() -> Any:
    """The hub's library, quiet: no telemetry, and plain HTTP, whose progress hook can stop it (Xet's cannot)."""
    import huggingface_hub
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = constants.HF_HUB_DISABLE_XET = True
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK_BYTES
    return huggingface_hub


def _ask(name: str, revision: str) -> Any:
    """The hub's ModelInfo with the files' sizes. Raises Offline, NotOnServer."""
    try:
        api = _hub().HfApi(endpoint=endpoint(), token=False)
        info = api.model_info(name, revision=revision, files_metadata=True, timeout=ASK_S)
    except Exception as error:
        hub_errors.raise_for_visitor(error, name, None)
    if info.gated:
        raise hub_errors.needs_account(name)
    if not re.fullmatch(r"[0-9a-f]{40}", info.sha or ""):
        raise hub_errors.no_hub(name)
    return info


def _wanted(name: str, info: Any) -> dict[str, HubFile]:
    """The files to fetch, by name. Raises BadInput where there are no weights that we read, or too many."""
    files = {
        file.rfilename: HubFile(file.size, file.lfs.sha256 if file.lfs else None)
        for file in info.siblings or []
        if WANTED.fullmatch(file.rfilename) and file.size is not None
    }
    if not any(filename.endswith(".safetensors") for filename in files):
        raise BadInput(
            f"{name} has no weights in the safetensors format, the only one that Limelight reads: others can carry "
            "programs. Choose another model, such as distilbert/distilgpt2."
        )
    hub_limits.check_sizes(name, {filename: file.size for filename, file in files.items()})
    return files
