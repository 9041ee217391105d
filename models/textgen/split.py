"""What of a text a model learns from, and what it is tested on."""

from models.errors import BadInput


def split(text: str) -> tuple[str, str]:
    """(training, held-out): the first 90 % and the last 10 %; nothing is held out of a text under 2000 characters.

    Raises BadInput for a text too short to learn from.
    """
    if len(text) < 100:
        raise BadInput(f"This text has {len(text)} characters. To learn from it, a network needs at least 100.")
    cut = len(text) * 9 // 10 if len(text) >= 2000 else len(text)
    return text[:cut], text[cut:]
