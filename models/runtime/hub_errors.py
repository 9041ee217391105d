"""What can go wrong with the Hugging Face hub, in words for visitors: the library's errors become ours."""

import os
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from models.errors import LimelightError, NotOnServer, WrongContent
from models.runtime import downloads


def endpoint() -> str:
    """The hub's address: HF_ENDPOINT as it is now, else the library's default."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def raise_for_visitor(error: Exception, name: str, cache: Path | None) -> NoReturn:
    """What the library raised, as one of our errors; what is none of the expected ones goes on as it is."""
    import httpx2
    from huggingface_hub import errors

    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    for link in chain:
        if isinstance(link, LimelightError):
            raise link
        if isinstance(link, errors.GatedRepoError):
            raise needs_account(name) from error
        if isinstance(link, errors.RepositoryNotFoundError):
            raise NotOnServer(f"The hub has no public model {name}. Check the name on huggingface.co.") from error
        if isinstance(link, errors.RevisionNotFoundError):
            raise NotOnServer(f"The hub has {name}, but not the version asked for. Choose another model.") from error
        if isinstance(link, errors.HfHubHTTPError):
            status = link.response.status_code
            if status in (401, 403):
                raise needs_account(name) from error
            raise NotOnServer(
                f"The hub answered with status {status} when asked for {name}. Try again later, or choose another."
            ) from error
        if isinstance(link, (httpx2.TransportError, errors.OfflineModeIsEnabled)):
            raise downloads.offline(host(), name) from error
        if isinstance(link, errors.FileMetadataError):
            raise no_hub(name) from error
        if isinstance(link, OSError) and cache is not None and (full := downloads.unwritable(name, cache, link)):
            raise full from error
        if isinstance(link, OSError) and "Consistency check failed" in str(link):
            raise wrong_content(name, "a file") from error
    if cache is None and isinstance(error, (ValueError, TypeError, LookupError)):
        raise no_hub(name) from error  # a page of a hotel's Wi-Fi instead of the hub's answer
    raise error


def host() -> str:
    """The hub's, for a message."""
    return urlsplit(endpoint()).hostname or endpoint()


def needs_account(name: str) -> NotOnServer:
    """The model is gated: given to known people only."""
    return NotOnServer(
        f"{name} is given only to people with an account on the hub who accepted its terms. Limelight asks nobody for "
        "one: choose another model."
    )


def no_hub(name: str) -> NotOnServer:
    """Something else answers at the hub's address."""
    return NotOnServer(
        f"What answers at {host()} when asked for {name} is not the Hugging Face hub. On a Wi-Fi with a sign-in page, "
        "sign in first; then try again."
    )


def wrong_content(name: str, filename: str) -> WrongContent:
    """A file's size or SHA-256 is not the announced one."""
    return WrongContent(
        f"What arrived as {filename} of {name} differs from what the hub announced, and was deleted. Try again, or "
        "choose another model."
    )
