"""A figure beside its limit, as one JSON line. A figure that is not known is null and so is whether it is within."""

import json


def judged(
    bench: str,
    what: str,
    figure: float | None,
    unit: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    **about: object,
) -> dict:
    """The line for a figure: it is judged as it was measured and rounded to four digits only after that."""
    within = None
    if figure is not None and (at_least is not None or at_most is not None):
        within = (at_least is None or figure >= at_least) and (at_most is None or figure <= at_most)
    line: dict = {"bench": bench, "what": what, **about, "figure": _four_digits(figure), "unit": unit}
    line |= {name: limit for name, limit in (("at_least", at_least), ("at_most", at_most)) if limit is not None}
    return line | {"within": within}


def show(line: dict) -> None:
    """Print the line now: a bench may take minutes until its next one."""
    print(json.dumps(line), flush=True)


def _four_digits(figure: float | None) -> float | None:
    if figure is None:
        return None
    return round(figure) if abs(figure) >= 1000 else float(f"{figure:.4g}")
