"""The page that reads text in pictures."""
