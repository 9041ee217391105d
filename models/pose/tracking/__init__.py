"""What bodies, hands and faces share: MediaPipe's landmarkers, where they look, who is who on a stream."""
