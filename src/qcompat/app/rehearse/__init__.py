"""Rehearsing the migration of a running guest: the question, the guest of now, the answer."""
