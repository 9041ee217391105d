"""The relay of deploy/turnserver.conf, as a real coturn runs it: it leads to the room's cameras and to nothing else."""

import asyncio
import ipaddress
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aioice import stun, turn

from models.hosting import ice
from tests.bench.server import free_port

FILE = Path(__file__).parent.parent / "deploy" / "turnserver.conf"
SECRET = "a secret for the test"

# Networks that are nobody's on the internet, or lead to IPv4 in other clothes (IANA's special-purpose registries)
NOT_PUBLIC = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4"),
    *("240.0.0.0/4", "::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23"),
    *("2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
)
PUBLIC = ("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.128.0.0", "172.32.0.0", "192.167.255.255", "223.255.255.255")
PUBLIC_V6 = ("2606:4700::1111", "2001:4860:4860::8888", "2a00::1")


def ends(networks: tuple[str, ...], version: int) -> list[str]:
    """The first and the last address of each, and one between."""
    found = [network for one in networks if (network := ipaddress.ip_network(one)).version == version]
    return [str(network[at]) for network in found for at in (0, network.num_addresses // 2, -1)]


class Relay:
    """A coturn with our file and what a test on loopback needs."""

    def __init__(self, folder: Path, address: str, *more: str) -> None:
        self.address, self.port, self.log = address, free_port(), folder / "log"
        text = FILE.read_text().replace("listening-port=3478", f"listening-port={self.port}")
        here = (f"listening-ip={address}", f"relay-ip={address}", "allocation-default-address-family=keep")
        lines = (*here, "no-tls", "no-dtls", "log-file=stdout", "cli-password=unused", *more, "")
        (folder / "turnserver.conf").write_text(text.replace("change-me", SECRET) + "\n".join(lines))
        self._folder = folder

    def __enter__(self) -> "Relay":
        command = ["turnserver", "-c", "turnserver.conf", "--pidfile", str(self._folder / "pid")]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT)
        for _ in range(100):
            try:
                socket.create_connection((self.address, self.port), 1).close()
                return self
            except OSError:
                assert self._process.poll() is None, self.log.read_text()[-2000:]
                time.sleep(0.1)
        raise AssertionError("coturn did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def answers(self, peers: list[str]) -> dict[str, int]:
        """For each address 0 where a visitor's camera may be relayed to it, or the code of the refusal."""
        return asyncio.run(self._answers(peers))

    async def _answers(self, peers: list[str]) -> dict[str, int]:
        username, password = ice.credentials(SECRET, 60)
        transport, _ = await turn.create_turn_endpoint(
            asyncio.DatagramProtocol, (self.address, self.port), username=username, password=password
        )
        codes = {}
        for number, peer in enumerate(peers):
            try:
                await transport._TurnTransport__inner_protocol.channel_bind(0x4000 + number, (peer, 9))
                codes[peer] = 0
            except stun.TransactionFailed as refused:
                codes[peer] = refused.response.error_code
        transport.close()
        return codes


@pytest.fixture
def relay(tmp_path: Path) -> Callable[..., Relay]:
    if shutil.which("turnserver") is None:
        pytest.skip("no coturn: install Debian's package to check its file")
    return lambda address, *more: Relay(tmp_path, address, *more)


def test_nothing_on_the_servers_own_network_is_relayed_to(relay: Callable[..., Relay]) -> None:
    with relay("127.0.0.1") as running:
        closed = running.answers(ends(NOT_PUBLIC, 4))
        opened = running.answers(list(PUBLIC))
    assert set(closed.values()) == {403}, closed
    assert set(opened.values()) == {0}, opened


def test_nor_by_ipv6(relay: Callable[..., Relay]) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with relay("::1") as running:
        closed = running.answers(ends(NOT_PUBLIC, 6))
        opened = running.answers(list(PUBLIC_V6))
    assert set(closed.values()) == {403}, closed
    assert set(opened.values()) == {0}, opened


def test_the_one_address_that_is_allowed_is_and_its_neighbours_are_not(relay: Callable[..., Relay]) -> None:
    (example,) = re.findall(r"^#allowed-peer-ip=(.+)$", FILE.read_text(), re.MULTILINE)
    neighbour = str(ipaddress.ip_address(example) + 1)
    with relay("127.0.0.1", f"allowed-peer-ip={example}") as running:
        assert running.answers([example, neighbour, "127.0.0.1"]) == {example: 0, neighbour: 403, "127.0.0.1": 403}


def test_every_denied_range_is_one() -> None:
    ranges = re.findall(r"^denied-peer-ip=(\S+?)-(\S+)$", FILE.read_text(), re.MULTILINE)
    assert len(ranges) == FILE.read_text().count("\ndenied-peer-ip=")
    for first, last in ranges:
        assert ipaddress.ip_address(first) < ipaddress.ip_address(last), first
