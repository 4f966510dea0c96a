"""How either end of a migration is set: capabilities and limits of each variant."""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.qemu.process import Qemu
from qcompat.trial.trial import Variant

_CAPABILITIES: Mapping[Variant, tuple[str, ...]] = {
    "precopy": (),
    "postcopy": ("postcopy-ram",),
    "multifd": ("multifd",),
}
_UNLIMITED = 1 << 40
_DOWNTIME = 500
"""Milliseconds that the guest may stand still; QEMU's own default is 300 (migration/options.c)."""
SLOW = {"max-bandwidth": 1 << 20}
FAST = {"max-bandwidth": _UNLIMITED}


async def configure_source(source: Qemu, variant: Variant) -> None:
    """Postcopy starts slowly, so that the guest leaves while most of its memory stays behind."""
    await _enable(source, variant)
    limits = SLOW if variant == "postcopy" else FAST
    await source.execute("migrate-set-parameters", {**limits, "downtime-limit": _DOWNTIME})


async def configure_target(target: Qemu, variant: Variant) -> None:
    await _enable(target, variant)


async def _enable(qemu: Qemu, variant: Variant) -> None:
    """Errors: CommandError where the build or the host cannot do the variant."""
    states = [{"capability": name, "state": True} for name in _CAPABILITIES[variant]]
    if states:
        await qemu.execute("migrate-set-capabilities", {"capabilities": states})
