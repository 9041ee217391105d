"""The parts of the text generator's page; each file is one of its views, or what they share."""
