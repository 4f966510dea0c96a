"""What suites hold now, without fetching it: versions, and how much there is to download."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from qcompat.arch.architecture import Architecture, usual
from qcompat.builds.fetch.archive import known_archives
from qcompat.builds.fetch.fetch import apt_of, choose, present_build
from qcompat.builds.fetch.mirror import Sites
from qcompat.builds.fetch.suite import parse_suite
from qcompat.builds.registry import Registry
from qcompat.builds.roots import Progress, alone
from qcompat.errors import FetchError


class Offer(msgspec.Struct, frozen=True):
    """What a suite holds: the version of its emulator's package, and the bytes to download.

    `build` is the registered build that is made of just these packages, empty where there is none.
    Where `reason` says why nothing can be fetched, there is nothing else.
    """

    suite: str
    version: str = ""
    size: int = 0
    build: str = ""
    reason: str = ""


def usual_suites(archive: str) -> tuple[str, ...]:
    """The suites of an archive that are worth a look; none for one that is not known by name."""
    known = known_archives().get(archive)
    return tuple(f"{archive}/{each}" for each in known.suites) if known else ()


def offer(
    spec: str,
    *,
    registry: Registry,
    cache: Path,
    sites: Sites,
    progress: Progress,
    architecture: Architecture | None = None,
    keyring: str = "",
    components: Sequence[str] = (),
    base_sites: Sites | None = None,
) -> Offer:
    """What a suite holds for guests of an architecture. The arguments are those of `fetch`.

    Errors: UsageError for a spec of another form, StoreError.
    """
    suite, wanted = parse_suite(spec, components), architecture or usual()
    try:
        apt = apt_of(suite, sites, keyring, cache, base_sites)
        with alone(registry.roots, progress):
            progress.step("package lists", 0)
            apt.update(progress.warn)
            packages = choose(apt, suite, wanted, progress)
    except FetchError as error:
        return Offer(spec, reason=error.message)
    emulators = (*suite.archive.packages_of(wanted)[:1], wanted.former_package)
    version = next((each.version for each in packages if each.name in emulators), "")
    present = present_build(registry, packages)
    size = sum(apt.sizes.get(each.file, 0) for each in packages)
    return Offer(spec, version, size, present.name if present else "")
