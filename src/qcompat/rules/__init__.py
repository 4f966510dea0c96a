"""Differences to findings: one file a rule."""
