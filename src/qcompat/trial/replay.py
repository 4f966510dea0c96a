"""Running an archived trial again: the same guest on the same builds of this machine.

Builds are found by their identity, whatever they are called here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from qcompat.builds.build import Build, BuildIdentity
from qcompat.errors import FileFormatError, GuestError, UnknownBuildError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.trial.archive import Archive, ArchivedStop
from qcompat.trial.stop import Stop


def stops_of(archive: Archive, builds: Iterable[Build], path: Path) -> tuple[Stop, ...]:
    """The stops of an archived trial on these builds.

    Raises UnknownBuildError naming every build that is missing, FileFormatError where qcompat
    would not start the guest's arguments.
    """
    at_hand = {build.identity: build for build in builds}
    kept = archive.manifest.stops
    if missing := dict.fromkeys(_missing(kept, at_hand)):
        raise UnknownBuildError(
            f"{path} needs builds that are not registered here: {', '.join(missing)}",
            "qcompat builds fetch or builds add registers one; it must be the same package",
        )
    return tuple(Stop(at_hand[s.identity], _guest(s, path), s.reset) for s in kept)


def _missing(stops: Iterable[ArchivedStop], at_hand: dict[BuildIdentity, Build]) -> Iterator[str]:
    for stop in stops:
        if stop.identity not in at_hand:
            identity = stop.identity
            package = f" ({identity.package})" if identity.package else ""
            yield f"{stop.build}: QEMU {identity.version}{package}, sha256 {identity.sha256[:12]}…"


def _guest(stop: ArchivedStop, path: Path) -> Guest:
    return msgspec.structs.replace(genuine_guest(stop.arguments, path), uncovered=stop.uncovered)


def genuine_guest(arguments: tuple[str, ...], path: Path) -> Guest:
    """The guest of a file that may come from anybody.

    Only what `parse` itself could have made is started: every backend is a stand-in. Raises
    FileFormatError for any other arguments.
    """
    try:
        guest = parse(arguments)
    except GuestError as error:
        raise FileFormatError(f"{path} holds no guest: {error.message}") from error
    if guest.arguments != arguments:
        raise FileFormatError(
            f"the guest in {path} has arguments that qcompat would not have written",
            "it is not genuine",
        )
    return guest
