"""Figures out of samples. Whatever cannot be known from them is None, printed as null: never a guess."""

import json
import statistics
from pathlib import Path

COUNTED = ("streams", "fps", "worst_fps", "inferences_per_s", "worst_results_per_s", "stalled_streams")


def percentile(values, share: float) -> float | None:
    """The value that `share` (0…1) of the values do not exceed, or None of no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def to_ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)


def percentiles_ms(lags_s) -> dict:
    return {"p50": to_ms(percentile(lags_s, 0.5)), "p95": to_ms(percentile(lags_s, 0.95))}


def quarters_ms(samples, begin: float, end: float) -> dict:
    """Median of (time, seconds) samples in the first and last quarter of the window, in ms. Did it grow?"""
    quarter = (end - begin) / 4
    first = [lag for t, lag in samples if t < begin + quarter]
    last = [lag for t, lag in samples if t >= end - quarter]
    return {"first": to_ms(percentile(first, 0.5)), "last": to_ms(percentile(last, 0.5))}


def ratio(ours: float | None, naive: float | None) -> float | None:
    return round(ours / naive, 2) if ours is not None and naive else None


def read_stats(path: Path) -> list[dict]:
    """The lines of a server's LIMELIGHT_STATS_FILE; none if there is no file. A half last line is skipped."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def between(lines: list[dict], window: tuple[float, float]) -> list[dict]:
    return [line for line in lines if window[0] <= line["t"] <= window[1]]


def newest_streams(lines: list[dict], engine: str) -> int | None:
    """How many streams the engine had when the server last wrote."""
    return lines[-1].get("engines", {}).get(engine, {}).get("streams") if lines else None


def engine_figures(lines: list[dict], window: tuple[float, float], engine: str) -> dict:
    """What one engine did in the window (unix seconds), from the first and last line inside it."""
    inside = [(line["t"], line.get("engines", {}).get(engine)) for line in between(lines, window)]
    inside = [(t, state) for t, state in inside if state]
    figures = dict.fromkeys(COUNTED) | _ages(inside, window)
    if len(inside) < 2:
        return figures
    figures["streams"] = inside[-1][1].get("streams")
    frames, results = _rates(inside, "frames"), _rates(inside, "results")
    if frames:
        figures["fps"], figures["worst_fps"] = round(statistics.mean(frames), 1), round(min(frames), 1)
    if results:
        figures["inferences_per_s"] = round(sum(results), 1)
        figures["worst_results_per_s"] = round(min(results), 1)
    quarter = window[1] - (window[1] - window[0]) / 4
    late = _rates([(t, state) for t, state in inside if t >= quarter], "results")
    figures["stalled_streams"] = None if late is None else sum(rate == 0 for rate in late)
    return figures


def _rates(inside: list[tuple[float, dict]], key: str) -> list[float] | None:
    """The count per second of each stream that was there all the time, or None when the first or last moment knows no
    such stream. An engine lets go of one that is silent for long, so the order tells nothing."""
    if len(inside) < 2:
        return None
    (began, first), (ended, last) = inside[0], inside[-1]
    before, after = (
        {stream.get("id", place): stream.get(key) for place, stream in enumerate(state.get("per_stream", []))}
        for state in (first, last)
    )
    pairs = [(before[stream], after[stream]) for stream in before if stream in after]
    if not pairs or any(None in pair for pair in pairs):
        return None
    rates = [(late - early) / (ended - began) for early, late in pairs]
    return None if min(rates) < 0 else rates  # an id that another got meanwhile


def _ages(inside: list[tuple[float, dict]], window: tuple[float, float]) -> dict:
    """Age of results: median over the window of the server's p50 and p95 each second, and the worst p95."""
    p50 = [(t, state["age_p50_s"]) for t, state in inside if state.get("age_p50_s") is not None]
    p95 = [state["age_p95_s"] for _, state in inside if state.get("age_p95_s") is not None]
    middle = to_ms(percentile([age for _, age in p50], 0.5))
    return {
        "age_ms": {"p50": middle, "p95": to_ms(percentile(p95, 0.5))},
        "age_worst_p95_ms": to_ms(max(p95, default=None)),
        "age_quarters_ms": quarters_ms(p50, *window),
    }
