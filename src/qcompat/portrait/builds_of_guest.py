"""Whether builds can have a guest at all: its machine type is of their architecture."""

from __future__ import annotations

from collections.abc import Iterable

from qcompat.arch.architecture import owners_of
from qcompat.builds.build import Build
from qcompat.errors import UsageError


def builds_with(machine: str, builds: Iterable[Build]) -> tuple[Build, ...]:
    """Those of an architecture that has the machine type (or alias); all where none has it."""
    owners = [each.name for each in owners_of(machine)]
    return tuple(build for build in builds if not owners or build.architecture in owners)


def architecture_on(builds: Iterable[Build], machine: str) -> str:
    """The architecture of a guest on `machine` (a machine type or alias), which all builds have.

    Empty where there are no builds. Errors: UsageError where they are of two architectures, or
    the machine type is another's.
    """
    names = {build.name: build.architecture for build in builds}
    owners = [each.name for each in owners_of(machine)]
    foreign = next((name for name, found in names.items() if owners and found not in owners), "")
    if foreign:
        raise UsageError(
            f"{machine} is a machine type of {' and '.join(owners)}, and {foreign} runs guests of "
            f"{names[foreign]}",
            f"name a build of {owners[0]}: `qcompat builds list` shows them, "
            f"`qcompat builds fetch --arch {owners[0]}` gets one",
        )
    if len(found := dict.fromkeys(names.values())) > 1:
        told = " and ".join(f"{name} of {architecture}" for name, architecture in names.items())
        raise UsageError(
            f"the builds are of different architectures: {told}",
            "no guest migrates from one architecture to another; name builds of one",
        )
    return next(iter(found), "")
