"""Whether everything that a scenario names is defined.

An undefined name would silently change a scenario: an entry for a misspelt driver never applies,
as in QEMU, and an expectation for a pair that does not exist would never fail.
"""

from __future__ import annotations

from collections.abc import Iterable

from qcompat.machine.scenario.effective import types_of
from qcompat.machine.scenario.model import Build, End, Expected, Guest, Inventory, Settings
from qcompat.machine.scenario.section import Problems


def check_inventory(inventory: Inventory, problems: Problems) -> None:
    """Note every name in `inventory` (with all builds and chains) that is not defined."""
    for build in inventory.builds.values():
        _check_build(build, inventory, problems)
    for visible in inventory.visible.values():
        owned = [
            name for each in inventory.builds.values() for v in each.defaults.values() for name in v
        ]
        if visible.property and visible.property not in owned:
            path = f"visible.{visible.name}.property"
            problems.unknown(path, "property in any build's defaults", visible.property, owned)
    for guest in inventory.guests.values():
        _check_guest(guest, inventory, problems)
    for number, end in enumerate(inventory.ends, 1):
        _check_end(f"ends[{number}]", end, inventory, problems)
    for number, chain in enumerate(inventory.chains, 1):
        path = f"chains[{number}]"
        _known(f"{path}.guest", "guest", chain.guest, inventory.guests, problems)
        for place, stop in enumerate(chain.stops, 1):
            _check_end(f"{path}.stops[{place}]", stop.end, inventory, problems)
            for key in stop.keeps:
                _known(f"{path}.stops[{place}].keeps", "visible", key, inventory.visible, problems)
    _twice("ends", [end.name for end in inventory.ends], problems)
    _twice("chains", [chain.name for chain in inventory.chains], problems)


def check_expected(
    expected: Iterable[Expected], before: Inventory, after: Inventory | None, problems: Problems
) -> None:
    """Note every expectation for something that does not exist at that time."""
    for each in expected:
        inventory = before if each.when == "before" else after or before
        what = each.chain or f"{each.source} -> {each.target}"
        path = f'expect, {each.when}, "{what}"'
        if each.chain:
            chains = [chain.name for chain in inventory.chains]
            _known(path, "chain", each.chain, chains, problems)
            continue
        ends = [end.name for end in inventory.ends]
        for end in (each.source, each.target):
            _known(path, "end", end, ends, problems)
        _known(path, "guest", each.guest, inventory.guests, problems)


def _check_build(build: Build, inventory: Inventory, problems: Problems) -> None:
    path = f'builds."{build.name}"'
    if not build.machines:
        problems.note(f"{path}.machines", "is missing", "list its machine types")
    for key in (*build.behaviour, *build.checks):
        _known(path, "visible", key, inventory.visible, problems)
    known = _types(inventory)
    drivers = [entry.driver for table in build.tables.values() for entry in table]
    for type_ in (*build.defaults, *drivers, *build.lacks):
        _known(path, "type", type_, known, problems)


def _check_guest(guest: Guest, inventory: Inventory, problems: Problems) -> None:
    path = f"guests.{guest.name}"
    if not any(guest.machine in build.machines for build in inventory.builds.values()):
        machines = [each for build in inventory.builds.values() for each in build.machines]
        _known(f"{path}.machine", "build with the machine type", guest.machine, machines, problems)
    types = {each for device in guest.devices for each in types_of(device.type, inventory.types)}
    if guest.devices and not any(visible.of in types for visible in inventory.visible.values()):
        hint = "see `of` of each visible and the ancestors and parts in [types]"
        problems.note(f"{path}.devices", "show nothing visible", hint)


def _check_end(path: str, end: End, inventory: Inventory, problems: Problems) -> None:
    _known(f"{path}.build", "build", end.build, inventory.builds, problems)
    _known(f"{path}.host", "host", end.host, inventory.hosts, problems)
    _check_settings(f"{path}.set", end.set, inventory, problems)


def _check_settings(path: str, given: Settings, inventory: Inventory, problems: Problems) -> None:
    known = _types(inventory)
    for driver in given:
        _known(path, "type", driver, known, problems)


def _types(inventory: Inventory) -> list[str]:
    """Every type that is defined or used."""
    types = inventory.types.values()
    used = [device.type for guest in inventory.guests.values() for device in guest.devices]
    inner = [each for kind in types for each in (*kind.ancestors, *kind.parts)]
    return [*inventory.types, *inner, *used]


def _known(path: str, what: str, name: str, known: Iterable[str], problems: Problems) -> None:
    names = list(known)
    if name and name not in names:  # an empty one was noted while reading
        problems.unknown(path, what, name, names)


def _twice(path: str, names: list[str], problems: Problems) -> None:
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        problems.note(path, f"has {name!r} twice")
