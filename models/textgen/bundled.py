"""The models in assets/textgen, which scripts/train_textgen.py made: what the catalogue's loaders are."""

from functools import cache
from pathlib import Path
from typing import TypeVar

from models.runtime.report import Report
from models.textgen.copied import CopyIndex
from models.textgen.language_model import LanguageModel

FOLDER = Path(__file__).parents[2] / "assets" / "textgen"

Model = TypeVar("Model", bound=LanguageModel)


def load_ngram(path: Path | None, report: Report) -> LanguageModel:
    """The letter n-gram, of orders up to 8."""
    return _counts("ngram.npz", report)


def load_words(path: Path | None, report: Report) -> LanguageModel:
    """The word n-gram, of orders up to 4."""
    return _counts("words.npz", report)


def load_lstm(path: Path | None, report: Report) -> LanguageModel:
    """The character LSTM."""
    from models.textgen.files import read_lstm

    report("Reading the weights", None)
    return _with_copies(read_lstm(FOLDER / "lstm.safetensors"))


def load_gpt(path: Path | None, report: Report) -> LanguageModel:
    """The small GPT."""
    from models.textgen.gpt import GPT

    report("Reading the weights", None)
    return _with_copies(GPT.load(FOLDER / "gpt", "GPT"))


def load_masked(path: Path | None, report: Report) -> object:
    """The model that fills blanks, a `MaskedLM`."""
    from models.textgen.masked import MaskedLM

    report("Reading the weights", None)
    return MaskedLM.load(FOLDER / "masked", FOLDER / "gpt" / "tokenizer.json", "Masked model")


def _counts(file: str, report: Report) -> LanguageModel:
    from models.textgen.files import read_npz
    from models.textgen.ngram import NGram

    report("Reading the counts", None)
    return _with_copies(NGram.from_state(*read_npz(FOLDER / file)))


def _with_copies(model: Model) -> Model:
    model.copied = _copied()
    return model


@cache
def _copied() -> CopyIndex:
    from models.textgen.files import read_npz

    return CopyIndex.from_state(*read_npz(FOLDER / "copied.npz"))
