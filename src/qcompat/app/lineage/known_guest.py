"""What is known of a guest before it moves: by its portrait, its arguments, or itself running."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.running.line_now import Look, line_now
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.errors import BuildError, QcompatError, UnreachableError, UsageError
from qcompat.guest.base_type import words_on_base_type
from qcompat.guest.given.form import Given
from qcompat.guest.given.forms.process import AS_STARTED
from qcompat.guest.given.line import guest_given, guest_of
from qcompat.guest.guest import Guest, Uncovered
from qcompat.lineage.lineage import Lineage, PowerCycle
from qcompat.lineage.plugged.line_of_now import LineOfNow, line_of_now
from qcompat.lineage.plugged.unlike import unlike, untold
from qcompat.local.kvm import has_kvm
from qcompat.portrait.builds_of_guest import builds_with
from qcompat.portrait.portrait import Accel, Gap, Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.portrait.running.observed import Observed


class RecordedGuest(msgspec.Struct, frozen=True):
    """A guest's lineage with its stored portraits."""

    lineage: Lineage
    cycle: PowerCycle
    portraits: Mapping[str, Portrait]


class KnownGuest(msgspec.Struct, frozen=True):
    """What is known of a guest before it moves.

    `arguments` are as the user wrote them; of a running guest, as it is now: `line` says what came
    and went since its start. `portrait` is None where its build is not at hand,
    and then `lacking` says so. `recorded` is its lineage, `observed` the running guest itself.
    `unlike` is where the twin in the portrait is not that: then no twin elsewhere is.
    """

    arguments: tuple[str, ...]
    guest: Guest
    portrait: Portrait | None
    recorded: RecordedGuest | None = None
    observed: Observed | None = None
    lacking: str = ""
    line: LineOfNow | None = None
    unlike: tuple[Uncovered, ...] = ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not known of the running guest, and of what stands on its line."""
        if self.observed is None:
            unseen = [part for part in self.guest.uncovered if part == AS_STARTED]
            return tuple(Gap(part.subject, part.reason) for part in unseen)
        return (*self.observed.gaps, *(self.line.incomplete if self.line else ()))


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


async def from_process(
    portraits: Portraits,
    given: Given,
    why: UnreachableError,
    build: str,
    accel: AccelChoice,
    *,
    base_type: bool = False,
) -> KnownGuest:
    """A running guest whose monitor cannot be had, by the arguments of its process."""
    known = await from_arguments(portraits, given, build, accel, base_type=base_type)
    unseen = (Uncovered("what came and went since its start", why.message),)
    assert known.portrait is not None
    return msgspec.structs.replace(
        known,
        guest=_noted(known.guest, unseen),
        portrait=msgspec.structs.replace(
            known.portrait, guest=_noted(known.portrait.guest, unseen)
        ),
    )


async def from_running(
    portraits: Portraits,
    observed: Observed,
    words: tuple[str, ...],
    build: str,
    recorded: RecordedGuest | None,
    look: Look,
    *,
    base_type: bool = False,
) -> KnownGuest:
    """A running guest, as it is now; `look` opens a session with it.

    It was started with the arguments of its process, `words`, or those of its record.
    """
    words = words or observed.arguments or (recorded.cycle.started.arguments if recorded else ())
    if not words:
        raise UsageError(
            "the arguments of the running guest could not be read: "
            + "; ".join(gap.reason for gap in observed.gaps if gap.part == "arguments"),
            "add --argv FILE, a copy of its /proc/PID/cmdline",
        )
    words = words_on_base_type(words) if base_type else words
    accel = _accel_of(observed)
    try:
        found = _build_of(observed, build, portraits.registry)
    except BuildError as error:
        line = line_of_now(words, observed)
        guest = guest_of(line.words, base_type=base_type)
        return KnownGuest(line.words, guest, None, recorded, observed, error.message, line=line)
    now = await line_now(words, observed, found, accel, look)
    guest = _noted(guest_of(now.line.words, base_type=base_type), now.untold)
    portrait, lacking, parts = await _twin(portraits, observed, guest, found, accel)
    return KnownGuest(
        now.line.words,
        portrait.guest if portrait else guest,
        portrait,
        recorded,
        observed,
        lacking,
        line=now.line,
        unlike=parts,
    )


async def try_out(
    portraits: Portraits, observed: Observed, build: str, words: tuple[str, ...]
) -> frozenset[str]:
    """The debugging commands that a twin of an observed guest survives (`observe.TryOut`)."""
    from qcompat.portrait.running.twin import survived

    words = words or observed.arguments
    if not words:
        raise BuildError("not asked: a twin to try the question on needs the guest's arguments")
    found = _build_of(observed, build, portraits.registry)
    return await survived(found, guest_of(words), _accel_of(observed))


def _accel_of(observed: Observed) -> Accel:
    """What twins of a running guest run with: as it does, where that is told and can be had."""
    return "tcg" if observed.accel == "tcg" or not has_kvm() else "kvm"


async def _twin(
    portraits: Portraits, observed: Observed, guest: Guest, build: Build, accel: AccelChoice
) -> tuple[Portrait | None, str, tuple[Uncovered, ...]]:
    """The portrait of the twin, or why there is none; and where the twin is not the guest."""
    try:
        portrait = await portraits.of(build, guest, accel=accel)
    except QcompatError as error:
        return None, error.message, ()
    if portrait.refusal and not portrait.refusal.has_started:
        said = portrait.refusal.message
        return None, f"a twin of it does not start on its own build: {said}", ()
    parts = unlike(observed, portrait)
    noted = _noted(portrait.guest, (*parts, *untold(observed)))
    return msgspec.structs.replace(portrait, guest=noted), "", parts


def _noted(guest: Guest, parts: tuple[Uncovered, ...]) -> Guest:
    """The guest with these parts uncovered too."""
    uncovered = tuple(dict.fromkeys((*guest.uncovered, *parts)))
    return msgspec.structs.replace(guest, uncovered=uncovered)


def _build_of(observed: Observed, build: str, registry: Registry) -> Build:
    """The build that runs the guest: the one named, else the one of its version and package."""
    if build:
        return registry.get(build)
    for each in builds_with(observed.machine, registry.list()):
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
