"""The web server: `streamlit run server.py` serves app.py with headers, limits, health, metrics, logs, a clean end."""

import sys
from functools import partial

import streamlit as st
from python_multipart.exceptions import FormParserError
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit import config

from components.web import health, plotly_script
from components.web.allowed_hosts import AllowedHosts, certificate_names
from components.web.headers import SecurityHeaders
from components.web.lifespan import server_lifespan
from components.web.limits import ENVELOPE, RequestLimits, refuse_broken_form
from components.web.page_errors import show_page_error
from components.web.uploads import Uploads
from models.hosting import logs
from models.hosting.joining import base_path
from models.settings import settings

# Whoever waits for the interpreter asks for it after a millisecond, not five: with trainings and models at work the
# loop that carries everybody's pages and video waits once for each of them, again and again. Together with
# background.py, 40 people on 2 cores: a page answers in 0.20 s instead of 0.29 s (95 %), 30 answers/s, not 25
sys.setswitchinterval(0.001)
logs.set_up(settings().log_format)
options = settings()
largest_mb = max(
    options.upload_mb, options.video_mb, options.project_mb * 3 // 2
)  # each uploader has its own limit below it
config.set_option("server.maxUploadSize", largest_mb)
hosts = [*options.allowed_hosts, *certificate_names(st.get_option("server.sslCertFile"))]
uploads = Uploads(largest_mb * 1024 * 1024 + ENVELOPE)
app = st.App(
    "app.py",
    # without the path as well: whoever watches this machine need not know what a proxy makes of it
    routes=[
        Route(f"{path}/{name}", answer)
        for path in {"", base_path(st.get_option("server.baseUrlPath"))}
        for name, answer in (("healthz", health.answer), (plotly_script.NAME, plotly_script.answer))
    ],
    middleware=[
        Middleware(SecurityHeaders, public_url=options.public_url),
        Middleware(AllowedHosts, hosts=hosts, public_url=options.public_url),
        Middleware(RequestLimits, max_bytes=largest_mb * 1024 * 1024, uploads=uploads),
    ],
    exception_handlers={FormParserError: refuse_broken_form},
    on_script_error=show_page_error,
    lifespan=partial(server_lifespan, uploads),
)
