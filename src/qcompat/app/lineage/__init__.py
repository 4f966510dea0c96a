"""A guest with its history, and real builds: their portraits of it, its next move, its targets."""
