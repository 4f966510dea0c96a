"""A migration of a running guest without moving it: its device state of now, loaded by a target."""
