"""A trial, told: to a reader at a terminal (`text`) and to other programs (`document`)."""
