"""A session of ONNX Runtime as this server wants it."""

from pathlib import Path

import onnxruntime


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """The network in an ONNX file, on the CPU, with so many threads for one run. Any number of threads may run it at a
    time. Raises what onnxruntime raises over a file that is none."""
    return _open(str(path), threads)


def open_bytes(network: bytes, threads: int) -> onnxruntime.InferenceSession:
    """The same of a network in memory."""
    return _open(network, threads)


def _open(network: str | bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others work on these cores too
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
