"""The way of a guest along real builds, as a scenario's chain describes it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, LaunchError, QemuDiedError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.machine.scenario.model import End, Stop
from qcompat.portrait.portrait import Accel
from qcompat.portrait.run_firmware import run_firmware
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import load, save


class Double(msgspec.Struct, frozen=True):
    """The real build that stands for one of a scenario, with what it takes to be like it."""

    version: str
    arguments: tuple[str, ...] = ()


class Stage(msgspec.Struct, frozen=True):
    """The real builds, the doubles of a scenario's builds, and the guest's arguments."""

    builds: Mapping[str, Build]
    doubles: Mapping[str, Double]
    arguments: tuple[str, ...]
    accel: Accel

    def has(self, ends: Sequence[End]) -> bool:
        """Whether every end has a build that plays it."""
        there = (self.doubles.get(end.build) for end in ends)
        return all(double is not None and double.version in self.builds for double in there)

    def build(self, end: End) -> Build:
        """The real build that plays an end."""
        return self.builds[self.doubles[end.build].version]

    def guest(self, end: End) -> Guest:
        """The guest as it is started there."""
        options = (
            word
            for driver, values in end.set.items()
            for name, value in values.items()
            for word in ("-global", f"{driver}.{name}={value}")
        )
        return parse([*self.arguments, *self.doubles[end.build].arguments, *options])


async def saved(stage: Stage, end: End) -> tuple[io.BytesIO | None, str]:
    """The stream of the guest born at an end, paused before it ran, or why there is none."""
    return await _at_stop(stage, Stop(end), None)


async def travelled(stage: Stage, stops: Sequence[Stop]) -> list[bool]:
    """For each arrival whether the guest was taken, up to the first refusal."""
    stream, _ = await _at_stop(stage, stops[0], None)
    arrivals: list[bool] = []
    for stop in stops[1:]:
        if stream is None:
            break
        stream, _ = await _at_stop(stage, stop, stream)
        arrivals.append(stream is not None)
    return arrivals


def pairs(ends: Sequence[End]) -> Iterator[tuple[End, End]]:
    """Every ordered pair."""
    yield from ((source, target) for source in ends for target in ends)


async def _at_stop(
    stage: Stage, stop: Stop, stream: io.BytesIO | None
) -> tuple[io.BytesIO | None, str]:
    """What the guest is after its stay at a stop, or None and why it is not there."""
    guest = stage.guest(stop.end)
    prefix = command(stage.build(stop.end), kvm=stage.accel == "kvm")
    incoming = [] if stream is None else ["-incoming", "defer"]
    into = io.BytesIO()
    try:
        async with launch(prefix, ["-accel", stage.accel, *incoming, *guest.arguments]) as qemu:
            if stream is not None:
                stream.seek(0)
                await load(qemu, stream)
            if stop.keeps:
                assert await run_firmware(qemu)
            if stop.then == "reset":
                await qemu.execute("system_reset")
            await save(qemu, into)
    except (LaunchError, CommandError, QemuDiedError) as error:
        return None, error.message
    if stop.then == "power-off":
        return await _at_stop(stage, Stop(End(stop.end.name, stop.end.build)), None)
    return into, ""
