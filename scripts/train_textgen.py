"""Make the models in assets/textgen again, from a text file, on a GPU or on the CPU:

    .venv/bin/python -m scripts.train_textgen tinyshakespeare.txt

The first 90 % of the text are learnt, the last 10 % measured. On an H200 all takes five minutes, on two CPU cores
about two hours (batches are a quarter as large there). `--only` makes one part; the card is written from all parts.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from models.runtime.training import TrainingStep
from models.textgen.char_rnn import CharRNN
from models.textgen.copied import CopyIndex
from models.textgen.files import read_npz, write_lstm, write_npz
from models.textgen.gpt import GPT
from models.textgen.language_model import LanguageModel
from models.textgen.masked import MaskedLM
from models.textgen.ngram import NGram
from models.textgen.split import split

FOLDER = Path(__file__).parent.parent / "assets" / "textgen"
CHARACTER_ORDER, WORD_ORDER = 8, 4
GPT_SHAPE = {"width": 192, "layers": 6, "heads": 6, "window": 256}
MASKED_SHAPE = {"width": 160, "layers": 4, "heads": 5}

Figures = dict[str, Any]


def say(step: TrainingStep) -> None:
    """A line every hundred steps."""
    if step.step % 100 == 0 or step.sample is not None:
        print(
            f"step {step.step:5}  {step.seconds:6.0f} s  loss {step.loss:.3f}  validation {step.validation}", flush=True
        )


def measured(model: LanguageModel, text: str) -> Figures:
    """Bits per character on both parts of the text; on as much of the first as there is of the second."""
    training, held_out = split(text)
    bits = {"validation": model.bits_per_char(held_out), "training": model.bits_per_char(training[: len(held_out)])}
    return {f"{part}_bits_per_char": round(figure, 4) for part, figure in bits.items()}


def ngram(text: str, folder: Path, device: str) -> Figures:
    model = NGram.fit(split(text)[0], "characters", CHARACTER_ORDER, "Letter n-gram")
    write_npz(model.state(), folder / "ngram.npz")
    return {"order": CHARACTER_ORDER, **measured(NGram.from_state(*read_npz(folder / "ngram.npz")), text)}


def words(text: str, folder: Path, device: str) -> Figures:
    model = NGram.fit(split(text)[0], "words", WORD_ORDER, "Word n-gram")
    write_npz(model.state(), folder / "words.npz")
    return {"order": WORD_ORDER, **measured(NGram.from_state(*read_npz(folder / "words.npz")), text)}


def copied(text: str, folder: Path, device: str) -> Figures:
    write_npz(CopyIndex.from_text(split(text)[0]).state(), folder / "copied.npz")
    return {}


def lstm(text: str, folder: Path, device: str) -> Figures:
    recipe = {
        "steps": 8000,
        "batch": 64 if device == "cuda" else 16,
        "sequence": 128,
        "hidden": 512,
        "dropout": 0.5,
        "learning_rate": 3e-3,
    }
    model = CharRNN.fit(text, name="LSTM", device=device, sample_every=1000, on_step=say, **recipe)
    write_lstm(model, folder / "lstm.safetensors")
    return {**recipe, "weights": sum(p.numel() for p in model.network.parameters()), **measured(model, text)}


def gpt(text: str, folder: Path, device: str) -> Figures:
    recipe = {
        "steps": 2400,
        "batch": 64 if device == "cuda" else 16,
        "sequence": 256,
        "dropout": 0.2,
        "learning_rate": 1e-3,
        "readings": 12,
        "vocabulary": 1024,
    }
    model = GPT.fit(text, name="GPT", shape=GPT_SHAPE, device=device, sample_every=400, on_step=say, **recipe)
    model.save(folder / "gpt")
    return {**GPT_SHAPE, **recipe, "weights": model.network.num_parameters(), **measured(model, text)}


def masked(text: str, folder: Path, device: str) -> Figures:
    recipe = {"steps": 5000, "batch": 128 if device == "cuda" else 32, "sequence": 128, "learning_rate": 1e-3}
    tokenizer = GPT.load(folder / "gpt", "GPT").tokenizer
    model = MaskedLM.fit(text, tokenizer, shape=MASKED_SHAPE, device=device, on_step=say, **recipe)
    model.save(folder / "masked")
    right, bits = model.accuracy(split(text)[1])
    about = {"validation_accuracy": round(right, 4), "validation_bits_per_hidden_token": round(bits, 4)}
    return {**MASKED_SHAPE, **recipe, "weights": model.network.num_parameters(), **about}


PARTS: dict[str, Callable[[str, Path, str], Figures]] = {
    part.__name__: part for part in (ngram, words, copied, lstm, gpt, masked)
}


def write_card(folder: Path) -> None:
    """README.md, from the figures of the parts."""
    card = (Path(__file__).with_name("textgen_card.md")).read_text(encoding="utf-8")
    rows = ["| part | made by | figures | seconds, on |", "|---|---|---|---|"]
    parts = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    for part in PARTS:
        figures = parts[part]
        results = {key: value for key, value in figures.items() if key.startswith(("validation", "training"))}
        recipe = {key: value for key, value in figures.items() if key not in {*results, "seconds", "device"}}
        rows.append(f"| {part} | {listed(recipe)} | {listed(results)} | {figures['seconds']}, {figures['device']} |")
    (folder / "README.md").write_text(card.replace("<!-- figures -->", "\n".join(rows)), encoding="utf-8")


def listed(figures: Figures) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items()) or "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, help="a text file in UTF-8; the bundled models: tinyshakespeare")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), help="in this order; masked needs gpt")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)  # the server's setting is for many visitors
    text = options.text.read_text(encoding="utf-8")
    options.folder.mkdir(parents=True, exist_ok=True)
    device = torch.cuda.get_device_name() if options.device == "cuda" else f"{torch.get_num_threads()} CPU threads"
    for part in options.only:
        began = time.monotonic()
        figures = PARTS[part](text, options.folder, options.device)
        figures |= {"seconds": round(time.monotonic() - began), "device": device}
        print(part, json.dumps(figures), flush=True)
        path = options.folder / "figures.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.write_text(json.dumps(known | {part: figures}, indent=1) + "\n", encoding="utf-8")
    if (options.folder / "figures.json").exists() and set(PARTS) <= set(json.loads(path.read_text(encoding="utf-8"))):
        write_card(options.folder)


if __name__ == "__main__":
    main()
