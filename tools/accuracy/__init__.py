"""Measuring accuracy: real loads, verdicts scored against them, and the page of both."""
