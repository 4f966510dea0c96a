"""What a repair came to."""
