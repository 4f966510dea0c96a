"""Asking a build over QMP for its types, its compat tables, and all else that is known of it."""
