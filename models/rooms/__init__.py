"""Rooms: people who joined one code, and the samples they pool."""
