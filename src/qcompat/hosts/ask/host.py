"""Asking this host: each build under each accelerator, then the kernel."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from qcompat.builds.build import Build
from qcompat.errors import BuildError, HostLacksError, QemuError
from qcompat.hosts.ask.build import capture_build
from qcompat.hosts.ask.kernel import clock, kernel, processor
from qcompat.hosts.ask.machine import machine
from qcompat.hosts.capture import BuildCapture, HostCapture
from qcompat.portrait.portrait import Accel


async def capture_host(
    builds: Sequence[Build],
    accelerators: Sequence[Accel],
    *,
    name: str = "",
    warn: Callable[[str], None] = lambda _: None,
) -> HostCapture:
    """What this host gives its guests. `warn` gets a line for each build that cannot be asked.

    Errors: BuildError where none could be asked.
    """
    found = tuple(await _ask_all(builds, accelerators, warn))
    if not found:
        raise BuildError(
            "no build on this host could be asked", "see the messages above; qcompat builds list"
        )
    return HostCapture(
        name=name or socket.gethostname(),
        builds=found,
        kernel=kernel(),
        processor=processor(),
        tsc=clock(found),
        machine=machine(),
    )


async def _ask_all(
    builds: Sequence[Build], accelerators: Sequence[Accel], warn: Callable[[str], None]
) -> list[BuildCapture]:
    found: list[BuildCapture] = []
    for build in builds:
        for accel in accelerators:
            try:
                found.append(await capture_build(build, accel))
            except (QemuError, BuildError, HostLacksError) as error:
                warn(f"{build.name} under {accel} could not be asked: {error.message}")
    return found
