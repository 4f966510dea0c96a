"""What a host gives a guest: its processor and its backends; intersection and baseline."""
