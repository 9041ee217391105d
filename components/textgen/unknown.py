"""What a model cannot read of a beginning, in a sentence: it has no token for it, so it reads a gap in its place."""

from components import layout
from models.textgen.language_model import LanguageModel

SHOWN = 12  # of the pieces that are unknown


def gaps(model: LanguageModel, prompt: str) -> str:
    """For Markdown, "" where the model knows all of the prompt. Words are said of models of words."""
    unknown = model.unknown(prompt)
    if not unknown:
        return ""
    what = "word" if any(len(piece) > 1 for piece in unknown) else "character"
    # isolated, or right-to-left ones would turn the sentence around
    named = " ".join(f"\u2068{layout.plain(piece)}\u2069" for piece in unknown[:SHOWN])
    named += f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    if not any(char.isalnum() and char not in "".join(unknown) for char in prompt):
        return f"Nothing of this beginning is used: the model has never seen the {what}s {named}."
    if len(unknown) == 1:
        return f"The model has never seen the {what} {named}, and reads a gap in its place."
    return f"The model has never seen the {what}s {named}, and reads a gap in place of each."
