"""Where things are in a picture, and what they are."""
