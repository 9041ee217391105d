"""Certificates for `make run-https`: the host's own, checked, or one of our own making (package trustme).

`python -m models.hosting.certificates NAME …` prints the files as JSON, or ends with one line that says what is wrong.
"""

import json
import os
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

from models.errors import BadSettings
from models.runtime.folders import state_folder
from models.settings import settings

DAYS = 365
RENEW_DAYS = 14  # before its end


def own_making(folder: Path, names: list[str]) -> dict[str, str]:
    """Files {"cert", "key", "ca"} of a certificate for these names, kept in `folder` and made anew when it ends soon or
    lacks a name. The authority that signs it is made for it and forgotten: nobody can sign another one."""
    cert, key, ca = (folder / name for name in ("limelight.pem", "limelight.key", "limelight-ca.pem"))
    if not (key.exists() and ca.exists() and _still_good(cert, names)):
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA(organization_name="Limelight, of this machine's own making")
        made = authority.issue_cert(*names, not_after=datetime.now(UTC) + timedelta(days=DAYS))
        _write(key, made.private_key_pem.bytes(), 0o600)
        _write(cert, b"".join(blob.bytes() for blob in made.cert_chain_pems), 0o644)
        _write(ca, authority.cert_pem.bytes(), 0o644)
    return {"cert": str(cert), "key": str(key), "ca": str(ca)}


def given(cert: Path | None, key: Path | None) -> dict[str, str]:
    """Files {"cert", "key"} of the host's own. Raises BadSettings for what no browser would get a page from."""
    if cert is None or key is None:
        raise BadSettings("LIMELIGHT_CERT_FILE and LIMELIGHT_KEY_FILE belong together: name both, or neither.")
    for name, file in (("LIMELIGHT_CERT_FILE", cert), ("LIMELIGHT_KEY_FILE", key)):
        if not file.is_file():
            raise BadSettings(f"{name}: there is no file {file}.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key, password=lambda: "")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise BadSettings(f"LIMELIGHT_CERT_FILE and LIMELIGHT_KEY_FILE do not go together ({error}).") from error
    ends = x509.load_pem_x509_certificate(cert.read_bytes()).not_valid_after_utc
    if ends < datetime.now(UTC):
        raise BadSettings(f"LIMELIGHT_CERT_FILE: the certificate ended on {ends:%Y-%m-%d}. Get a new one.")
    return {"cert": str(cert), "key": str(key)}


def _still_good(file: Path, names: list[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    has = {str(name.value) for name in known}
    return set(names) <= has and certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEW_DAYS)


def _write(file: Path, data: bytes, mode: int) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(data)


def main(names: list[str]) -> None:
    """See the module."""
    try:
        own = settings().cert_file, settings().key_file
        files = given(*own) if any(own) else own_making(state_folder() / "https", names)
    except (BadSettings, OSError) as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(files) + "\n")


if __name__ == "__main__":
    main(list(dict.fromkeys(sys.argv[1:])))
