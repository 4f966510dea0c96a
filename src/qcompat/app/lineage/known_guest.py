"""What is known of a guest before it moves: by its portrait, its arguments, or itself running."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.errors import BuildError, QcompatError, UsageError
from qcompat.guest.base_type import words_on_base_type
from qcompat.guest.given.form import Given
from qcompat.guest.given.line import guest_given, guest_of
from qcompat.guest.guest import Guest
from qcompat.lineage.lineage import Lineage, PowerCycle
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.portrait.running.observed import Observed


class RecordedGuest(msgspec.Struct, frozen=True):
    """A guest's lineage with its stored portraits."""

    lineage: Lineage
    cycle: PowerCycle
    portraits: Mapping[str, Portrait]


class KnownGuest(msgspec.Struct, frozen=True):
    """What is known of a guest before it moves.

    `arguments` are as the user wrote them. `portrait` is None where its build is not at hand,
    and then `lacking` says so. `recorded` is its lineage, `observed` the running guest itself.
    """

    arguments: tuple[str, ...]
    guest: Guest
    portrait: Portrait | None
    recorded: RecordedGuest | None = None
    observed: Observed | None = None
    lacking: str = ""


def from_portrait(portrait: Portrait, *, base_type: bool = False) -> KnownGuest:
    """A guest that is known from its portrait."""
    portrait = AskedGuest(base_type=base_type).read(portrait)
    return KnownGuest(portrait.guest.arguments, portrait.guest, portrait)


async def from_arguments(
    portraits: Portraits,
    given: Given,
    build: str,
    accel: AccelChoice,
    *,
    base_type: bool = False,
) -> KnownGuest:
    """A guest from a file, on `build` (empty: the build whose binary its words name)."""
    guest = guest_given(given, base_type=base_type)
    words = words_on_base_type(given.words) if base_type else given.words
    name = build or _named_in(words, portraits.registry)
    return KnownGuest(words, guest, await portraits.of(name, guest, accel=accel))


async def from_running(
    portraits: Portraits,
    observed: Observed,
    words: tuple[str, ...],
    build: str,
    recorded: RecordedGuest | None,
    *,
    base_type: bool = False,
) -> KnownGuest:
    """A running guest; its arguments are those of its process, `words`, or its record's."""
    words = words or observed.arguments or (recorded.cycle.started.arguments if recorded else ())
    if not words:
        raise UsageError(
            "the arguments of the running guest could not be read: "
            + "; ".join(gap.reason for gap in observed.gaps if gap.part == "arguments"),
            "add --argv FILE, a copy of its /proc/PID/cmdline",
        )
    guest = guest_of(words, base_type=base_type)
    words = words_on_base_type(words) if base_type else words
    accel: AccelChoice = "tcg" if observed.accel == "tcg" or not has_kvm() else "kvm"
    portrait, lacking = await _portrait(portraits, observed, guest, build, accel)
    return KnownGuest(words, guest, portrait, recorded, observed, lacking)


async def try_out(
    portraits: Portraits, observed: Observed, build: str, words: tuple[str, ...]
) -> frozenset[str]:
    """The debugging commands that a twin of an observed guest survives (`observe.TryOut`)."""
    from qcompat.portrait.running.twin import survived

    words = words or observed.arguments
    if not words:
        raise BuildError("not asked: a twin to try the question on needs the guest's arguments")
    accel: Accel = "kvm" if observed.accel == "kvm" and has_kvm() else "tcg"
    return await survived(_build_of(observed, build, portraits.registry), guest_of(words), accel)


async def _portrait(
    portraits: Portraits, observed: Observed, guest: Guest, build: str, accel: AccelChoice
) -> tuple[Portrait | None, str]:
    try:
        found = _build_of(observed, build, portraits.registry)
        return await portraits.of(found, guest, accel=accel), ""
    except QcompatError as error:
        return None, error.message


def _build_of(observed: Observed, build: str, registry: Registry) -> Build:
    """The build that runs the guest: the one named, else the one of its version and package."""
    if build:
        return registry.get(build)
    for each in registry.list():
        if (each.identity.version, each.identity.package) == (observed.version, observed.package):
            return each
    raise BuildError(
        f"the guest runs on QEMU {observed.version} {observed.package}, which is not registered",
        "register it: qcompat builds add; or name the build with --from",
    )


def _named_in(words: tuple[str, ...], registry: Registry) -> str:
    program = words[0] if words else ""
    for build in registry.list():
        if build.kind == "native" and PurePath(build.binary) == PurePath(program):
            return build.name
    why = f"{program} is not a registered build" if "/" in program else "it names no build"
    raise UsageError(
        f"which build runs this guest is not known: {why}", "name it with --from BUILD"
    )
