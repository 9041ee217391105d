"""The view "Attention": what each token looks at, causal against masked, and a blank that both models fill."""

import html
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from components import charts, layout, loading
from components.remembered import remembered_one
from components.sharing import setting, text_of_address
from components.textgen.attention import attention_map, attention_view, spoken, visible
from components.textgen.choice import WritingChoice
from models.textgen.gpt import GPT
from models.textgen.masked import MaskedLM

MAX_TOKENS = 48
LONGEST_SENTENCE = 2000  # characters that the box takes; of these, as many are shown as fit into MAX_TOKENS
GUESSES = 6
MEAN = 0  # as a head: the mean over all of a layer

SENTENCE = "MENENIUS:\nI pray you, sir, what is the matter here?"
BLANK = 9  # its token " what": the masked model finds it, the causal one does not

_SENTENCE, _BLANK = "looking/sentence", "looking/blank"


@dataclass(frozen=True)
class NamedHead:
    """A head worth seeing: layer and head from 1, what it looks at, and the share of its attention that goes there."""

    layer: int
    head: int
    looks_at: str
    share: float


# Found by measuring, for every head, how much of its attention goes to each such place: means over the fifth and later
# tokens of 60 speeches of the validation text, each cut to MAX_TOKENS. No head of the GPT stays on its token (22 % at
# most, layer 1, head 4) or finds earlier equal ones (9 %): it has no "induction heads" (Olsson et al. 2022).
GPT_HEADS = {
    "The line's beginning": NamedHead(5, 1, "the last line break", 0.79),
    "One token back": NamedHead(4, 6, "the token before", 0.57),
    "Who speaks": NamedHead(3, 3, "the speaker's name and its colon", 0.49),
    "Punctuation": NamedHead(3, 2, "earlier punctuation marks", 0.54),
}
MASKED_HEADS = {
    "One token ahead": NamedHead(2, 3, "the token after", 0.79),
    "One token back": NamedHead(2, 5, "the token before", 0.68),
    "Line breaks": NamedHead(3, 2, "line breaks on both sides", 0.59),
}


@dataclass(frozen=True)
class Sentence:
    """A sentence as both models see it: token ids and pieces (T), attention float32 (layers, heads, T, T) of each."""

    tokens: Sequence[int]
    pieces: Sequence[str]
    causal: np.ndarray
    masked: np.ndarray


@dataclass(frozen=True)
class Guesses:
    """What could stand at the blank, (piece, probability), best first and all there are; and what stood there."""

    best: Sequence[tuple[str, float]]
    truth: str

    @property
    def rank(self) -> int:
        """The place of the truth, from 0. Parts of characters look alike: then that of the best of them."""
        return [piece for piece, _ in self.best].index(self.truth)

    @property
    def probability(self) -> float:
        """What the truth was given."""
        return self.best[self.rank][1]


def show(choice: WritingChoice) -> None:
    """Sentence, the tokens to point at, two heat maps, the blank."""

    @st.fragment
    def view() -> None:
        gpt, masked = loading.model("shakespeare-gpt"), loading.model("shakespeare-masked")
        if gpt is None or masked is None:
            return
        text = _sentence(choice.prompt)
        shown = cut(text, gpt)
        if not shown:
            st.info("Write a sentence above: here you will see what each of its tokens looks at.")
            return
        if len(shown) < len(text):
            end = layout.plain(shown[-20:].replace("\n", " "))
            st.caption(f"This text is longer: its first {MAX_TOKENS} tokens are shown, up to “…{end}”.")
        sentence = _looked_at(shown, gpt, masked)
        if any("\ufffd" in piece for piece in sentence.pieces):
            st.caption("� is a part of a character: what is rare in Shakespeare's plays is cut into bytes.")
        _pointing(sentence)
        st.divider()
        _side_by_side(sentence)
        st.divider()
        _fill_the_blank(sentence, gpt, masked)

    view()


def cut(text: str, gpt: GPT) -> str:
    """The longest beginning of a text that bisection finds to have no more than MAX_TOKENS tokens."""
    ends = range(min(len(text), LONGEST_SENTENCE) + 1)
    return text[: bisect_right(ends, MAX_TOKENS, key=lambda end: len(gpt.encode(text[:end]))) - 1]


