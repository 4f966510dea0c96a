"""Scores verdicts on guests of other architectures against real loads, in a page of its own."""
