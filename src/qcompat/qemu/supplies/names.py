"""The names by which a guest's arguments ask for supplies."""

from __future__ import annotations

VHOST_USER = "/qcompat/vhost-user"
"""The path of a socket on which a vhost-user process answers."""
