"""rapidocr's stages around our own onnxruntime sessions: thread count and memory are ours, nothing is downloaded."""

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import rapidocr
from omegaconf import OmegaConf
from rapidocr.ch_ppocr_det import TextDetector
from rapidocr.ch_ppocr_rec import TextRecognizer
from rapidocr.utils.parse_parameters import ParseParams

from models.runtime.onnx_session import open_session

PACKAGE = Path(rapidocr.__file__).parent
DETECTION = PACKAGE / "models" / "PP-OCRv6_det_small.onnx"
RECOGNITION = PACKAGE / "models" / "PP-OCRv6_rec_small.onnx"

# Without an arena each layer of a large picture has its memory mapped anew, which takes as long as the layer itself;
# an arena alone never gives back what the largest picture took.
_RUN_OPTIONS = onnxruntime.RunOptions()
_RUN_OPTIONS.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)  # its own handler would write every load to the console


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def text_detector(path: Path, threads: int) -> TextDetector:
    """The first stage, PP-OCR's DB network (Liao et al. 2020). Raises what onnxruntime raises for a bad file."""
    return TextDetector(_configuration("Det", path, threads))


def text_recognizer(path: Path, threads: int) -> TextRecognizer:
    """The second stage, a CTC network over a line 48 pixels high. Raises ValueError where the file has no alphabet."""
    configuration = _configuration("Rec", path, threads)
    if "character" not in configuration.session.get_modelmeta().custom_metadata_map:
        raise ValueError(f"{path.name} has no alphabet inside (metadata 'character')")  # rapidocr would download one
    return TextRecognizer(configuration)


def run(stage: TextDetector | TextRecognizer, batch: np.ndarray) -> np.ndarray:
    """The network's output for float32 (n, 3, h, w). Safe from any thread. Raises what onnxruntime raises."""
    session: onnxruntime.InferenceSession = stage.session.session
    inputs = {session.get_inputs()[0].name: np.ascontiguousarray(batch, np.float32)}
    outputs: list[np.ndarray] = session.run(None, inputs, _RUN_OPTIONS)
    return outputs[0]


def _configuration(stage: str, path: Path, threads: int) -> Any:
    session = open_session(path, threads)
    configuration = ParseParams.load(PACKAGE / "config.yaml")[stage]
    configuration = OmegaConf.create(dict(configuration), flags={"allow_objects": True})
    configuration.session = session
    configuration.font_path = None
    return configuration
