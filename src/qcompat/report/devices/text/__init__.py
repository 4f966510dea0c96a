"""What hosts offer a guest's devices, for a reader at a terminal."""
