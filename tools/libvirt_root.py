"""libvirt of two Debian suites with the QEMU of each, every suite in a root of its own.

Tests run them there, as root in bubblewrap (`tests/libvirtd.py`): nothing is installed on this
machine. `tools.lab` fetches them once into qcompat's cache.
"""

from __future__ import annotations

from pathlib import Path

from qcompat.builds.fetch.apt import Apt
from qcompat.builds.fetch.archive import archive_called, find_keyring
from qcompat.builds.fetch.mirror import find_sites
from qcompat.builds.fetch.suite import parse_suite
from qcompat.builds.fetch.unpack import unpack
from qcompat.builds.roots import new_root
from qcompat.local.home import cache_home, make_private

SUITES = {"9.0": "bookworm", "11.3": "trixie"}
"""The suite that has each release of libvirt."""
_PACKAGES = (
    *("libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients"),
    *("qemu-system-x86", "seabios"),
    # what a hook may use: POSIX's tools, flock and xargs
    *("bash", "coreutils", "util-linux", "sed", "grep", "findutils"),
)


def root_of(suite: str) -> Path:
    """Where the root of a suite is, once it was fetched."""
    return cache_home() / "libvirt" / suite


def fetch_root(suite: str) -> None:
    """Fetch it, unless it is there. Errors: FetchError, StoreError."""
    target = root_of(suite)
    if target.exists():
        return
    home = make_private(target.parent)
    apt = Apt(
        parse_suite(f"debian/{suite}"),
        find_sites(),
        find_keyring(archive_called("debian")),
        home / f"apt-{suite}",
    )
    apt.update(print)
    files = apt.download(apt.resolve(_PACKAGES), lambda _: None)
    with new_root(home) as root:
        unpack(files, root, lambda _: None)
        shell = root / "usr/bin/sh"
        shell.unlink(missing_ok=True)  # a link that a package's script makes
        shell.symlink_to("bash")
        root.rename(target)
