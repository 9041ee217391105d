"""What OpenCV does with a picture without having learnt anything: steps, and chains of them."""
