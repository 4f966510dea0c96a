"""Many canaries at once: every guest on every ordered pair of builds."""
