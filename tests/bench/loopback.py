"""Keep ICE on 127.0.0.1. aioice leaves loopback out, and a bench must reach nothing outside this machine."""

import aioice.ice


def only_loopback() -> None:
    """Make every aioice connection of this process offer 127.0.0.1 and ignore any other remote address."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    add_remote_candidate = aioice.ice.Connection.add_remote_candidate

    async def add_loopback_candidate(self, candidate) -> None:
        if candidate is None or candidate.host == "127.0.0.1":
            await add_remote_candidate(self, candidate)

    aioice.ice.Connection.add_remote_candidate = add_loopback_candidate
