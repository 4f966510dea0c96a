"""Asking one build what it offers its guests here: two launches, about half a second.

An expansion (`qemu.cpu_model`) does not start the CPU, so it tells how a model is defined, not
what the host can run of it (`x86_cpu_filter_features` of target/i386/cpu.c, 10.0, runs only when
a CPU is realized). `query-cpu-definitions` tells what the host lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import (
    CommandError,
    HostLacksError,
    LaunchError,
    QemuDiedError,
)
from qcompat.hosts.ask.answers import (
    NESTED,
    VALUES,
    aliases_in,
    definition,
    oldest_machine,
    unavailable_in,
    values_in,
)
from qcompat.hosts.capture import BuildCapture, Definition, Value
from qcompat.hosts.cpu.features.names import canonicals, on_in
from qcompat.hosts.cpu.features.registers import refused_by
from qcompat.hosts.cpu.models import is_versioned
from qcompat.portrait.portrait import Accel
from qcompat.qemu.cpu_model import expand
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu

MODEL: Mapping[Accel, str] = {"kvm": "host", "tcg": "max"}
"""The model that has every feature a guest can get."""
_STARTED = (*VALUES, "level", "xlevel", "phys-bits", "tsc-frequency", "pmu", "host-cache-info")
_MACHINE = "q35"
_MOST_OFF = 32
"""No KVM refuses so many of the features that it offers."""


async def capture_build(build: Build, accel: Accel) -> BuildCapture:
    """What the build offers. Errors: LaunchError where it does not start at all."""
    prefix = command(build, kvm=accel == "kvm")
    started = await _start(prefix, accel)
    off = dict.fromkeys(started.off, False)
    async with launch(prefix, ["-accel", accel, "-machine", "none"]) as qemu:
        found = await _ask(qemu, build, accel, off)
    return msgspec.structs.replace(
        found,
        values={**found.values, **started.values},
        refusal=started.refusal,
        older=await _older(prefix, accel, found),
    )


async def _ask(qemu: Qemu, build: Build, accel: Accel, off: Mapping[str, bool]) -> BuildCapture:
    """The questions that need no guest; `off` holds what keeps the model from starting."""
    cpu = MODEL[accel]
    listed = await qemu.execute("query-cpu-definitions")
    props = await expand(qemu, cpu, off)
    refused = set(on_in(await expand(qemu, cpu))) - set(on_in(props)) if off else ()
    machines = await qemu.execute("query-machines")
    return BuildCapture(
        build=build.name,
        identity=build.identity,
        accelerator=accel,
        cpu=cpu,
        features=on_in(props),
        refused=tuple(sorted(refused)),
        unmigratable=await _unmigratable(qemu, cpu, props, off),
        known=canonicals(await feature_names(qemu, cpu)),
        values=values_in(props),
        unavailable=unavailable_in(listed),
        aliases=aliases_in(listed),
        definitions=await define(qemu, (each["name"] for each in listed)),
        machines=tuple(sorted(machine["name"] for machine in machines)),
    )


async def _older(prefix: Sequence[str], accel: Accel, found: BuildCapture) -> tuple[str, ...]:
    """What the oldest machine type adds. Only a machine that is made applies its compat table."""
    machine = oldest_machine(found.machines)
    if not machine:
        return ()
    arguments = ["-accel", accel, "-machine", machine, "-nodefaults", "-m", "16"]
    try:
        async with launch(prefix, arguments) as qemu:
            props = await expand(qemu, MODEL[accel])
    except (LaunchError, QemuDiedError, CommandError, HostLacksError):
        return ()
    return tuple(sorted(set(on_in(props)) - {*found.features, *found.refused}))


async def _unmigratable(
    qemu: Qemu, cpu: str, props: Mapping[str, Any], off: Mapping[str, bool]
) -> tuple[str, ...]:
    """What the host could give a guest that never moves."""
    try:
        everything = await expand(qemu, cpu, {"migratable": False, **off})
    except CommandError:
        return ()
    return tuple(sorted(set(on_in(everything)) - set(on_in(props))))


class _Start(msgspec.Struct, frozen=True):
    """How a start with the model ended: the values, or the refusal, and what was turned off."""

    values: Mapping[str, Value]
    refusal: str
    off: tuple[str, ...]


async def _start(prefix: Sequence[str], accel: Accel) -> _Start:
    """Start the model, without a feature that KVM offers and then refuses."""
    off: tuple[str, ...] = ()
    first = ""
    while True:
        words = ",".join([MODEL[accel], *(f"{name}=off" for name in off)])
        arguments = ["-accel", accel, "-machine", _MACHINE, "-cpu", words]
        try:
            async with launch(prefix, [*arguments, "-nodefaults", "-m", "16"]) as qemu:
                return _Start(await _values(qemu), first, off)
        except (LaunchError, QemuDiedError, HostLacksError) as error:
            first = first or error.said.split("\n")[0]
            feature = refused_by(error.said)
            if not feature or feature in off or len(off) == _MOST_OFF:
                return _Start({}, first, ())
            off = (*off, feature)


async def _values(qemu: Qemu) -> dict[str, Value]:
    path = (await qemu.execute("query-cpus-fast"))[0]["qom-path"]
    found: dict[str, Value] = {}
    for name in _STARTED:
        try:
            value = await qemu.execute("qom-get", {"path": path, "property": name})
        except CommandError:
            continue
        found[name] = int(value) if isinstance(value, bool) else value
    return found


async def feature_names(qemu: Qemu, name: str) -> tuple[str, ...]:
    """All features that the build has a name for: a static expansion has no others."""
    answer = await qemu.execute(
        "query-cpu-model-expansion", {"type": "static", "model": {"name": name}}
    )
    props = answer["model"]["props"]
    return tuple(sorted(key for key, value in props.items() if isinstance(value, bool)))


async def define(qemu: Qemu, names: Iterable[str]) -> dict[str, Definition]:
    """The definitions of the versioned models among `names`."""
    found: dict[str, Definition] = {}
    for name in filter(is_versioned, names):
        try:
            plain, nested = await expand(qemu, name), await expand(qemu, name, NESTED)
        except CommandError:
            continue  # a model that cannot be made here cannot be chosen either
        found[name] = definition(plain, nested)
    return found
