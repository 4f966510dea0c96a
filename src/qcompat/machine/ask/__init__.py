"""Asking a build over QMP for its types and compat tables, and gathering all its facts."""
