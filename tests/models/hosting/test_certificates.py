"""Certificates for HTTPS: of our own making, or the host's, checked before anybody is served."""

import json
import socket
import ssl
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from models.errors import BadSettings
from models.hosting import certificates
from tests.bench import REPO

NAMES = ["localhost", "127.0.0.1", "room.example"]


def greets(files: dict[str, str], name: str) -> None:
    """A client that trusts our authority and wants that name shakes hands."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(files["cert"], files["key"])
    client = ssl.create_default_context(cafile=files["ca"])
    ours, theirs = socket.socketpair()
    threading.Thread(target=lambda: server.wrap_socket(ours, server_side=True), daemon=True).start()
    client.wrap_socket(theirs, server_hostname=name).close()


@pytest.mark.parametrize("name", NAMES)
def test_a_client_that_trusts_the_authority_accepts_each_name(tmp_path: Path, name: str) -> None:
    greets(certificates.own_making(tmp_path, NAMES), name)


def test_the_key_is_its_owners_and_a_good_certificate_is_kept(tmp_path: Path) -> None:
    files = certificates.own_making(tmp_path, NAMES)
    assert stat.S_IMODE(Path(files["key"]).stat().st_mode) == 0o600
    before = Path(files["cert"]).read_bytes()
    assert certificates.own_making(tmp_path, NAMES[:2]) == files and Path(files["cert"]).read_bytes() == before
    certificates.own_making(tmp_path, [*NAMES, "10.0.0.7"])
    assert Path(files["cert"]).read_bytes() != before, "a new address needs a new one"


def test_one_that_ends_soon_or_is_broken_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "DAYS", certificates.RENEW_DAYS - 1)
    files = certificates.own_making(tmp_path, NAMES)
    monkeypatch.undo()
    before = Path(files["cert"]).read_bytes()
    certificates.own_making(tmp_path, NAMES)
    assert Path(files["cert"]).read_bytes() != before
    Path(files["cert"]).write_text("garbage")
    greets(certificates.own_making(tmp_path, NAMES), "localhost")


def issued(folder: Path, name: str, days: int = 30) -> tuple[Path, Path]:
    made = trustme.CA().issue_cert(
        "localhost",
        not_before=datetime.now(UTC) - timedelta(days=60),
        not_after=datetime.now(UTC) + timedelta(days=days),
    )
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    made.cert_chain_pems[0].write_to_path(cert)
    made.private_key_pem.write_to_path(key)
    return cert, key


def test_the_hosts_own_is_used_as_it_is(tmp_path: Path) -> None:
    cert, key = issued(tmp_path, "own")
    assert certificates.given(cert, key) == {"cert": str(cert), "key": str(key)}


def test_what_no_browser_would_accept_is_refused_with_its_reason(tmp_path: Path) -> None:
    cert, key = issued(tmp_path, "one")
    other_key, old = issued(tmp_path, "two")[1], issued(tmp_path, "old", days=-1)
    for wrong, words in (
        ((cert, None), "belong together"),
        ((cert, tmp_path / "missing.key"), "there is no file"),
        ((cert, other_key), "do not go together"),
        ((key, cert), "do not go together"),
        (old, "ended on"),
    ):
        with pytest.raises(BadSettings, match=words):
            certificates.given(*wrong)


def test_the_program_prints_the_files_or_one_line(tmp_path: Path) -> None:
    def run(**more: str) -> subprocess.CompletedProcess[str]:
        environment = {"XDG_STATE_HOME": str(tmp_path), "PATH": "/usr/bin", "HOME": str(tmp_path)} | more
        command = [sys.executable, "-m", "models.hosting.certificates", *NAMES, "localhost"]
        return subprocess.run(command, cwd=REPO, env=environment, capture_output=True, text=True)

    files = json.loads(run().stdout)
    greets(files, "room.example")
    ended = run(LIMELIGHT_CERT_FILE="/nowhere.pem", LIMELIGHT_KEY_FILE="/nowhere.key")
    assert ended.returncode == 1 and "LIMELIGHT_CERT_FILE: there is no file" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
