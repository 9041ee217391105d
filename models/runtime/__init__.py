"""What any model runs on: engine, turns, training, weights, hub files, threads."""
