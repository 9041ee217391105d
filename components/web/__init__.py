"""The web server around the pages: headers, bounds, health, metrics, and a clean end."""
