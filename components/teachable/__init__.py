"""The teachable machine's page, part by part: see pages/teachable.py."""
