"""Small networks that learn to part points in the plane, or to follow a curve, and what can be seen of them."""
