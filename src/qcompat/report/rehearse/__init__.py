"""A rehearsal, written down."""
