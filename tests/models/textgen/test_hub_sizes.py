"""A configuration that asks for more than any model has is refused before it is built."""

import json
from pathlib import Path
from typing import Any

import pytest
from transformers import GPTNeoConfig

from models.errors import ModelFailed
from models.textgen.hub import HubModel
from models.textgen.hub_sizes import TooLarge, check_model, check_numbers
from tests.models.textgen import tiny


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a small model, and its configuration."""
    folder = tiny.save(tmp_path_factory.mktemp("saved") / "absurd", request.param)
    return folder, json.loads((folder / "config.json").read_text())


@pytest.mark.parametrize(
    "changes",
    [
        {"n_layer": 10**9, "num_hidden_layers": 10**9},
        {"n_embd": 10**6, "hidden_size": 10**6},
        {"vocab_size": 10**11},
        {"vocab_size": 90_000_000},
        {"n_inner": 10**8, "intermediate_size": 10**8},
        {"n_layer": 200, "num_hidden_layers": 200, "n_embd": 4096, "hidden_size": 4096},
        {"layer_types": ["full_attention"] * 100_000},
        {"anything": {"num_experts": 1e300}},
        {"anything": [[float("nan")]]},
    ],
)
def test_absurd_sizes_are_refused_before_weights_are_made(
    saved: tuple[Path, dict[str, Any]], changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, known = saved
    named = {
        key: value for key, value in changes.items() if key in known or not key.startswith(("n_", "num_hid", "hid"))
    }
    (folder / "config.json").write_text(json.dumps(known | named))
    monkeypatch.setattr(
        "transformers.AutoModelForCausalLM.from_pretrained", lambda *_, **__: pytest.fail("it is built")
    )
    with pytest.raises(ModelFailed, match=r"absurd did not load: .*(says|list|million|memory)"):
        HubModel(folder)


def test_tables_beside_the_weights_count() -> None:
    def neo(positions: int) -> GPTNeoConfig:  # has a table of positions × positions
        types = [[["global"], 1]]
        return GPTNeoConfig(
            vocab_size=9,
            max_position_embeddings=positions,
            hidden_size=8,
            num_layers=1,
            attention_types=types,
            num_heads=1,
        )

    check_model(neo(1024), 10**6, 0)
    with pytest.raises(TooLarge, match="beside"):
        check_model(neo(1_000_000), 10**9, 10**9)


@pytest.mark.parametrize(
    "config",
    [
        {"num_hidden_layers": 126, "hidden_size": 16_384, "intermediate_size": 53_248, "vocab_size": 256_000},
        {"max_position_embeddings": 10_485_760, "rope_theta": 1_000_000_000, "rope_scaling": {"factor": 1e9}},
        {"num_experts": 512, "num_attention_heads": 128, "head_dim": 256, "eos_token_id": [1, 2], "pad_token_id": -1},
        {"layer_norm_epsilon": 1e-5, "layer_types": ["full_attention"] * 126, "tie_word_embeddings": True},
    ],
)
def test_numbers_of_large_models_are_let_in(config: dict[str, Any]) -> None:
    check_numbers(config)
