"""Imported before a server starts: its streamlit-webrtc says that it is of another version than the one we know."""

from components import versions

known = versions.version
versions.version = lambda package: "9.9" if package == "streamlit-webrtc" else known(package)
