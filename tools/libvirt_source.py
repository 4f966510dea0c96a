"""libvirt's own pairs of domain XML and command line, from its Debian source package.

Tests hold the reading of domain XML against them. `tools.lab` fetches them once into qcompat's
cache; only the tests' files are unpacked.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from qcompat.builds.fetch.apt import Apt, failure
from qcompat.builds.fetch.archive import archive_called, find_keyring
from qcompat.builds.fetch.mirror import find_sites
from qcompat.builds.fetch.suite import parse_suite
from qcompat.builds.roots import new_root
from qcompat.local.home import cache_home, make_private

SUITE = "trixie"
"""The suite whose libvirt, 11.3, made the pairs."""
_PARTS = ("tests/qemuxmlconfdata/", "tests/qemufirmwaredata/")
_MOST_BYTES = 64 << 20


class _Sources(Apt):
    """Apt over the source packages of a suite."""

    def fetch(self, name: str) -> Path:
        """The original tar file of a source package, verified. Errors: FetchError."""
        done = self._run("source", "--download-only", "--tar-only", name)
        found = sorted(self.archives.glob(f"{name}_*.orig.tar.xz"))
        if done.code or not found:
            raise failure(f"cannot download the source package {name}", done)
        return found[-1]

    def _source(self, suite: str) -> str:
        site = self._sites.security if suite.endswith("-security") else self._sites.main
        return f"deb-src [signed-by={self._keyring}] {site} {suite} main"


def pairs_of(suite: str = SUITE) -> Path:
    """Where the tests of a suite's libvirt are, once they were fetched."""
    return cache_home() / "libvirt" / f"{suite}-source" / "tests"


def fetch_pairs(suite: str = SUITE) -> None:
    """Fetch them, unless they are there. Errors: FetchError, StoreError."""
    target = pairs_of(suite).parent
    if target.exists():
        return
    home = make_private(target.parent)
    place = home / f"apt-{suite}-source"
    apt = _Sources(
        parse_suite(f"debian/{suite}"), find_sites(), find_keyring(archive_called("debian")), place
    )
    apt.update(print)
    with new_root(home) as root:
        _unpack(apt.fetch("libvirt"), root)
        root.rename(target)


def _unpack(archive: Path, root: Path) -> None:
    """The wanted files, below one directory less, as far as they are plain files and small."""
    left = _MOST_BYTES
    with tarfile.open(archive, "r:xz") as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            left -= member.size if name.startswith(_PARTS) else 0
            if left > 0 and name.startswith(_PARTS) and (member.isfile() or member.issym()):
                tar.extract(member.replace(name=name), root, filter="data")
