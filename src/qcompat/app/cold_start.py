"""What a start on the target would change for a guest whose machine type the target has not.

Such a guest cannot migrate. After a power-off it can start there on another machine type; the one
that comes nearest is found by what the target itself makes of the guest on it.
"""

from __future__ import annotations

import msgspec

from qcompat.app.check import Checked
from qcompat.arch.machine_type import nearest
from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.compare.comparison import compare
from qcompat.compare.devices import PropertyDiffers
from qcompat.guest.of_type import guest_of_type
from qcompat.portrait.portrait import Moment, Portrait
from qcompat.portrait.portraits import End, Portraits, is_file
from qcompat.rules.finding import Finding
from qcompat.verdict.judge import judge

_UNKNOWN = "unsupported machine type"


class ColdStart(msgspec.Struct, frozen=True):
    """A start on `machine`, the nearest of those that were `tried`, in place of the guest's own.

    `findings` are what the guest finds changed, `properties` those of its devices that both builds
    have, with another value. `lost` are properties that the target has not, `gained` its new ones,
    in number.
    """

    machine: str
    tried: tuple[str, ...]
    findings: tuple[Finding, ...]
    properties: tuple[PropertyDiffers, ...]
    lost: int
    gained: int


async def cold_start(checked: Checked, target: End, portraits: Portraits) -> ColdStart | None:
    """None where the target has the machine type, or none of its board, or is not a build here.

    Errors: as `Portraits.of`.
    """
    build = _build(target, portraits)
    if build is None or not _lacks_type(checked):
        return None
    source = checked.source
    moment: Moment = "reset" if source.moment == "running" else source.moment
    names = [each.name for each in learn(build, cache=portraits.cache).machines]
    tried = nearest(source.machine or source.guest.machine, source.identity.version, names)
    found = []
    for machine in tried:
        guest = guest_of_type(source.guest, machine)
        there = await portraits.of(build, guest, moment=moment, accel=source.accel)
        if there.refusal is None:
            found.append(_compared(source, there, tried))
    return min(found, key=lambda each: len(each.findings), default=None)


def _build(target: End, portraits: Portraits) -> Build | None:
    if not isinstance(target, str):
        return target
    if is_file(target) or target not in portraits.registry.names():
        return None
    return portraits.registry.get(target)


def _lacks_type(checked: Checked) -> bool:
    refusal = checked.target.refusal
    return refusal is not None and _UNKNOWN in refusal.message and checked.source.refusal is None


def _compared(source: Portrait, there: Portrait, tried: tuple[str, ...]) -> ColdStart:
    findings = judge(source, there).forward.findings
    properties = compare(source, there).of(PropertyDiffers)
    return ColdStart(
        there.machine,
        tried,
        tuple(f for f in findings if f.promise == "unchanged"),
        tuple(each for each in properties if None not in (each.source, each.target)),
        sum(each.target is None for each in properties),
        sum(each.source is None for each in properties),
    )
