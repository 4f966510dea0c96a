"""Whole guests of real managers, loaded with real back ends; verdicts scored against that.

Nothing here reads `qcompat.guest`: what a line names is realised by code of its own, so that the
truth does not share the faults of stand-ins.
"""
