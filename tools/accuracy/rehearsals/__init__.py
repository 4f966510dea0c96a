"""Rehearsals held against real migrations of the same running guests at the same moment."""
