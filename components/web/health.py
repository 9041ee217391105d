"""`/healthz`: whether the server works, for whatever watches it. No secrets, a few numbers."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse
from streamlit import runtime

from components.hosting.house import house
from models.hosting.governor import Level


def state() -> tuple[dict[str, object], bool]:
    """What `/healthz` says, and whether all is well enough to send visitors here."""
    running = runtime.exists() and not house().is_stopped
    level, sample = house().governor.level, house().meter.newest
    return {
        "status": "stopping" if not running else "degraded" if level > Level.FULL else "ok",
        "level": level.name.lower(),
        "sessions": sample.sessions if sample else 0,
        "cameras": sample.cameras if sample else 0,
        "in_line": sample.in_line if sample else 0,
        "loop_lag_s": sample.loop_lag_s if sample else None,
        "streamlit": version("streamlit"),
    }, running


async def answer(request: Request) -> JSONResponse:
    """200 while the server takes visitors, also when it is stepped down; 503 otherwise."""
    said, well = state()
    return JSONResponse(said, 200 if well else 503, headers={"cache-control": "no-store"})
