"""RecordedGuest guests for a reader at a terminal, one file a command."""
