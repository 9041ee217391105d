"""The vision bench."""
