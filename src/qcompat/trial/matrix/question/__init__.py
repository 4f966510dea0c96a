"""What a matrix is about: guests, builds, and guests that carry several devices. Pure."""
