"""Fetching a build from a suite into a root of its own, and registering it.

`apt` downloads packages, `unpack` unpacks them, `naming` names the build. Here is their order, so
that nothing half-done is ever visible: a root is prepared under a name that no entry refers to,
and the entry is written last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from qcompat.arch.architecture import Architecture, usual
from qcompat.builds.build import Build
from qcompat.builds.fetch.apt import Apt, Package
from qcompat.builds.fetch.archive import find_keyring
from qcompat.builds.fetch.mirror import Sites, find_sites
from qcompat.builds.fetch.naming import name_for
from qcompat.builds.fetch.suite import Suite, parse_suite
from qcompat.builds.fetch.unpack import unpack
from qcompat.builds.identify import UNIDENTIFIED, identify
from qcompat.builds.registry import Registry
from qcompat.builds.roots import Progress, alone, new_root, sweep
from qcompat.builds.run import sandbox
from qcompat.errors import BuildError, FetchError
from qcompat.local.home import make_private

FIRMWARE = ("/usr/share/qemu", "/usr/share/seabios", "/usr/lib/ipxe/qemu")
"""Debian splits firmware over packages; which of these a suite has differs."""

# Display devices such as qxl are modules in packages of their own from 9.2 (trixie, backports).
_MODULES = "qemu-system-modules-"
# Drawing with a GPU needs them, emulating a display does not: 60 MB of 100 to download.
_UNNEEDED = re.compile(r"mesa-libgallium|libllvm\d+|libz3-4|iso-codes")
MANIFEST = "packages.json"
_ATTEMPTS = 3


def fetch(
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
) -> Build:
    """Register the build that a suite such as `debian/bookworm` holds now, and return it.

    It is the emulator of `architecture`, by default of the usual one. If it is registered from the
    same packages already, nothing is unpacked again. `keyring` and `components` are taken instead
    of the archive's own; `base_sites` are those of the archive on which the suite's stands, if any.
    Errors: UsageError for a spec of another form, FetchError, BuildError when the build does
    not run here, StoreError.
    """
    suite, wanted = parse_suite(spec, components), architecture or usual()
    if lacking := sandbox.why_not():
        raise BuildError(f"fetched builds run in bubblewrap, and {lacking}", sandbox.HINT)
    apt = apt_of(suite, sites, keyring, cache, base_sites)
    if suite.optional and not sites.security:
        progress.warn(f"no site of security updates is known: {suite.base} is fetched without it")
    with alone(registry.roots, progress):
        sweep(registry)
        packages, files = download(apt, lambda: choose(apt, suite, wanted, progress), progress)
        if present := present_build(registry, packages):
            return present
        with new_root(registry.roots) as root:
            unpack(files, root, lambda share: progress.step("unpack", share))
            (root / MANIFEST).write_bytes(msgspec.json.encode(packages))
            progress.step("identify", 0)
            build = _identified(root, wanted, registry, suite.archive.name)
            registry.add(build, replace=True)
        sweep(registry)  # a root that this one replaces
        return build


def apt_of(
    suite: Suite, sites: Sites, keyring: str, cache: Path, base_sites: Sites | None = None
) -> Apt:
    """Apt over a suite, and the one that it stands on. Errors: UsageError, FetchError.

    Its state lies below `cache` by the suite's name, which those of Debian's have alone.
    """
    of_debian = suite.archive.name == "debian"
    name = suite.name if of_debian else f"{suite.archive.name}-{suite.name}"
    place = make_private(cache) / "apt" / name
    apt = Apt(suite, sites, find_keyring(suite.archive, keyring), place)
    if suite.below:
        apt.below = apt_of(suite.below, base_sites or find_sites(), keyring, cache)
    return apt


def download(
    apt: Apt, choose: Callable[[], tuple[Package, ...]], progress: Progress
) -> tuple[tuple[Package, ...], tuple[Path, ...]]:
    """The packages that `choose` takes from fresh lists, and their files. Errors: FetchError.

    A mirror in the middle of its own update lacks files that its lists name, so this tries again.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        progress.step("package lists", 0)
        apt.update(progress.warn)
        packages = choose()
        try:
            return packages, apt.download(packages, lambda share: progress.step("download", share))
        except FetchError as error:
            if attempt == _ATTEMPTS:
                raise
            progress.warn(f"{error.message}: trying again")
    raise AssertionError("unreachable")


def choose(
    apt: Apt, suite: Suite, architecture: Architecture, progress: Progress
) -> tuple[Package, ...]:
    """The packages of a build of a suite, from lists at hand. Errors: FetchError."""
    named, *firmware = suite.archive.packages_of(architecture)
    if architecture.former_package and named not in apt.known(named):
        named = architecture.former_package
    wanted = (named, *firmware)
    modules = apt.known(_MODULES)
    try:
        packages = apt.resolve([*wanted, *modules])
    except FetchError as error:
        if not modules:
            raise
        packages = apt.resolve(wanted)
        progress.warn(f"without {' and '.join(modules)}: {error.message}")
    emulator = next(package for package in packages if package.name == named)
    if suite.overlay and not apt.is_in_overlay(emulator):
        raise FetchError(
            f"{suite.overlay} holds no QEMU of its own",
            f"fetch that of the release: {suite.archive.name}/{suite.base}",
        )
    return tuple(package for package in packages if not _UNNEEDED.fullmatch(package.name))


def present_build(registry: Registry, packages: Sequence[Package]) -> Build | None:
    """The registered build that was unpacked from exactly these packages."""
    manifest = msgspec.json.encode(packages)
    for build in registry.list():
        kept = Path(build.root) / MANIFEST
        if build.root and kept.is_file() and kept.read_bytes() == manifest:
            return build
    return None


def _identified(root: Path, architecture: Architecture, registry: Registry, vendor: str) -> Build:
    binary = f"/usr/bin/{architecture.emulator}"
    firmware = tuple(path for path in FIRMWARE if (root / path[1:]).is_dir())
    build = Build("fetched", UNIDENTIFIED, "root", binary, str(root), firmware)
    identity = identify(build)
    return msgspec.structs.replace(
        build, name=name_for(identity, architecture, registry, vendor), identity=identity
    )
