"""From a picture to the words of each line: detection, turning, recognition."""
