"""The presenter's console: what goes on in the room, and what the presenter can do about it."""
