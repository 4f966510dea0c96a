"""The name of a build to which its user gave none: from what the build reports.

`debian-7.2.22` for `7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`. A distribution can ship several
packages of one version; the second one gets the package's revision, as in
`debian-7.2.22-7+deb12u19`, and if even that is taken, the digest of its binary. Emulators of
architectures other than the usual one say which: `debian-7.2.22-s390x`.
"""

from __future__ import annotations

import re

from qcompat.arch.architecture import Architecture, usual
from qcompat.builds.build import BuildIdentity
from qcompat.builds.registry import Registry
from qcompat.errors import StoreError


def name_for(
    identity: BuildIdentity, architecture: Architecture, registry: Registry, vendor: str = ""
) -> str:
    """The shortest of the build's possible names that no other build has.

    `vendor` is who packed it, where its package string does not tell.
    A build that is registered already under one of them keeps it.
    """
    names = possible_names(identity, architecture, vendor)
    holders = {build.name: build.identity for build in registry.list()}
    known = next((name for name in names if holders.get(name) == identity), None)
    free = (name for name in names if name not in holders)
    if (name := known or next(free, None)) is None:
        raise StoreError(
            f"other builds have all possible names of {names[0]}",
            "remove one, or give a name",
        )
    return name


def possible_names(
    identity: BuildIdentity, architecture: Architecture, vendor: str = ""
) -> tuple[str, ...]:
    """From the shortest to the one that no other build can have."""
    short = f"{vendor or _vendor(identity.package)}-{_plain(identity.version)}"
    if architecture != usual():
        short += f"-{architecture.name}"
    revision = _revision(identity.package)
    longer = f"{short}-{revision}" if revision else short
    return tuple(dict.fromkeys((short, longer, f"{longer}-{identity.sha256[:12]}")))


def _vendor(package: str) -> str:
    """Ubuntu's packages call themselves Debian's, but carry its name in their revision."""
    if "ubuntu" in package.lower():
        return "ubuntu"
    return "debian" if package.startswith("Debian ") else "qemu"


def _revision(package: str) -> str:
    """What distinguishes packages of one version: a Debian revision, else the whole string."""
    if package.startswith("Debian "):
        return _plain(package.rpartition("-")[2])
    return _plain(package)[:60]


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+~]+", "-", text).strip("-")
