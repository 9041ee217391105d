"""Bodies, hands and faces: landmarks, tracking, drawing, recording."""
