"""One server for a whole room: who is here, what the presenter set, what the machine carries."""
