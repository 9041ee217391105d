"""Rooms on the pages: the visitor's part on the Teachable page, the presenter's in the console."""
