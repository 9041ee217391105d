"""What Streamlit's menu lacks for screen readers, put right in the browser. Takes no room on the page."""

from components.layout import browser_component


def mend() -> None:
    """Called by the router on each run."""
    browser_component("menu")(key="menu")
