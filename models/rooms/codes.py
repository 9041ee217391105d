"""Room codes: short, read out in a room, typed on a phone."""

import hashlib
import secrets

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without 0 and O, 1, I and L
LENGTH = 6  # 887 million: with ten guesses a minute nobody finds one


def new_code() -> str:
    """One that nobody can guess."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def tidied(typed: str) -> str:
    """As it was meant: capitals, without spaces, dashes and whatever else no code has."""
    return "".join(letter for letter in typed.upper() if letter in LETTERS)[: LENGTH + 1]


def hidden(browser_key: str) -> str:
    """What is kept of a browser's key: enough to know it again, not to pass for it."""
    return hashlib.sha256(f"room member {browser_key}".encode()).hexdigest()
