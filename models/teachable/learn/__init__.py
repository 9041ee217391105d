"""Learning a head on frozen features, and judging it."""
