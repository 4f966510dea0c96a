"""The guests of `guests.toml`, and what is plugged into them while they run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import msgspec

from qcompat.dataset import parse_table
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.qemu.process import Qemu


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table."""

    name: str
    machines: tuple[str, ...]
    words: str
    plugged: tuple[tuple[str, str, str], ...] = ()

    def guest(self, machine: str, *, plugged: tuple[str, ...] = ()) -> Guest:
        """The guest on a machine type, with these words more."""
        return parse([*shlex.split(self.words.format(machine=machine)), *plugged])

    async def plug(self, qemu: Qemu) -> tuple[str, ...]:
        """Plug all, and return the words that a start says instead."""
        words: list[str] = []
        for command, option, value in self.plugged:
            text = value.format(cpu=await _free_processor(qemu)) if "{cpu}" in value else value
            first, *pairs = text.split(",")
            given: dict[str, Any] = dict(pair.split("=", 1) for pair in pairs)
            if command == "object-add":
                size = int(given.pop("size").removesuffix("M")) << 20
                await qemu.execute(command, {"qom-type": first, "size": size, **given})
            else:
                numbers = {k: int(v) if k.endswith("-id") else v for k, v in given.items()}
                await qemu.execute(command, {"driver": first, **numbers})
            words += [option, text]
        return tuple(words)


async def _free_processor(qemu: Qemu) -> str:
    """The first place without a processor; dies and modules are left to their defaults."""
    places = await qemu.execute("query-hotpluggable-cpus")
    free = next(place for place in reversed(places) if "qom-path" not in place)
    named = ",".join(f"{k}={free['props'][k]}" for k in ("socket-id", "core-id", "thread-id"))
    return f"{free['type']},{named}"


class _Recipes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    guest: tuple[Recipe, ...]


def recipes() -> tuple[Recipe, ...]:
    """The rows of the table, in its order."""
    data = Path(__file__).with_name("guests.toml").read_bytes()
    return parse_table(data, _Recipes, "guests.toml").guest
