"""What `recordings.toml` says of each recording."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

TABLE = Path(__file__).with_name("recordings.toml")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One QMP command that the source gets before it migrates."""

    execute: str
    arguments: Mapping[str, Any] = {}


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One guest, the builds that it is recorded on, and the way of it.

    `on` has the machine for each version of QEMU. `way`: into a `socket`, into a `file` by
    QEMU itself, through a `relay` to a target, so that it ends in `postcopy`, or by `savevm`
    into its first disk. `run` lets the guest run for so many seconds before, `rounds` keeps the
    migration from converging until memory was sent so often.
    """

    on: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    board: str = "x86_64"
    accel: str = "tcg"
    way: Literal["socket", "file", "relay", "postcopy", "savevm"] = "socket"
    capabilities: tuple[str, ...] = ()
    source_capabilities: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = {}
    steps: tuple[Step, ...] = ()
    run: float = 0
    rounds: int = 0

    def words(self, version: str, place: Path) -> list[str]:
        """The arguments of QEMU, with the images in `place`."""
        words = ("-accel", self.accel, "-machine", self.on[version], *self.arguments)
        return [word.replace("{place}", str(place)) for word in words]

    def name(self, version: str, what: str) -> str:
        """`debian-BUILD-MACHINE-WHAT`, the machine without its properties."""
        return f"debian-{version}-{self.on[version].partition(',')[0]}-{what}"


def read_recipes() -> dict[str, Recipe]:
    """By what they are called."""
    tables = tomllib.loads(TABLE.read_text())
    bases = tables.pop("base")
    return {what: _recipe(table, bases) for what, table in tables.items()}


def _recipe(table: dict[str, Any], bases: Mapping[str, list[str]]) -> Recipe:
    """`base` names the arguments that stand before the recipe's own."""
    base = bases[table.pop("base", "idle")]
    return msgspec.convert({**table, "arguments": [*base, *table.get("arguments", ())]}, Recipe)
