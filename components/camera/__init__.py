"""The live camera, its patches and the preview."""
