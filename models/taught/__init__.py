"""Detectors and segmenters taught with a few boxes or strokes, on a frozen ImageNet network's maps."""
