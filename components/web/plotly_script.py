"""`/plotly.js`: Plotly's own script, from the Python package, for charts that Streamlit's element cannot show.

Streamlit makes a new chart of every new figure, and a new chart has not been turned. See `charts.turnable`.
"""

import gzip
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

NAME = "plotly.js"


@cache
def _packed() -> bytes:
    return gzip.compress((files("plotly") / "package_data" / "plotly.min.js").read_bytes(), mtime=0)


def answer(request: Request) -> Response:
    """The script, packed: 1.5 MB instead of 4.8, which a browser need not ask for again for a day."""
    headers = {"content-encoding": "gzip", "cache-control": "max-age=86400"}
    return Response(_packed(), media_type="text/javascript", headers=headers)
