"""The processor of a running guest, as its QEMU was told to make it."""

from __future__ import annotations

from itertools import pairwise

from qcompat.arch.architecture import cpu_model
from qcompat.errors import BuildError, UsageError
from qcompat.portrait.running.observed import Observed
from qcompat.portrait.running.reach.running import Running


async def cpu_of_running(running: Running) -> str:
    """What comes after its `-cpu`; without one, the model that its machine type has.

    Errors: UsageError where the guest's arguments cannot be had, as `observe`.
    """
    from qcompat.portrait.running.observe import observe

    seen = await observe(running, _nothing)
    if not seen.arguments:
        raise UsageError(
            "the arguments of the running guest could not be read, so its features are not known",
            "give its processor: --guest MODEL,+x,-y",
        )
    given = [value for name, value in pairwise(seen.arguments) if name in ("-cpu", "--cpu")]
    return given[-1] if given else cpu_model(seen.cpu_type)


async def _nothing(_: Observed) -> frozenset[str]:
    """No debugging command is needed for this, so none is tried."""
    raise BuildError("not asked")
