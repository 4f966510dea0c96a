"""What outlives a command: lineages and results of trials, in SQLite or PostgreSQL."""
