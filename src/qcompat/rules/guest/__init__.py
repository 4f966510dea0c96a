"""What the ends make of the whole guest: whether they start and save it, and as which machine."""
