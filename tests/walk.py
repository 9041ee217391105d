"""A round trip through the demos, for tests of what one page leaves to the next."""

from collections.abc import Sequence

REACH = 2


def steps(names: Sequence[str]) -> set[tuple[str, str]]:
    """(from, to): each name and the `REACH` before and after it in the circle. Of up to five names that is every pair;
    of more, the walk grows with their number, not with its square."""
    count = len(names)
    offsets = {sign * by % count for by in range(1, REACH + 1) for sign in (1, -1)} - {0}
    return {(names[at], names[(at + by) % count]) for at in range(count) for by in offsets}


def walk(names: Sequence[str]) -> list[str]:
    """Each of these steps once, back to the first name (Hierholzer 1873)."""
    left: dict[str, list[str]] = {name: [] for name in names}
    for before, after in sorted(steps(names)):
        left[before].append(after)
    path, open_ends = [], [names[0]]
    while open_ends:
        if left[open_ends[-1]]:
            open_ends.append(left[open_ends[-1]].pop())
        else:
            path.append(open_ends.pop())
    return path[::-1]
