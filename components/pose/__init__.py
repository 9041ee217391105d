"""The parts of the pose tracker's page; each file is one of its views, or what they share."""
