"""What hosts give their guests, for a reader at a terminal, one file a command."""
