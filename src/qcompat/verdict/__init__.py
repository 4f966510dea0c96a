"""Findings to a verdict per direction."""