def _sentence(prompt: str) -> str:
    text_of_address(_SENTENCE, SENTENCE)
    text = st.text_area(
        "The sentence they read",
        key=_SENTENCE,
        persist_state="session",
        height=96,
        max_chars=LONGEST_SENTENCE,
        placeholder="Write a sentence.",
    )
    with st.container(horizontal=True):
        st.button(
            "Take the prompt",
            key="looking/take",
            help="The beginning that the models continue in “Write”.",
            icon=":material/input:",
            disabled=not prompt,
            on_click=_take,
            args=(prompt[:LONGEST_SENTENCE],),
        )
        st.button("Ours again", key="looking/ours", type="tertiary", on_click=_take, args=(SENTENCE,))
    return text or ""


def _take(sentence: str) -> None:
    st.session_state[_SENTENCE] = sentence
    st.session_state[_BLANK] = None


def _looked_at(text: str, gpt: GPT, masked: MaskedLM) -> Sentence:
    """Of the last sentence alone; kept for the visitor's next choice of layer and head."""

    def attentions() -> Sentence:
        pieces, causal = gpt.attention(text)
        tokens = gpt.encode(text)
        return Sentence(tokens, pieces, causal, masked.attention(tokens))

    return remembered_one("looking/weights", text, attentions)


def _pointing(sentence: Sentence) -> None:
    st.header("Point at a token: what does it look at?", anchor=False)
    layer, head = _choose_head("gpt", GPT_HEADS, sentence.causal)
    attention_view(sentence.pieces, _of(sentence.causal, layer, head), key="looking/view", causal=True)


def _side_by_side(sentence: Sentence) -> None:
    st.header("Causal against masked", anchor=False)
    st.markdown(
        "The same sentence in two networks, a row for each token. **Causal** (the GPT) looks back only: it learns to "
        "write what comes later, so it must not see it. **Masked** looks both ways: it learns to fill blanks."
    )
    left, right = st.columns(2, gap="large", vertical_alignment="bottom")
    with left:
        layer, head = st.session_state["looking/gpt/layer"], st.session_state["looking/gpt/head"]
        st.caption("The layer and head chosen above. The blank half is what it may not see.")
        figure = attention_map(
            sentence.pieces, _of(sentence.causal, layer, head), f"Causal: {_name(layer, head)}", causal=True
        )
        charts.show(figure, "looking/causal")
    with right:
        layer, head = _choose_head("masked", MASKED_HEADS, sentence.masked)
        figure = attention_map(
            sentence.pieces, _of(sentence.masked, layer, head), f"Masked: {_name(layer, head)}", causal=False
        )
        charts.show(figure, "looking/masked")


def _choose_head(model: str, named: dict[str, NamedHead], weights: np.ndarray) -> tuple[int, int]:
    """Layer and head, from 1; head MEAN is the mean over all of the layer. `model` tells the controls apart."""
    layer_key, head_key, named_key = f"looking/{model}/layer", f"looking/{model}/head", f"looking/{model}/named"
    first = next(iter(named.values()))
    chosen = st.session_state.get(layer_key, first.layer), st.session_state.get(head_key, first.head)
    # the pill follows layer and head, whoever set them
    st.session_state[named_key] = next((n for n, at in named.items() if (at.layer, at.head) == chosen), None)

    def jump() -> None:
        if (name := st.session_state[named_key]) is not None:
            st.session_state[layer_key], st.session_state[head_key] = named[name].layer, named[name].head

    name = st.pills("Heads worth a look", list(named), key=named_key, on_change=jump)
    layers, heads = weights.shape[:2]
    with st.container(horizontal=True):
        layer = st.segmented_control(
            "Layer", range(1, layers + 1), default=first.layer, required=True, **setting(layer_key)
        )
        head = st.segmented_control(
            "Head",
            range(MEAN, heads + 1),
            default=first.head,
            format_func=lambda head: "Mean" if head == MEAN else str(head),
            required=True,
            **setting(head_key),
        )
    if name is not None:
        at = named[name]
        st.caption(f"In speeches it had not read, {at.share:.0%} of this head's attention goes to {at.looks_at}.")
    else:
        st.caption("Nobody told this head what to look for. Point at some tokens and guess.")
    return int(layer or 1), int(head or 0)  # required, so never None


