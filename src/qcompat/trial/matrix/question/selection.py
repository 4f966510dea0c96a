"""From a selection (machine types, devices, whole guests) to the specification of a matrix.

What cannot be in the matrix is listed with its reason, not dropped.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts, DeviceFact
from qcompat.errors import UsageError
from qcompat.guest.single import Skipped, single_device
from qcompat.machine.observe.device_setup import device_setups
from qcompat.machine.observe.guest_arguments import buses
from qcompat.portrait.portrait import Accel
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.spec import MatrixSpec

BOARD = "board"
"""The name of the guest without any device."""


class Selection(msgspec.Struct, frozen=True):
    """What was asked: `devices` as after `-device`, or `every` device that all builds offer.

    `guests` are whole guests, one for each machine type that they are tried on.
    """

    machines: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    every: bool = False
    guests: tuple[MatrixEntry, ...] = ()


def spec_of(
    selection: Selection, builds: Sequence[Build], facts: Mapping[str, BuildFacts], accel: Accel
) -> MatrixSpec:
    """The matrix to try. Errors: UsageError where nothing is left of the selection."""
    machines = tuple(
        dict.fromkeys((*selection.machines, *(guest.machine for guest in selection.guests)))
    )
    left_out: dict[str, str] = {}
    able: dict[str, tuple[Build, ...]] = {}
    for machine in machines:
        offering = _offering(machine, builds, facts)
        for build in builds:
            if build not in offering:
                left_out[f"{machine} on {build.name}"] = "the build has no such machine type"
        if len(offering) > 1:
            able[machine] = offering
    if not able:
        raise _no_pair(machines, facts)
    entries: list[MatrixEntry] = []
    for machine, offering in able.items():
        of_machine = {build.name: facts[build.name] for build in offering}
        entries += _entries(selection, machine, of_machine, left_out)
    entries += [guest for guest in selection.guests if guest.machine in able]
    known = [device for build in builds for device in facts[build.name].devices]
    states = {t: s.partition("@")[0] for f in facts.values() for t, s in f.type_states.items()}
    if not entries:
        raise UsageError("nothing of this can be tried: " + "; ".join(left_out.values()))
    return MatrixSpec(
        tuple(entries), able, accel, buses(known), states, left_out, asked=tuple(builds)
    )


def _entries(
    selection: Selection, machine: str, facts: Mapping[str, BuildFacts], left_out: dict[str, str]
) -> Iterable[MatrixEntry]:
    plain = {device.type: device for device in _plain(selection, facts, left_out)}
    made, _ = device_setups(machine, plain.values())
    for type_, device in plain.items():
        guest = single_device(machine, device)
        if not isinstance(guest, Skipped):
            yield MatrixEntry(type_, machine, guest, made.get(type_))
        elif selection.every:
            left_out[f"{type_} on {machine}"] = guest.reason
        else:
            single_device(machine, type_)  # raises, with the reason
    for text in selection.devices:
        if "," in text:
            yield MatrixEntry(text, machine, single_device(machine, text))
    if not selection.devices and not selection.every and machine in selection.machines:
        yield from (
            () if selection.guests else [MatrixEntry(BOARD, machine, single_device(machine, None))]
        )


def _plain(
    selection: Selection, facts: Mapping[str, BuildFacts], left_out: dict[str, str]
) -> Iterable[DeviceFact]:
    """The devices without properties of their own, as a build lists them."""
    known: dict[str, DeviceFact] = {}
    for fact in facts.values():
        for device in fact.devices:
            known.setdefault(device.type, device)
    if selection.every:
        for type_, device in known.items():
            lacking = [n for n, f in facts.items() if all(d.type != type_ for d in f.devices)]
            if lacking:
                left_out[type_] = f"not every build has it: {', '.join(lacking)}"
            else:
                yield device
        return
    aliases = {d.alias: d for d in known.values() if d.alias}
    for name in dict.fromkeys(name for name in selection.devices if "," not in name):
        found = known.get(name) or aliases.get(name)
        if found is None:
            raise _unknown("device type", name, [*known, *aliases])
        yield found


def _offering(
    machine: str, builds: Sequence[Build], facts: Mapping[str, BuildFacts]
) -> tuple[Build, ...]:
    return tuple(
        build
        for build in builds
        if not machine or any(machine in (m.name, m.alias) for m in facts[build.name].machines)
    )


def _no_pair(machines: Sequence[str], facts: Mapping[str, BuildFacts]) -> UsageError:
    known = {m.name for fact in facts.values() for m in fact.machines}
    for machine in machines:
        if machine not in known:
            return _unknown("machine type", machine, known)
    return UsageError(
        f"fewer than two of these builds offer {' or '.join(machines)}",
        "a migration needs the machine type on both ends: `qcompat machine list BUILD`",
    )


def _unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    close = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.6)
    meant = (
        f"did you mean {' or '.join(close)}?" if close else f"`qcompat machine list` shows {kind}s"
    )
    return UsageError(f"none of these builds has a {kind} {name!r}", meant)
