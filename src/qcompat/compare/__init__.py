"""Two portraits to their differences. No opinion."""
