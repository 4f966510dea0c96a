"""The guest's kernel and its busybox: Debian's packages, fetched once, unpacked in the cache.

Nothing is installed on this machine. How packages are had is `builds.fetch.package_tree`.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from qcompat.builds.fetch.fetch import Progress
from qcompat.builds.fetch.mirror import Sites
from qcompat.builds.fetch.package_tree import PackageTree
from qcompat.errors import FetchError, StoreError
from qcompat.local.home import cache_home

# A release whose kernel gets fixes, and that every mirror holds.
SUITE = "debian/trixie"
# The first depends on the kernel proper, whose name has its version in it.
NAMES = ("linux-image-cloud-amd64", "busybox-static")
WANTED = re.compile(r"linux-image-\d.*-cloud-amd64|busybox-static")


class Kernel(msgspec.Struct, frozen=True):
    """Where the kernel image, busybox and the directory of the kernel's modules lie."""

    image: Path
    busybox: Path
    modules: Path


def kernel_tree() -> PackageTree:
    return PackageTree(SUITE, NAMES, WANTED, cache_home() / "guest-kernel")


def obtain_kernel(*, sites: Sites | None = None, progress: Progress | None = None) -> Kernel:
    """The kernel; it is fetched if it is not there. Without network it has to be.

    Errors: FetchError where it cannot be had, BuildError without bubblewrap, StoreError.
    """
    tree = kernel_tree()
    try:
        root = tree.present() or tree.fetch(sites=sites, progress=progress)
    except FetchError as error:
        raise FetchError(
            f"a live trial boots Debian's kernel, and it cannot be had: {error.message}",
            f"let this machine reach its mirror of Debian once, or copy {tree.home} here from one"
            " where a live trial ran",
        ) from error
    return _find(root)


def _find(root: Path) -> Kernel:
    return Kernel(
        image=_only(root, "boot/vmlinuz-*"),
        busybox=_only(root, "usr/bin/busybox"),
        modules=_only(root, "usr/lib/modules/*"),
    )


def _only(root: Path, pattern: str) -> Path:
    found = sorted(root.glob(pattern))
    if len(found) != 1:
        raise StoreError(
            f"{root} holds {len(found)} files {pattern}, expected one",
            f"delete {root.parent}; it is fetched anew",
        )
    return found[0]
