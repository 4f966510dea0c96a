"""Finding what belongs to a binary that is registered: its root, its firmware, its modules."""
