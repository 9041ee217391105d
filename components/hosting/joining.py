"""How others join: the address as a QR code and in letters, small on the home page, large for the projector."""

import base64
import html

import streamlit as st

from models.hosting import joining
from models.settings import settings


def address() -> str | None:
    """The address by which others reach this server, None if they can't."""
    serves_all = st.get_option("server.address") in (None, "", "0.0.0.0", "::")
    return joining.join_address(
        public=settings().public_url,
        used=str(st.context.url or ""),
        serves_all=serves_all,
        port=int(st.get_option("browser.serverPort") or st.get_option("server.port")),
        https=bool(st.get_option("server.sslCertFile")),
        path=joining.base_path(st.get_option("server.baseUrlPath")),
    )


def address_used() -> str:
    """The address by which this visitor reached this server, be it one that only works on this computer."""
    return (joining.origin(str(st.context.url or "")) or "") + joining.base_path(st.get_option("server.baseUrlPath"))


def show() -> None:
    """On the home page: the code to scan and the address; nothing where nobody could follow."""
    if (url := address()) is None:
        return
    with st.container(border=True, key="join"):
        st.html(picture(url))
        with st.container(gap="small"):
            st.html(f'Scan this to join.<div class="join-address small">{html.escape(joining.short(url))}</div>')
            if url.startswith("http://"):
                st.caption("Without HTTPS: no camera at this address.")
            if st.button("Show it large", icon=":material/fullscreen:", key="join/large", type="tertiary"):
                _large(url)


def picture(url: str, *, large: bool = False) -> str:
    """The QR code as HTML; `large` is for the projector."""
    svg = base64.b64encode(joining.qr_svg(url).encode()).decode()  # Streamlit takes SVG out of HTML, but not images
    kind = "qr large" if large else "qr"
    return f'<img class="{kind}" alt="QR code of the address" src="data:image/svg+xml;base64,{svg}">'


@st.dialog("Join", width="large")
def _large(url: str) -> None:
    st.html(picture(url, large=True))
    st.html(f'<div class="join-address">{html.escape(joining.short(url))}</div>')
