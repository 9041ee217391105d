"""The page of the image classifier."""
