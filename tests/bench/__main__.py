"""`python -m tests.bench [names…]` runs the named benches, or all of them, with their default options.

One bench with options of its own: `python -m tests.bench.live --n 1 4 --mode both`.
"""

import argparse
import importlib

BENCHES = (
    *("classifier", "reference", "start", "changes", "memory", "visit", "live", "drawn", "abrupt"),
    *("video", "pose", "people", "textgen", "writing", "ocr", "scans", "reading", "teachable", "taught", "detector"),
    *("playground", "digits", "room", "soak", "hostile", "costly", "rooms", "ending", "starts"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of: {', '.join(BENCHES)}")
    names = parser.parse_args().names or BENCHES
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no bench called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    for name in names:
        importlib.import_module(f"tests.bench.{name}").main([])


if __name__ == "__main__":
    main()
