"""Credentials for a TURN server that shares a secret with us, as coturn's `use-auth-secret` takes them.

A username that ends at a time, and a password that only who knows the secret can make of it (TURN REST API,
draft-uberti-behave-turn-rest): a visitor gets both, and both are worthless some hours later.
"""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

from models.settings import Settings


def credentials(secret: str, seconds: float, now: float | None = None) -> tuple[str, str]:
    """(username, password) for `seconds` from now. The username names nobody."""
    expires = int((time.time() if now is None else now) + seconds)
    username = f"{expires}:{secrets.token_hex(6)}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def shared_secret_servers(given: Settings) -> list[dict[str, Any]]:
    """The TURN server of the settings as an RTCIceServer with fresh credentials; nothing without one."""
    if not given.turn_urls or given.turn_secret is None:
        return []
    username, password = credentials(given.turn_secret.get_secret_value(), 3600 * given.turn_hours)
    return [{"urls": list(given.turn_urls), "username": username, "credential": password}]
