"""Handwritten digits: networks that name them, shrink, are fooled, and make new ones."""
