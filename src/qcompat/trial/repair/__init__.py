"""Finding a remedy with real builds: what they offer, candidates tried, remedies proven."""
