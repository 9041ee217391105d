"""Pictures, drawing on them, video files, word clouds."""
