"""What the next start of a guest needs."""
