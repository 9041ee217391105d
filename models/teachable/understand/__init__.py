"""What explains a project: duplicates, novelty, the map of its samples, recordings."""
