"""Teach it where: boxes, a brush, and the background."""
