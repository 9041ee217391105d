"""The playground's views."""
