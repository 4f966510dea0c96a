"""Which published breaks there are, and which of them concern a build, or a guest on it."""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.builds.build import BuildIdentity
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.rules.advisories.advisory import (
    Advisory,
    advisories,
    devices_of,
    has_machine,
    has_section,
    is_mended,
)

End = Literal["source", "target"]


class Concern(msgspec.Struct, frozen=True):
    """An advisory, and why it concerns the build that is asked about.

    `ends` are those at which the build has to stand, none where no build is asked about; `devices`
    are the guest's that it is about, by type and address.
    """

    name: str
    advisory: Advisory
    ends: tuple[End, ...] = ()
    devices: tuple[str, ...] = ()


async def list_advisories(
    build: str, asked: AskedGuest | None, portraits: Portraits
) -> tuple[Concern, ...]:
    """All advisories; with a build those that may concern it, with a guest those that may that.

    Errors: UnknownBuildError, and with a guest as `Portraits.of`.
    """
    if not build:
        return tuple(Concern(name, advisory) for name, advisory in advisories().items())
    if asked is None:
        identity = portraits.identity_of(build)
        found = ((name, each, _ends(each, identity)) for name, each in advisories().items())
        return tuple(Concern(name, each, ends) for name, each, ends in found if ends)
    portrait = await asked.portrait_on(portraits, build)
    known = (_of_guest(name, each, portrait) for name, each in advisories().items())
    return tuple(concern for concern in known if concern)


def _of_guest(name: str, advisory: Advisory, portrait: Portrait) -> Concern | None:
    ends = _ends(advisory, portrait.identity)
    devices = tuple(devices_of(advisory, portrait))
    if not ends or not has_machine(advisory, portrait.machine):
        return None
    if not devices and not has_section(advisory, portrait):
        return None
    if ends == ("source",) and is_mended(advisory, portrait):
        return None
    return Concern(
        name, advisory, ends, tuple(f"{each.type} {each.address}".strip() for each in devices)
    )


def _ends(advisory: Advisory, identity: BuildIdentity) -> tuple[End, ...]:
    """At which ends the build is in a range of the advisory."""
    is_source = advisory.may_have(identity, advisory.source)
    is_target = advisory.is_other_end(identity)
    is_either = advisory.both_ways and (is_source or is_target)
    ends: list[End] = []
    if is_source or is_either:
        ends.append("source")
    if is_target or is_either:
        ends.append("target")
    return tuple(ends)
