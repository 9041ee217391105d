"""What a visitor does to a picture before it is read: steps and regions."""
