"""One server for a whole room: its house, and what each page has of it."""
