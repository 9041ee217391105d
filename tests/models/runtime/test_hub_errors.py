"""What a visitor reads when the hub refuses, is not there, or is not the hub."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.errors import LimelightError, NotOnServer, Offline
from models.runtime.hub_errors import endpoint, raise_for_visitor
from models.runtime.hub_files import HubRepository, describe
from tests.models.runtime.local_hub import LocalHub, local_hub

NAME = "someone/tiny"
Ask = Callable[[], object]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with local_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        hub.add(NAME, {"config.json": b"{}", "model.safetensors": b"weights"})
        yield hub


@pytest.fixture(params=["describe", "fetch"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    """Both ways to meet the hub."""
    return (lambda: describe(NAME)) if request.param == "describe" else (lambda: HubRepository(NAME).fetch(tmp_path))


def test_a_model_that_is_not_there_is_said(hub: LocalHub, ask: Ask) -> None:
    hub.repositories.clear()
    with pytest.raises(NotOnServer, match="no public model someone/tiny"):
        ask()


def test_a_version_that_is_not_there_is_said(hub: LocalHub, tmp_path: Path) -> None:
    with pytest.raises(NotOnServer, match="not the version asked for"):
        HubRepository(NAME, "v9").fetch(tmp_path)


def test_a_model_behind_an_account_is_said_before_the_download(hub: LocalHub, ask: Ask) -> None:
    hub.repositories[NAME].gated = "manual"
    with pytest.raises(NotOnServer, match="account"):
        ask()
    assert hub.asked("HEAD") == []


def test_a_model_whose_files_are_refused_needs_an_account(hub: LocalHub, tmp_path: Path) -> None:
    hub.repositories[NAME].hidden_gate = True
    with pytest.raises(NotOnServer, match="account"):
        HubRepository(NAME).fetch(tmp_path)


@pytest.mark.parametrize(("status", "says"), [(401, "account"), (403, "account"), (500, "status 500"), (429, "429")])
def test_an_error_status_is_not_on_server(hub: LocalHub, ask: Ask, status: int, says: str) -> None:
    hub.status = status
    with pytest.raises(NotOnServer, match=says):
        ask()


def test_a_closed_port_is_offline(hub: LocalHub, ask: Ask) -> None:
    hub.shutdown()
    hub.server_close()
    with pytest.raises(Offline, match=r"127\.0\.0\.1 does not answer, so someone/tiny .* check the connection"):
        ask()


def test_a_hub_that_says_nothing_is_offline(hub: LocalHub, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.runtime.hub_files.ASK_S", 0.3)
    hub.silent = True
    with pytest.raises(Offline):
        ask()


def test_the_librarys_offline_switch_is_offline(hub: LocalHub, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(Offline):
        ask()
    assert hub.requests == []


@pytest.mark.parametrize("about", [{"sha": None}, {"sha": "../../x"}, {"siblings": [{"size": 1}]}])
def test_something_else_at_the_hubs_address_is_said(hub: LocalHub, ask: Ask, about: dict[str, object]) -> None:
    hub.repositories[NAME].about |= about
    with pytest.raises(NotOnServer, match="not the Hugging Face hub"):
        ask()


def test_a_sign_in_page_is_not_the_hub(hub: LocalHub, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("json.dumps", lambda _: "<html>Sign in</html>")
    with pytest.raises(NotOnServer, match="sign in first"):
        ask()


def test_a_bug_stays_a_bug() -> None:
    error = ZeroDivisionError("ours")
    with pytest.raises(ZeroDivisionError) as raised:
        raise_for_visitor(error, NAME, None)
    assert raised.value is error and not isinstance(raised.value, LimelightError)


def test_the_address_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9/")
    assert endpoint() == "http://127.0.0.1:9"
    monkeypatch.delenv("HF_ENDPOINT")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "https://hub.example")
    assert endpoint() == "https://hub.example"
