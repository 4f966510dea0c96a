"""Fetching a build from repositories of rpms into a root of its own, and registering it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from qcompat.arch.architecture import usual
from qcompat.builds.build import Build
from qcompat.builds.fetch.apt import Package
from qcompat.builds.fetch.fetch import MANIFEST, present_build
from qcompat.builds.fetch.naming import name_for
from qcompat.builds.fetch.rpm.choose import choose
from qcompat.builds.fetch.rpm.download import check_digest, fetch_file
from qcompat.builds.fetch.rpm.metadata import Listed, read_repository
from qcompat.builds.fetch.unpack import unpack
from qcompat.builds.find.binary import find_binary
from qcompat.builds.find.firmware import find_firmware
from qcompat.builds.identify import UNIDENTIFIED, identify
from qcompat.builds.registry import Registry
from qcompat.builds.roots import Progress, alone, new_root, sweep
from qcompat.builds.run import sandbox
from qcompat.errors import BuildError
from qcompat.local.home import make_private

_MOST_PACKAGE = 1 << 30


def fetch_rpms(
    vendor: str,
    repositories: Sequence[str],
    keyring: str,
    *,
    registry: Registry,
    cache: Path,
    progress: Progress,
) -> Build:
    """Register the build that repositories hold now, and return it.

    They are addresses of directories with `repodata`, all signed by keys in `keyring`. If the build
    is registered from the same packages already, nothing is downloaded again.
    Errors: UsageError, FetchError, BuildError when it does not run here, StoreError.
    """
    if lacking := sandbox.why_not():
        raise BuildError(f"fetched builds run in bubblewrap, and {lacking}", sandbox.HINT)
    with alone(registry.roots, progress):
        sweep(registry)
        place = Path(tempfile.mkdtemp(prefix="rpm-", dir=make_private(cache)))
        try:
            packages = _choose(repositories, keyring, place, progress)
            manifest = tuple(Package(p.name, "-".join(p.version), p.digest) for p in packages)
            if present := present_build(registry, manifest):
                return present
            files = _download(packages, place, progress)
            with new_root(registry.roots) as root:
                unpack(files, root, lambda share: progress.step("unpack", share))
                (root / MANIFEST).write_bytes(msgspec.json.encode(manifest))
                progress.step("identify", 0)
                build = _identified(root, registry, vendor)
                registry.add(build, replace=True)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        sweep(registry)
        return build


def _choose(
    repositories: Sequence[str], keyring: str, place: Path, progress: Progress
) -> tuple[Listed, ...]:
    found: list[Listed] = []
    for number, url in enumerate(repositories):
        progress.step("package lists", number / len(repositories))
        found += read_repository(url, keyring, place, os.uname().machine)
    return choose(found)


def _download(packages: Sequence[Listed], place: Path, progress: Progress) -> list[Path]:
    whole, done, files = sum(each.size for each in packages) or 1, 0, []
    for each in packages:
        path = place / f"{re.sub(r'[^A-Za-z0-9.+_-]', '_', each.name)}.rpm"
        report = partial(_report, progress, done, whole)
        with path.open("wb") as file:
            fetch_file(each.url, file, min(each.size, _MOST_PACKAGE), report)
        check_digest(path, each.algorithm, each.digest)
        done += each.size
        files.append(path)
    return files


def _report(progress: Progress, before: int, whole: int, size: int) -> None:
    progress.step("download", (before + size) / whole)


def _identified(root: Path, registry: Registry, vendor: str) -> Build:
    build = Build("fetched", UNIDENTIFIED, "root", find_binary(str(root)), str(root))
    identity = identify(build)
    build = msgspec.structs.replace(build, identity=identity)
    return msgspec.structs.replace(
        build,
        name=name_for(identity, usual(), registry, vendor),
        firmware_dirs=find_firmware(build).directories,
    )
