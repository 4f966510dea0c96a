"""What a build knows of its machine types: tables, defaults, and what devices said under them."""

from __future__ import annotations

from collections.abc import Callable

from qcompat.local.doing import doing
from qcompat.machine.model import MachineFacts
from qcompat.machine.obtain import obtain_machines
from qcompat.portrait.accel_choice import AccelChoice


async def machine_facts(
    build: str,
    *,
    accel: AccelChoice = "auto",
    observed: bool = True,
    announce: Callable[[str], None] = lambda _: None,
) -> MachineFacts:
    """The facts of a build of this machine, or of one that ships with qcompat.

    The first question to a build takes a minute or two, which is announced; later ones are
    answered from the cache. `accel` is what the build is asked with. Without `observed` what
    devices said is left out. Errors: UnknownBuildError, and what asking a build raises.
    """
    with doing(f"looking up the machine types of {build}"):
        return await obtain_machines(build, announce, accel=accel, observed=observed)
