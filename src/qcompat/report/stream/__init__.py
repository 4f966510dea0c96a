"""A migration stream: its sections, its memory, and how two differ."""
