"""A trial: for a reader at a terminal (`text`) and for other programs (`document`)."""
