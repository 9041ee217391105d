"""Benches: headless WebRTC clients on 127.0.0.1 against a running app. `python -m tests.bench --help`."""

from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
CACHE = REPO / ".cache" / "bench"
