"""Real transformers of a few thousand random weights, and tokenizers trained in a moment, as the hub's are made."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers import models as tokenizer_models

from models.runtime.torchvision_ops import torchvision  # noqa: F401  before transformers, which imports it

CORPUS = ["To be, or not to be, that is the question.\n", "Hello world, hello there: the world is wide. 😀\n"] * 4
END = "<|endoftext|>"


def byte_level_tokenizer(trim_offsets: bool = False, size: int = 320) -> Tokenizer:
    """BPE over bytes, as GPT-2 has it: any text has tokens."""
    tokenizer = Tokenizer(tokenizer_models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def sentencepiece_tokenizer(byte_fallback: bool = True) -> Tokenizer:
    """BPE as Llama 2 has it: spaces are ▁, what it has no token for is written in bytes, or is unknown."""
    letters = "abcdefghijklmnopqrstuvwxyz▁"
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2} | {f"<0x{byte:02X}>": 3 + byte for byte in range(256)}
    vocab |= {letter: len(vocab) + i for i, letter in enumerate(letters)}
    merges = [("h", "e"), ("▁", "w")]
    vocab |= {"".join(pair): len(vocab) + i for i, pair in enumerate(merges)}
    model = tokenizer_models.BPE(vocab, merges, unk_token="<unk>", byte_fallback=byte_fallback, fuse_unk=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(["<s>", "</s>"])
    return tokenizer


def gpt2(vocab: int, positions: int = 32, seed: int = 0) -> Any:
    """A GPT-2 of 2 layers, 32 wide; its random weights are large enough to have opinions."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=vocab, n_positions=positions, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0
    )
    return _opinionated(GPT2LMHeadModel(config), seed)


def llama(vocab: int, positions: int = 32, seed: int = 0) -> Any:
    """A Llama of 2 layers, 32 wide."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=vocab,
        max_position_embeddings=positions,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        bos_token_id=0,
        eos_token_id=0,
    )
    return _opinionated(LlamaForCausalLM(config), seed)


def _opinionated(network: Any, seed: int) -> Any:
    generator = torch.Generator().manual_seed(seed)
    for weights in network.parameters():
        if weights.dim() > 1:
            weights.data = torch.randn(weights.shape, generator=generator) * 0.3
    return network.eval()


def save(folder: Path, kind: str = "gpt2", **config: Any) -> Path:
    """A folder as on the hub: network (gpt2 or llama) and byte-level tokenizer, by save_pretrained."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = byte_level_tokenizer()
    network = {"gpt2": gpt2, "llama": llama}[kind](tokenizer.get_vocab_size(), **config)
    network.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=END, eos_token=END)
    fast.save_pretrained(folder)
    return folder
