"""Real migrations: the truth that verdicts are scored against."""
