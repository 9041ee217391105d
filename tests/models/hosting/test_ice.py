"""TURN credentials as coturn takes them."""

import base64
import hashlib
import hmac

import pytest

from models.hosting import ice
from models.settings import Settings


def test_a_password_is_the_one_that_the_server_computes_and_ends_by_itself() -> None:
    username, password = ice.credentials("secret", 3600, now=1_000_000)
    expires, _, who = username.partition(":")
    assert int(expires) == 1_003_600 and len(who) == 12
    assert base64.b64decode(password) == hmac.new(b"secret", username.encode(), hashlib.sha1).digest()
    assert ice.credentials("secret", 3600, now=1_000_000)[0] != username, "each session has its own"


def test_without_a_server_or_its_secret_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ice.shared_secret_servers(Settings()) == []
    monkeypatch.setenv("LIMELIGHT_TURN_URLS", '["turn:turn.example.org:3478"]')
    assert ice.shared_secret_servers(Settings()) == []
    monkeypatch.setenv("LIMELIGHT_TURN_SECRET", "s3cret")
    (server,) = ice.shared_secret_servers(Settings())
    assert server["urls"] == ["turn:turn.example.org:3478"] and set(server) == {"urls", "username", "credential"}
    assert "s3cret" not in str(server) and "s3cret" not in repr(Settings())
