"""What differs between architectures: one table each, and the one parser of machine types."""
