"""What is known of repositories of rpms (`repositories.toml`)."""

from __future__ import annotations

from functools import cache

import msgspec

from qcompat.dataset import read_table


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `repositories.toml`, where its fields are explained."""

    names: tuple[str, ...]
    emulators: tuple[str, ...]
    devices: tuple[str, ...]
    followed: tuple[str, ...]


@cache
def table() -> Table:
    return read_table("qcompat.builds.fetch.rpm", "repositories.toml", Table)
