"""A Hugging Face hub on this machine: as much of its API as huggingface_hub 2.x uses to describe and fetch a model.

Small files come from the hub itself; weights are sent on to another host name, as the real one does. It can break
connections, stall, refuse and change its mind, and remembers every request.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PATIENCE_S = 120  # how long a stalled answer waits for the test to open the gate
STEP = 4096


@dataclass
class Repository:
    """A model on the hub: its files by name, and what the hub says of it."""

    files: dict[str, bytes]
    about: dict[str, Any] = field(default_factory=dict)
    gated: str | bool = False
    hidden_gate: bool = False  # the description is open, the files are refused

    @property
    def commit(self) -> str:
        content = hashlib.sha1()
        for name, data in sorted(self.files.items()):
            content.update(name.encode() + hashlib.sha1(data).digest())
        return content.hexdigest()


class LocalHub(ThreadingHTTPServer):
    """`repositories` by name; `url` is what HF_ENDPOINT should be."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.repositories: dict[str, Repository] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []  # method, path, headers
        self.status: int | None = None  # answer everything with this
        self.breaks: list[int] = []  # per answer with weights to come: break the connection after so many bytes
        self.stall_at: int | None = None  # bytes of the weights after which to wait for `gate`
        self.swaps: dict[str, bytes] = {}  # file name -> what is really sent
        self.gate, self.stalled, self.hung_up = threading.Event(), threading.Event(), threading.Event()
        self.silent = False  # never answers until `gate`

    def add(self, name: str, folder: Path | dict[str, bytes], **about: Any) -> Repository:
        """Put a saved model, or files, on the hub. `about` overrides what the hub says of it."""
        files = folder if isinstance(folder, dict) else {p.name: p.read_bytes() for p in sorted(folder.iterdir())}
        said = {"tags": ["license:mit"], "pipeline_tag": "text-generation", **about}
        self.repositories[name] = Repository(dict(files), said)
        return self.repositories[name]

    def asked(self, method: str = "GET") -> list[str]:
        """The names of files that were asked for."""
        return [path.rpartition("/")[2] for m, path, _ in self.requests if m == method and "/resolve/" in path]

    def handle_error(self, request: object, client_address: object) -> None:
        self.hung_up.set()  # a client that hangs up is part of the game


@contextmanager
def local_hub() -> Iterator[LocalHub]:
    """A running hub; set HF_ENDPOINT to its `url`."""
    hub = LocalHub()
    thread = threading.Thread(target=hub.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.gate.set()
        hub.shutdown()
        hub.server_close()
        thread.join(PATIENCE_S)


class _Handler(BaseHTTPRequestHandler):
    server: LocalHub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub, url = self.server, urlsplit(self.path)
        hub.requests.append((self.command, self.path, dict(self.headers)))
        if hub.silent:
            hub.stalled.set()
            hub.gate.wait(PATIENCE_S)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        if hub.status is not None:
            self._refuse(hub.status, "")
        elif parts[:2] == ["api", "models"]:
            self._describe(parts[2:], blobs="blobs" in parse_qs(url.query))
        elif parts[0] == "cdn":
            self._send_weights(parts[1:])
        elif "resolve" in parts:
            self._resolve(parts)
        else:
            self._refuse(404, "")

    def _describe(self, parts: list[str], blobs: bool) -> None:
        name, _, revision = "/".join(parts).partition("/revision/")
        repository = self.server.repositories.get(name)
        if repository is None:
            self._refuse(401, "RepoNotFound")  # the real one does not tell strangers what is private and what is not
        elif revision not in ("", "main", repository.commit):
            self._refuse(404, "RevisionNotFound")
        else:
            siblings = [self._sibling(file, data, blobs) for file, data in repository.files.items()]
            about = {"id": name, "sha": repository.commit, "siblings": siblings, "gated": repository.gated}
            self._send(json.dumps({**about, **repository.about}).encode(), {"Content-Type": "application/json"})

    @staticmethod
    def _sibling(name: str, data: bytes, blobs: bool) -> dict[str, Any]:
        sibling: dict[str, Any] = {"rfilename": name}
        if blobs:
            sibling |= {"size": len(data), "blobId": hashlib.sha1(data).hexdigest()}
            if name.endswith((".safetensors", ".bin")):
                sibling["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return sibling

    def _resolve(self, parts: list[str]) -> None:
        at = parts.index("resolve")
        name, revision, file = "/".join(parts[:at]), parts[at + 1], "/".join(parts[at + 2 :])
        repository = self.server.repositories.get(name)
        if repository is None:
            self._refuse(401, "RepoNotFound")
        elif repository.gated or repository.hidden_gate:
            self._refuse(401 if repository.gated else 403, "GatedRepo")
        elif revision not in ("main", repository.commit):
            self._refuse(404, "RevisionNotFound")
        elif file not in repository.files:
            self._refuse(404, "EntryNotFound")
        else:
            data = repository.files[file]
            headers = {"X-Repo-Commit": repository.commit}
            if file.endswith(".safetensors"):
                headers["Location"] = f"http://localhost:{self.server.server_port}/cdn/{name}/{file}"
                headers |= {"X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"'}
                self._send(b"", headers, status=302)
            else:
                headers["ETag"] = f'"{hashlib.sha1(data).hexdigest()}"'
                self._send(self.server.swaps.get(file, data), headers)

    def _send_weights(self, parts: list[str]) -> None:
        hub, name = self.server, parts[-1]
        data = hub.swaps.get(name, hub.repositories["/".join(parts[:-1])].files[name])
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if self.command == "HEAD":
            return
        stop = start + hub.breaks.pop(0) if hub.breaks else len(data)
        for at in range(start, min(stop, len(data)), STEP):
            if hub.stall_at is not None and at >= hub.stall_at and not hub.gate.is_set():
                self.wfile.flush()
                hub.stalled.set()
                hub.gate.wait(PATIENCE_S)
            self.wfile.write(data[at : min(at + STEP, stop)])
        if stop < len(data):
            self.close_connection = True

    def _refuse(self, status: int, code: str) -> None:
        self._send(b'{"error": "no"}', {"X-Error-Code": code} if code else {}, status)

    def _send(self, body: bytes, headers: dict[str, str], status: int = 200) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
