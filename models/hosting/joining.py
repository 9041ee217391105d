"""The address by which others join, and its QR code."""

import io
import ipaddress
import re
import socket
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit

import segno

LONGEST_QR = 600  # characters that phones still read off a projector
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?")


def origin(url: str) -> str | None:
    """scheme://host[:port] of an address, None if it has none that can be shown. Path and query are left away: they
    are whatever a browser sent."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not (HOST.fullmatch(host) or _is_ip(host)):
        return None
    shown = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != default else "")


def is_local(address: str) -> bool:
    """Whether an address, as `origin` gives it, only works on this machine itself."""
    host = urlsplit(address).hostname or ""
    return (
        host == "localhost" or host.endswith(".localhost") or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)
    )


def network_address() -> str | None:
    """This machine's address for others; None without a network. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # any address outside: this one belongs to nobody (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return None


def base_path(setting: str) -> str:
    """The path that a server has all its pages below, as addresses hold it: "/demo/room" of "demo/room/", or ""."""
    path = setting.strip("/")
    return f"/{path}" if path else ""


def join_address(*, public: str, used: str, serves_all: bool, port: int, https: bool, path: str = "") -> str | None:
    """The address to show: the host's own setting, else the one that this visitor used, else this machine's on its
    network; None where the server cannot be reached from elsewhere. It holds `path`, as `base_path` gives it, unless
    the host's setting has a path of its own."""
    if public:
        public = public.rstrip("/")
        return public if urlsplit(public).path else public + path
    if (known := origin(used)) is not None and not is_local(known):
        return known + path
    if serves_all and (host := network_address()) is not None and not ipaddress.ip_address(host).is_loopback:
        scheme = "https" if https else "http"
        return f"{origin(f'{scheme}://{host}:{port}')}{path}"
    return None


def short(address: str) -> str:
    """As one reads it out: without the scheme where browsers add the right one."""
    return address.removeprefix("https://")


def deep_link(base: str, page: str, settings: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> str:
    """The address of a page below `base` with its settings, each perhaps with several values, and texts."""
    query = urlencode({**settings, **texts}, doseq=True)
    return f"{base.rstrip('/')}/{page}" + (f"?{query}" if query else "")


def qr_svg(text: str) -> str:
    """Its QR code as SVG, dark on white with the quiet zone that readers need, as wide as its place. Raises ValueError
    for more than fits (about 2,900 letters)."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=4, dark="#10130c", light="#ffffff", xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
        return True
    except ValueError:
        return False
