"""Portraits: everything observable that a build makes of a guest at one moment."""
