"""Serves Limelight: sees that the port is free, makes .venv ready, says the addresses and becomes Streamlit.

The port is checked first: nobody waits through an install to learn that it is busy.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import socket
import subprocess

from host import stop
from setup import ROOT, VENV_PYTHON, prepare

BASE_PATH = "STREAMLIT_SERVER_BASE_URL_PATH"  # Streamlit's own setting: a path that a proxy serves it under


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


def network_address() -> str | None:
    """This machine's address for others; None without a network. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # any address outside: this one belongs to nobody (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return None


def greeting(address: str, port: int, https: bool = False, path: str = "") -> str:
    scheme, path = "https" if https else "http", path.strip("/")
    end = f":{port}/{path}" if path else f":{port}"
    if address:
        return f"Limelight: {scheme}://{address}{end}"
    outside = network_address()
    hint = "" if https else " (camera needs HTTPS there: make run-https)"
    there = f"{scheme}://{outside}{end}{hint}" if outside else "none found"
    return f"Limelight: {scheme}://localhost{end}  on your network: {there}"


def certificate(address: str) -> dict[str, str]:
    """The files of a certificate for this machine's names, made or checked by .venv's packages; else one line."""
    names = ["localhost", "127.0.0.1", socket.gethostname(), address or network_address() or ""]
    command = [str(VENV_PYTHON), "-m", "models.hosting.certificates", *filter(None, names)]
    made = subprocess.run(command, cwd=str(ROOT), capture_output=True, encoding="utf-8")
    if made.returncode:
        stop((made.stderr.strip().splitlines() or ["no certificate could be made"])[-1])
    return dict(json.loads(made.stdout))


OWN_MAKING = (
    "Each browser will say that this certificate is unknown to it. It is of our own making and good for this machine:\n"
    "  Chrome, Edge: Advanced, then “Continue to …”    Firefox: Advanced…, then “Accept the Risk and Continue”\n"
    "  Safari: Show Details, then “visit this website”\n"
    "Devices that install {ca} as a trusted authority are not asked."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", default="8501")
    parser.add_argument("--address", default="", help="serve on this address only; default: on all")
    parser.add_argument("--python", default="", help="the Python for .venv")
    parser.add_argument("--https", action="store_true", help="serve by HTTPS")
    options = parser.parse_args()
    port = parse_port(options.port)
    require_free(options.address, port)
    prepare(options.python)
    files = certificate(options.address) if options.https else {}
    print(greeting(options.address, port, options.https, os.environ.get(BASE_PATH, "")), flush=True)
    if "ca" in files:
        print(OWN_MAKING.format(ca=files["ca"]), flush=True)
    command = [str(VENV_PYTHON), "-m", "streamlit", "run", "server.py", f"--server.port={port}"]
    # Streamlit's own greeting asks an outside service for this machine's public address
    command += ["--server.headless=true", "--logger.hideWelcomeMessage=true"]
    if files:
        command += [f"--server.sslCertFile={files['cert']}", f"--server.sslKeyFile={files['key']}"]
    if options.address:
        command.append(f"--server.address={options.address}")
    # glibc keeps an arena of freed memory per thread that ever worked: two instead of sixteen, or visitors who come and
    # go leave tens of megabytes behind
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.chdir(str(ROOT))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
