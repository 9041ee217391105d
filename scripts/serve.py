"""Serves Limelight: sees that the port is free, makes .venv ready, says the addresses and becomes Streamlit.

The port is looked at first: nobody waits through an install to learn that it is busy.
"""

import argparse
import errno
import os
import socket
from typing import Optional

from host import stop
from setup import ROOT, VENV_PYTHON, prepare


def parse_port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        stop(f"PORT={text} is not a port: name one from 1 to 65535, for example make run PORT=8502")
    return int(text)


def require_free(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        # as the server will: a port that was just left counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = port % 65535 + 1
                stop(f"port {port} is busy: end what uses it, or take another: make run PORT={other}")
            where = f"{address or 'every address'}, port {port}"
            stop(f"cannot serve on {where} ({error.strerror}): choose another PORT or ADDRESS")


def network_address() -> Optional[str]:
    """This machine's address for others; None without a network. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # any address outside: this one belongs to nobody (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return None


def greeting(address: str, port: int) -> str:
    if address:
        return f"Limelight: http://{address}:{port}"
    outside = network_address()
    there = f"http://{outside}:{port} (camera needs HTTPS there)" if outside else "none found"
    return f"Limelight: http://localhost:{port}  on your network: {there}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", default="8501")
    parser.add_argument("--address", default="", help="serve on this address only; default: on all")
    parser.add_argument("--python", default="", help="the Python for .venv")
    options = parser.parse_args()
    port = parse_port(options.port)
    require_free(options.address, port)
    prepare(options.python)
    print(greeting(options.address, port), flush=True)
    command = [
        str(VENV_PYTHON),
        "-m",
        "streamlit",
        "run",
        "server.py",
        f"--server.port={port}",
        "--server.headless=true",
    ]
    # Streamlit's own greeting asks an outside service for this machine's public address
    command.append("--logger.hideWelcomeMessage=true")
    if options.address:
        command.append(f"--server.address={options.address}")
    # glibc keeps an arena of freed memory per thread that ever worked: two instead of sixteen, or visitors who come and
    # go leave tens of megabytes behind
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.chdir(str(ROOT))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
