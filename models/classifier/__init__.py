"""Image classification: the ImageNet networks and their results."""
