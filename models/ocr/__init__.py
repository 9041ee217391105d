"""Reading text in pictures: the engines, their networks, and what both return."""
