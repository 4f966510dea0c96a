"""A line as a manager would spell it for the builds at hand.

Managers write what the QEMU that they start reads: a versioned machine type for an alias,
`acpi=off` where `-no-acpi` went away, plain values where JSON is not read yet. A line whose
options only got another spelling is the same guest, and is spelled alike for all its builds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tools.accuracy.whole.realise.line import Option, read

BOARDS = {"pc": "pc-i440fx-", "": "pc-i440fx-", "q35": "pc-q35-"}
GONE = {"no-acpi": "acpi=off", "no-hpet": "hpet=off"}
PROXMOX_OWN = ("id",)
"""Options that only Proxmox's QEMU has; none is about the guest."""
IN_JSON = ("device", "object", "netdev")


class Reads(msgspec.Struct, frozen=True):
    """What one build reads: its options, JSON for devices, `reconnect-ms`, its machine types."""

    options: frozenset[str]
    has_json: bool
    has_milliseconds: bool
    machines: frozenset[str]


def machine_of(words: Sequence[str]) -> str:
    """The machine type that a line names; a Proxmox revision (`+pve0`) is left out."""
    named = ""
    for option in read(words):
        if option.name in ("machine", "M"):
            fields = option.fields
            named = str(fields.get("type") or fields.get("") or named)
    return named.partition("+")[0]


def is_fitting(machine: str, candidates: Iterable[str]) -> list[str]:
    """The versioned types that a named one can be: itself, or those of its board."""
    board = BOARDS.get(machine)
    if board is None:
        return [each for each in candidates if each == machine]
    return [each for each in candidates if each.startswith(board)]


def spell(words: Sequence[str], machine: str, builds: Sequence[Reads]) -> tuple[str, ...]:
    """The line on this versioned machine type, in words that all these builds read."""
    named = (option for option in read(words) if option.name not in PROXMOX_OWN)
    options = [_on_machine(option, machine) for option in named]
    if not any(option.name in ("machine", "M") for option in options):
        options.insert(0, Option("machine", machine))
    gone = [o for o in options if o.name in GONE and any(o.name not in b.options for b in builds)]
    kept = [option for option in options if option not in gone]
    kept += [Option("machine", GONE[option.name]) for option in gone]
    if not all(build.has_json for build in builds):
        kept = [_plain(option) for option in kept]
    if not all(build.has_milliseconds for build in builds):
        kept = [_without_reconnection(option) for option in kept]
    return tuple(word for option in kept for word in option.words)


def _without_reconnection(option: Option) -> Option:
    """How soon a socket connects again is the host's affair, and no spelling is in all builds."""
    if option.name != "chardev":
        return option
    return Option(option.name, re.sub(r",reconnect(-ms)?=[0-9]+", "", option.value))


def _on_machine(option: Option, machine: str) -> Option:
    if option.name not in ("machine", "M"):
        return option
    value = re.sub(r"\btype=[^,]*", f"type={machine}", option.value)
    first = value.partition(",")[0]
    if "=" not in first:
        value = machine + value[len(first) :]
    return Option("machine", value)


def _plain(option: Option) -> Option:
    if option.name not in IN_JSON or not option.value.startswith("{"):
        return option
    fields = json.loads(option.value)
    first = {"device": "driver", "object": "qom-type", "netdev": "type"}[option.name]
    start = str(fields.pop(first))
    rest = [f"{name}={_plain_value(value)}" for name, value in _flat(fields)]
    return Option(option.name, ",".join([start, *rest]))


def _flat(fields: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield from _listed(value, f"{prefix}{name}")
        else:
            yield prefix + name, value


def _listed(value: list[Any], name: str) -> Iterable[tuple[str, Any]]:
    """A list of objects `{"str": X}` repeats its name, other lists number their members."""
    for number, member in enumerate(value):
        if isinstance(member, dict) and set(member) == {"str"}:
            yield name, member["str"]
        elif isinstance(member, dict):
            yield from _flat(member, f"{name}.{number}.")
        else:
            yield f"{name}.{number}", member


def _plain_value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).replace(",", ",,")
