"""The language models alone, without a server: bits per character, speed, size, and what fitting an n-gram takes.

Everything comes from the files in assets/textgen. Prints one JSON line per figure, with its limit where it has one.
Bits per character are those of the last 10 % of the text, which the models have not learnt. Speeds are medians of
`--rounds`; GPT and the transformers library's `generate()` take turns, so that whatever else the machine does hits
both.
"""

import argparse
import json
import lzma
import math
import statistics
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from components.textgen.choice import BEGINNINGS, DEFAULTS, LONGEST_PROMPT
from models.cache import ModelCache
from models.textgen import bundled
from models.textgen.language_model import LanguageModel
from models.textgen.ngram import MAX_ORDER, NGram
from models.textgen.sampling import Sampling
from models.textgen.split import split
from tests.bench import REPO
from tests.bench.classifier import take_turns
from tests.bench.figures import percentile, to_ms
from tests.bench.limits import judged, show

TEXT = REPO.parent / "shared" / "data" / "text" / "tinyshakespeare.txt"
PROMPT, TEMPERATURE = BEGINNINGS["Romeo"], 0.8
GPT_TOKENS = 200  # with the prompt they fit the GPT's window of 256: beyond it generate() goes on, where ours rereads
LSTM_CHARACTERS, NGRAM_TOKENS = 3000, 5000
FIT_CHARACTERS = 1_000_000
OUTPUT_CHARACTERS = 2000

LETTERS, WORDS, LSTM, GPT = (f"shakespeare-{short}" for short in ("ngram", "words", "lstm", "gpt"))  # catalogue names
CONTROLS = {LETTERS: "letters", WORDS: "words"}  # of the page, for the n-grams' orders

AT_MOST_BITS = {LETTERS: 2.75, WORDS: None, LSTM: 2.35, GPT: 2.25}
AT_MOST_BITS_BY_GPU = AT_MOST_BITS | {GPT: 2.12}
AT_LEAST_GENERATE = 1.2  # times as quick as generate()
AT_LEAST_LSTM, AT_LEAST_NGRAM = 2000, 20_000  # characters/s
AT_MOST_FIT_S, AT_MOST_FIT_MB = 5, 500
AT_MOST_ASSETS_MB = 15


def say(*arguments, **about) -> None:
    show(judged("textgen", *arguments, **about))


class Subject:
    """What is measured: the bundled models as the page loads them, by name, and the two parts of the text."""

    def __init__(self, text: str, rounds: int) -> None:
        cache = ModelCache(2_000_000_000)
        self.text, self.rounds = text, rounds
        self.training, self.validation = split(text)
        self.models: dict[str, LanguageModel] = {name: cache.get(name) for name in (LETTERS, WORDS, LSTM, GPT)}

    def write(self, model: LanguageModel, tokens: int, **settings: Any) -> str:
        return "".join(model.stream(PROMPT, tokens, Sampling(TEMPERATURE, **settings), seed=1))


def bits(subject: Subject) -> None:
    """Bits per character, n-grams at all orders; and how quickly a text is read, on one thread as on the page."""
    torch.set_num_threads(1)
    for name, model in subject.models.items():
        if name in CONTROLS:
            by_default = DEFAULTS[CONTROLS[name]]
            for order in range(1, model.order + 1):
                limit = AT_MOST_BITS[name] if order in (by_default, model.order) else None
                about = {"order": order, "page_default": order == by_default}
                _read(subject, name, model.at_order(order), limit, **about)
        else:
            device = json.loads((bundled.FOLDER / "figures.json").read_text())[name.rpartition("-")[2]]["device"]
            limits = AT_MOST_BITS if "CPU" in device else AT_MOST_BITS_BY_GPU
            _read(subject, name, model, limits[name], trained_on=device)


def _read(subject: Subject, name: str, model: LanguageModel, limit: float | None, **about: object) -> None:
    began = time.perf_counter()
    figure = model.bits_per_char(subject.validation)
    speed = len(subject.validation) / (time.perf_counter() - began)
    about = {"model": name} | about
    say("validation bits per character", figure, "bits", at_most=limit, **about)
    if about.get("page_default", True):
        say("reading a text for surprise", speed, "characters/s", **about, threads=1)


