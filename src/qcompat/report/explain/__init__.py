"""What a log says, for a reader, for a program, and for whoever is asked for help."""
