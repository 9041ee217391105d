"""What models see of a text: characters, words or pieces between the two, each with its number."""

import html
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from components.sharing import setting, text_of_address
from components.textgen.attention import visible
from components.textgen.choice import WritingChoice
from models.textgen.language_model import LanguageModel
from models.textgen.ngram import NGram, words_of

TEXT = "Antidisestablishmentarianism 😀 isn't in Shakespeare, nor is 2026."
LONGEST = 2_000  # characters that are shown
PART = "\ufffd"  # stands in a piece for bytes that are no whole character
UNITS = {
    "characters": ("Characters", "the letter n-gram or the LSTM"),
    "words": ("Words", "the word n-gram"),
    "pieces": ("Pieces of words (BPE)", "the GPT"),
}


@dataclass(frozen=True)
class Token:
    """One token: what it stands for (PART for a part of a character), its id, and whether the model knows it."""

    piece: str
    id: int
    known: bool = True


def show(choice: WritingChoice) -> None:
    """A text of the visitor's, cut as the chosen models cut it."""
    text_of_address("tokens/text", TEXT)
    written = st.text_area("A text to cut", height=80, key="tokens/text", persist_state="session")
    ids = st.toggle("Show the numbers", True, **setting("tokens/ids"))
    text = written[:LONGEST]
    if len(written) > LONGEST:
        st.caption(f"Your text has {len(written):,} characters; the first {LONGEST:,} are cut.")
    rows = cuts(choice.models, text) if text else []
    for unit, titles, tokens in rows:
        st.html(row(f"{UNITS[unit][0]}: {', '.join(titles)}", text, tokens, ids=ids))
    if not text:
        st.caption("Write or paste a text to see it cut.")
    elif missing := [f"{UNITS[unit][1]} for {unit}" for unit in UNITS if unit not in {unit for unit, _, _ in rows}]:
        st.caption(f"Choose more models to see more ways to cut: {', '.join(missing)}.")


def visible_piece(piece: str) -> str:
    """A model's piece as one sees it: `visible`, and ▯ for a part of a character."""
    return visible(piece).replace(PART, "▯")


def readable(text: str) -> str:
    """A text as it is, but control characters and lone surrogates, which browsers do not show or take, as signs."""
    shown = (
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs") else visible(char) for char in text
    )
    return "".join(shown)


def unit_of(model: LanguageModel) -> str:
    """Which of UNITS the model's tokens are."""
    if isinstance(model, NGram):
        return model.unit
    from models.textgen.char_rnn import CharRNN  # brings torch, which counting needs not

    return "characters" if isinstance(model, CharRNN) else "pieces"


def cut(model: LanguageModel, text: str) -> list[Token]:
    """The text's tokens as the visitor wrote them, also where the model does not know them."""
    unit, pairs = unit_of(model), model.tokens_of(text)
    if unit == "pieces":
        return [Token(piece, number) for piece, number in pairs]
    pieces = list(text) if unit == "characters" else words_of(text)
    # what such a model does not know is token 0
    return [Token(piece, number, number != 0) for piece, (_, number) in zip(pieces, pairs, strict=True)]


def cuts(models: Mapping[str, LanguageModel], text: str) -> list[tuple[str, list[str], list[Token]]]:
    """(unit, titles, tokens) of each way to cut, from characters to pieces; models that cut and count alike share."""
    found: list[tuple[str, list[str], list[Token]]] = []
    for title, model in models.items():
        unit, tokens = unit_of(model), cut(model, text)
        same = next((titles for u, titles, others in found if u == unit and others == tokens), None)
        if same is None:
            found.append((unit, [title], tokens))
        else:
            same.append(title)
    return sorted(found, key=lambda way: list(UNITS).index(way[0]))


def row(title: str, text: str, tokens: Sequence[Token], *, ids: bool) -> str:
    """One way to cut, as HTML: how many tokens, and a chip for each."""
    unknown = sum(not token.known for token in tokens)
    count = f"{len(text):,} characters → {len(tokens):,} token{'s' * (len(tokens) != 1)}"
    if tokens:
        count += f", {len(text) / len(tokens):.1f} characters per token"
    if unknown:
        count += f"; {unknown:,} unknown to the model"
    chips = "".join(
        f'<span{"" if token.known else " class=unknown"} title="{_hint(token)}">'
        f"<b>{html.escape(visible_piece(token.piece))}</b>{f'<small>{token.id}</small>' * ids}</span>"
        for token in tokens
    )
    return (
        f'<h4 class="model">{html.escape(title)} <small>{count}</small></h4><div class="chips" dir="auto">{chips}</div>'
    )


def _hint(token: Token) -> str:
    return f"token {token.id}" if token.known else "unknown to the model: its token 0"
