"""The presenter's password: compared in a time that tells nothing, tried a few times a minute only."""

import hashlib
import hmac

from pydantic import SecretStr

from models.hosting.rates import Rates


def matches(tried: str, password: SecretStr) -> bool:
    """Whether it is the right one. Takes as long for any wrong one: digests of equal length are compared."""
    digests = (
        hashlib.sha256(word.encode("utf-8", "replace")).digest() for word in (tried, password.get_secret_value())
    )
    return hmac.compare_digest(*digests)


def attempt(tried: str, password: SecretStr, rates: Rates, session: str) -> bool | None:
    """One try of a session: right or wrong, or None when it came too soon after too many, and was not looked at."""
    if not rates.allow("password", session):
        return None
    answer = matches(tried, password)
    if not answer:
        rates.failed("password", session)
    return answer
