"""The scripts that draw results in the browser: see assets/live/painter.js. A new painter is a new file there."""

from pathlib import Path

PAINTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "assets" / "live" / "painters").glob("*.js"))
BESIDE = ("live/socket", "live/painter", "live/plates", *(f"live/painters/{name}" for name in PAINTERS))
OVERLAY = (*BESIDE, "live/overlay")
"""What a component that draws beside the picture is made of, and one that draws over it."""
