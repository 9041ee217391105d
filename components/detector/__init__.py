"""The detector's views."""
