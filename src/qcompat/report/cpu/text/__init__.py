"""CPUs for guests on unequal hosts, for a reader at a terminal, one file a command."""
