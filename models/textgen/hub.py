"""A causal language model from the Hugging Face hub, from the folder that models/runtime/hub_files.py downloaded.

Nothing of the folder is ever run: no remote code, no pickle, no chat template.
"""

import inspect
import json
import math
from pathlib import Path
from typing import Any

import psutil
import torch
from safetensors import SafetensorError, safe_open

from models.errors import ModelFailed
from models.runtime.report import Report
from models.runtime.torchvision_ops import torchvision  # noqa: F401  before transformers, which imports it
from models.textgen.hub_sizes import TooLarge, check_model, check_numbers
from models.textgen.transformer import TransformerModel

MAX_WINDOW = 1024
"""Tokens that a model from the hub sees at most; its own configuration may allow fewer."""


class HubModel(TransformerModel):
    """A model from the hub in float32. It only continues text, also where it was trained to follow instructions.

    Raises ModelFailed where its files are not those of a causal model of the transformers library with a fast
    tokenizer, want code of their own, or are too large for the memory that is free.
    """

    def __init__(self, folder: Path, name: str | None = None) -> None:
        name = name or name_of(folder)
        config = _config(folder, name)
        _check_sizes(folder, name, config)
        config = config.get_text_config(decoder=True)
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # the page shows its own
        if not any((folder / file).exists() for file in ("tokenizer.json", "vocab.json", "tokenizer.model")):
            raise _failed(name, "it has no tokenizer")  # the library would make an empty one
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                trust_remote_code=False,
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
        except BaseException as error:  # whatever it meets in files that anybody may have written; Rust panics too
            raise _failed(name, f"the transformers library does not read it ({_first_line(error)})") from error
        network, loading = loaded
        if missing := loading["missing_keys"]:  # the library would leave them random
            raise _failed(name, f"{len(missing)} of its weights are not in its files")
        backend = getattr(tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise _failed(name, "it has no tokenizer.json, the kind of tokenizer that Limelight reads")
        cached = "past_key_values" in inspect.signature(network.forward).parameters
        if not cached or network.get_output_embeddings() is None:
            raise _failed(name, "it is no transformer that keeps keys and values, the kind that Limelight runs")
        start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        ends = {tokenizer.eos_token_id}
        for more in (
            network.generation_config.eos_token_id if network.generation_config else None,
            config.eos_token_id,
        ):
            ends |= set(more) if isinstance(more, list) else {more}
        positions = getattr(config, "max_position_embeddings", None) or MAX_WINDOW
        super().__init__(network, backend, name, min(positions, MAX_WINDOW), start, ends - {None})


def load_hub(path: Path, report: Report) -> HubModel:
    """The catalogue's loader: the model in a snapshot folder of the hub's library."""
    report("Reading the weights", None)
    return HubModel(path)


def name_of(folder: Path) -> str:
    """The model's name without its owner: of the library's own folders (models--owner--name/snapshots/commit), else
    the folder's name."""
    repository = folder.parent.parent.name
    return repository.rpartition("--")[2] if repository.startswith("models--") else folder.name


def _config(folder: Path, name: str) -> Any:
    """The model's configuration; refuses what transformers has no class of its own for, and numbers that no model
    has."""
    from transformers import CONFIG_MAPPING, MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig

    try:
        raw = json.loads((folder / "config.json").read_text("utf-8"))
        kind = raw.get("model_type")
        check_numbers(raw)
    except TooLarge as why:
        raise _failed(name, str(why)) from why
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise _failed(name, f"its config.json cannot be read ({_first_line(error)})") from error
    if kind not in CONFIG_MAPPING:
        own = "wants to run code of its own, which Limelight never does" if "auto_map" in raw else "is of a kind"
        raise _failed(name, f"it {own}: {kind!r} is not known to this version of the transformers library")
    if any(key.endswith("_implementation") and "/" in str(value) for key, value in raw.items()):
        raise _failed(name, "it wants to run code from another repository, which Limelight never does")
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except BaseException as error:
        raise _failed(name, f"the transformers library does not read its config.json ({_first_line(error)})") from error
    if type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise _failed(name, f"a {kind} does not continue text")
    return config


def _check_sizes(folder: Path, name: str, config: Any) -> None:
    """Refuses what there is no memory for, and a configuration that describes another model than its files hold."""
    weights = 0
    try:
        for file in folder.glob("*.safetensors"):
            with safe_open(file, "pt") as tensors:
                weights += sum(math.prod(tensors.get_slice(key).get_shape()) for key in tensors.keys())  # noqa: SIM118  no mapping
    except (OSError, SafetensorError) as error:
        raise _failed(name, f"its weights cannot be read ({_first_line(error)})") from error
    if (needed := 4 * weights) > (free := psutil.virtual_memory().available):
        raise ModelFailed(
            f"{name} needs {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free on this server. "
            "Choose a smaller model."
        )
    try:
        check_model(config, weights, free)
    except TooLarge as why:
        raise _failed(name, str(why)) from why
    except BaseException as error:
        raise _failed(name, f"the transformers library does not read it ({_first_line(error)})") from error


def _failed(name: str, why: str) -> ModelFailed:
    return ModelFailed(f"{name} did not load: {why}. Choose another model, such as distilbert/distilgpt2.")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