def references(subject: Subject) -> None:
    """What others need for the same text: its own letter frequencies, and compressors."""
    text = subject.validation
    about = {"model": "its own letter frequencies"}
    say("validation bits per character", frequency_bits(text), "bits", **about)
    extreme = 9 | lzma.PRESET_EXTREME
    packers = {"zlib -9": partial(zlib.compress, level=9), "lzma -9e": partial(lzma.compress, preset=extreme)}
    for name, pack in packers.items():
        alone = len(pack(text.encode()))
        after = len(pack(subject.text.encode())) - len(pack(subject.training.encode()))
        for how, size in (("alone", alone), ("after the training text", after)):
            say("validation bits per character", 8 * size / len(text), "bits", model=name, read=how)


def frequency_bits(text: str) -> float:
    """Entropy of a text's characters taken one by one, in bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def gpt_speed(subject: Subject) -> None:
    """Ours beside plain generate(): same weights, prompt, number of tokens and sampling. Ours tokenizes and decodes."""
    model = subject.models[GPT]
    prompt = torch.tensor([model.encode(PROMPT)])
    settings = {"do_sample": True, "temperature": TEMPERATURE, "top_k": 0, "use_cache": True}
    settings |= {"max_new_tokens": GPT_TOKENS, "min_new_tokens": GPT_TOKENS}

    def ours() -> None:
        pieces = list(model.stream(PROMPT, GPT_TOKENS, Sampling(TEMPERATURE)))
        assert len(pieces) == GPT_TOKENS

    def generate() -> None:
        written = model.network.generate(prompt, **settings)
        assert written.shape[1] == prompt.shape[1] + GPT_TOKENS

    for threads in (1, 2):
        torch.set_num_threads(threads)
        spent = take_turns({"ours": ours, "generate": generate}, subject.rounds)
        speeds = {name: GPT_TOKENS / statistics.median(seconds) for name, seconds in spent.items()}
        about = {f"{name}_tokens_per_s": round(speed) for name, speed in speeds.items()}
        about |= {"threads": threads, "rounds": subject.rounds}
        times = speeds["ours"] / speeds["generate"]
        say("GPT's speed beside generate()", times, "times", at_least=AT_LEAST_GENERATE, **about)


def lstm_speed(subject: Subject) -> None:
    """Characters a second of the LSTM."""
    for threads in (1, 2):
        torch.set_num_threads(threads)
        spent = take_turns({"lstm": lambda: subject.write(subject.models[LSTM], LSTM_CHARACTERS)}, subject.rounds)
        speed = LSTM_CHARACTERS / statistics.median(spent["lstm"])
        say("LSTM's speed", speed, "characters/s", at_least=AT_LEAST_LSTM, threads=threads)


def ngram_speed(subject: Subject) -> None:
    """Characters a second of the n-grams, each time by a model that was just read from its file."""
    loads = {LETTERS: bundled.load_ngram, WORDS: bundled.load_words}
    for name, load in loads.items():
        by_default = DEFAULTS[CONTROLS[name]]
        for order in sorted({by_default, subject.models[name].order}):
            for settings in ({}, {"top_k": 20}, {"top_p": 0.9}):
                speeds = []
                for _ in range(subject.rounds):
                    model = load(None, lambda stage, fraction: None).at_order(order)
                    began = time.perf_counter()
                    written = subject.write(model, NGRAM_TOKENS, **settings)
                    speeds.append(len(written) / (time.perf_counter() - began))
                about = {"model": name, "order": order, "page_default": order == by_default, **settings}
                say("n-gram's speed", statistics.median(speeds), "characters/s", at_least=AT_LEAST_NGRAM, **about)


def fit(unit: str, text: str) -> dict[str, float]:
    """Fit an n-gram of the highest order in this process: seconds, and by how many MB its resident memory peaked.

    By VmHWM, set back before. `getrusage`'s ru_maxrss never falls, and a new process inherits its parent's.
    """
    Path("/proc/self/clear_refs").write_text("5")
    before = _peak_mb()
    began = time.perf_counter()
    NGram.fit(text, unit, MAX_ORDER[unit])
    return {"seconds": time.perf_counter() - began, "peak_mb": _peak_mb() - before}


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6


def fitting(subject: Subject) -> None:
    """`fit` in processes of their own."""
    text = subject.text[:FIT_CHARACTERS]
    code = (
        "import json, sys; from tests.bench.textgen import fit; print(json.dumps(fit(sys.argv[1], sys.stdin.read())))"
    )
    for unit, order in MAX_ORDER.items():
        command = [sys.executable, "-c", code, unit]
        run = partial(subprocess.run, command, cwd=REPO, input=text, stdout=subprocess.PIPE, text=True, check=True)
        runs = [json.loads(run().stdout) for _ in range(3)]
        about = {"tokens": unit, "order": order, "characters": len(text), "runs": len(runs)}
        worst = {name: max(figures[name] for figures in runs) for name in runs[0]}
        say("n-gram fit, slowest", worst["seconds"], "s", at_most=AT_MOST_FIT_S, **about)
        say("n-gram fit, memory at most", worst["peak_mb"], "MB over before", at_most=AT_MOST_FIT_MB, **about)


def size(subject: Subject) -> None:
    """Of the files that are shipped."""
    total = sum(path.stat().st_size for path in bundled.FOLDER.rglob("*") if path.is_file())
    say("size of assets/textgen", total / 1e6, "MB", at_most=AT_MOST_ASSETS_MB)


def long_prompt(subject: Subject) -> None:
    """Until the first token after the longest beginning that the page takes."""
    torch.set_num_threads(1)
    prompt = subject.text[:LONGEST_PROMPT]
    for name, model in subject.models.items():
        spent = take_turns({name: lambda model=model: next(model.stream(prompt, 1, seed=1))}, subject.rounds)[name]
        about = {"model": name, "characters": len(prompt)}
        say("first token after a long prompt", to_ms(statistics.median(spent)), "ms", **about)


def copied_runs(subject: Subject) -> None:
    """Finding the longest copied run in texts that copy little, much, and all."""
    index = subject.models[LETTERS].copied
    texts = {
        "by the GPT": subject.write(subject.models[GPT], OUTPUT_CHARACTERS // 2),
        "by the letter n-gram of order 8": subject.write(subject.models[LETTERS], OUTPUT_CHARACTERS),
        "out of the training text": subject.training[100_000:],
        "not of the training text": subject.validation,
    }
    for written, text in texts.items():
        output = text[:OUTPUT_CHARACTERS]
        spent = take_turns({"run": lambda output=output: index.longest_run(output)}, 10 * subject.rounds)["run"]
        about = {"text": written, "characters": len(output), "found": index.longest_run(output).length}
        worst = to_ms(max(spent))
        say("longest copied run", to_ms(percentile(spent, 0.5)), "ms", worst_ms=worst, **about)


PARTS: dict[str, Callable[[Subject], None]] = {
    "bits": bits,
    "references": references,
    "gpt": gpt_speed,
    "lstm": lstm_speed,
    "ngram": ngram_speed,
    "fit": fitting,
    "size": size,
    "long-prompt": long_prompt,
    "copied": copied_runs,
}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.textgen", description=__doc__)
    parser.add_argument("--text", type=Path, default=TEXT, help="the text that the models were trained on")
    parser.add_argument("--rounds", type=int, default=5, help="of each speed")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args(argv)
    if not options.text.is_file():
        parser.error(
            f"there is no {options.text}: this bench needs tinyshakespeare.txt, the text that the bundled models were "
            "trained on, to measure them on its last tenth. Say where it is with --text."
        )
    subject = Subject(options.text.read_text(encoding="utf-8"), options.rounds)
    for part in options.parts:
        PARTS[part](subject)


if __name__ == "__main__":
    main(sys.argv[1:])
