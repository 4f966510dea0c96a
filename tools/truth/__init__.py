"""Scoring verdicts against real loads: which cells, what really happened, the table of both."""
