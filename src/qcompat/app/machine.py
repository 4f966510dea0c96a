"""What a build knows of its machine types: tables, defaults, and what devices said under them."""

from __future__ import annotations

from collections.abc import Callable

from qcompat.machine.model import MachineFacts
from qcompat.machine.obtain import obtain_machines


async def machine_facts(
    build: str, *, observed: bool = True, announce: Callable[[str], None] = lambda _: None
) -> MachineFacts:
    """The facts of a build of this machine, or of one that ships with qcompat.

    The first question to a build takes a minute or two, which is announced; later ones are
    answered from the cache. Without `observed` what devices said is left out. Errors:
    UnknownBuildError, and what asking a build raises.
    """
    return await obtain_machines(build, announce, observed=observed)