def _of(weights: np.ndarray, layer: int, head: int) -> np.ndarray:
    return weights[layer - 1].mean(0) if head == MEAN else weights[layer - 1, head - 1]


def _name(layer: int, head: int) -> str:
    return f"layer {layer}, {'mean of all heads' if head == MEAN else f'head {head}'}"


def _fill_the_blank(sentence: Sentence, gpt: GPT, masked: MaskedLM) -> None:
    st.header("Fill the blank", anchor=False)
    blank = _choose_blank(sentence)
    before, after = ("".join(gpt.texts(part)) for part in (sentence.tokens[:blank], sentence.tokens[blank + 1 :]))
    gap = '<b style="padding:0 .5em;border-bottom:3px solid var(--limelight,#7ac70c)" aria-label="the blank">?</b>'
    st.html(
        '<p dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;font-size:1.15rem">'
        f"{html.escape(before)} {gap} {html.escape(after)}</p>"
    )
    probs = gpt.read(sentence.tokens[:blank]).probs()
    order = np.argsort(-probs, kind="stable")
    from_left = Guesses([(gpt.pieces[token], float(probs[token])) for token in order], sentence.pieces[blank])
    from_both = Guesses(masked.guess(sentence.tokens, blank, len(masked.pieces)), sentence.pieces[blank])
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Causal: the GPT, from the left side**")
        _bars(from_left)
    with right:
        st.markdown("**Masked: from both sides**")
        _bars(from_both)
    st.markdown(_what_one_sees(from_left, from_both, spoken(after) if after.strip() else ""))


def _choose_blank(sentence: Sentence) -> int:
    count = len(sentence.tokens)
    default = BLANK if "".join(sentence.pieces) == SENTENCE else count // 2
    if st.session_state.get(_BLANK) not in range(count):
        st.session_state[_BLANK] = default
    seen: dict[str, int] = {}
    labels = []
    for piece in sentence.pieces:
        label = visible(piece)
        seen[label] = seen.get(label, 0) + 1
        # Streamlit tells options apart by their labels, and a token may come twice
        labels.append(layout.plain(label) + "\u200b" * (seen[label] - 1))
    chosen = st.pills(
        "Which token shall be hidden?",
        range(count),
        format_func=labels.__getitem__,
        key=_BLANK,
        required=True,
        persist_state="session",
    )
    return default if chosen is None else chosen


def _bars(guesses: Guesses) -> None:
    """The best guesses as bars, the true token marked; below them if it is not among them."""
    shown = sorted({*range(min(GUESSES, len(guesses.best))), guesses.rank})
    bars = "".join(_bar(rank, *guesses.best[rank], true=rank == guesses.rank) for rank in shown)
    st.html(f'<div class="bars">{bars}</div>')


def _bar(rank: int, piece: str, probability: float, *, true: bool) -> str:
    place = f" <small>in place {rank + 1}</small>" if rank >= GUESSES else ""
    mark = f" ✓{place}" if true else ""
    label = f"<bdi>{html.escape(visible(piece))}</bdi>{mark}"
    return layout.bar(label, probability, f"{probability:.1%}", weak=not true)


def _what_one_sees(left: Guesses, both: Guesses, after: str) -> str:
    word = f"“{layout.plain(spoken(left.truth))}”"
    numbers = f"It gives {word} {both.probability:.0%}, the causal one {left.probability:.0%}."
    if not after:
        return f"Nothing comes after the blank: the masked model sees no more than the causal one. {numbers}"
    saw = f"the masked model also sees “{layout.plain(after)}” after the blank"
    if both.rank == left.rank == 0:
        return f"Both find {word}: what comes before says enough, though {saw}. {numbers}"
    if both.rank == 0:
        return f"Only one finds {word}: {saw}. {numbers}"
    if left.rank == 0:
        return f"Here looking back is enough, and more misleads: {saw}, and prefers something else. {numbers}"
    return f"Neither puts {word} first; {saw}. {numbers}"
