"""Files of Debian packages other than QEMU: fetched once, and kept unpacked in the cache.

The packages are fetched and verified as builds are (`apt`), but without what they depend on. A
tree that exists is used without asking the network.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from qcompat.builds.fetch.apt import Apt, Package
from qcompat.builds.fetch.archive import archive_called, find_keyring
from qcompat.builds.fetch.fetch import download
from qcompat.builds.fetch.mirror import Sites, find_sites
from qcompat.builds.fetch.suite import parse_suite
from qcompat.builds.fetch.unpack import LEFT_OUT, unpack
from qcompat.builds.roots import SILENT, Progress, alone, new_root
from qcompat.builds.run import sandbox
from qcompat.errors import UNDECODABLE, BuildError, FetchError
from qcompat.local.home import make_private
from qcompat.local.whole_file import write_whole

_LEFT_OUT = tuple(path for path in LEFT_OUT if path != "boot")
_CURRENT = "current.json"


class _Current(msgspec.Struct, frozen=True):
    """The directory that holds the tree, and the packages in it."""

    root: str
    packages: tuple[Package, ...]


class PackageTree:
    """The unpacked packages of `suite` that match `wanted`, among all that `names` need.

    They are those of `arch`, as Debian names it, whatever this machine is.
    """

    def __init__(
        self, suite: str, names: Sequence[str], wanted: re.Pattern[str], home: Path, *, arch: str
    ) -> None:
        self._suite, self._names, self._wanted = parse_suite(suite), names, wanted
        self.home, self._arch = home, arch

    def present(self) -> Path | None:
        """The tree, if it was fetched before."""
        try:
            content = (self.home / _CURRENT).read_bytes()
            root = self.home / msgspec.json.decode(content, type=_Current).root
        except (OSError, *UNDECODABLE):
            return None
        return root if root.is_dir() else None

    def fetch(self, *, sites: Sites | None = None, progress: Progress | None = None) -> Path:
        """Download and unpack what the suite holds now; the tree is visible when it is complete.

        Errors: FetchError, BuildError without bubblewrap, StoreError.
        """
        progress = progress or SILENT
        if lacking := sandbox.why_not():
            raise BuildError(f"packages are unpacked in bubblewrap, and {lacking}", sandbox.HINT)
        place = make_private(self.home) / "apt"
        with alone(self.home, progress):
            if present := self.present():
                return present  # another process fetched it meanwhile
            self._sweep()
            apt = Apt(
                self._suite,
                sites or find_sites(),
                find_keyring(archive_called("debian")),
                place,
                arch=self._arch,
            )
            packages, files = download(apt, lambda: self._choose(apt), progress)
            root = self._unpack(packages, files, progress)
            shutil.rmtree(place, ignore_errors=True)
            return root

    def _choose(self, apt: Apt) -> tuple[Package, ...]:
        found = apt.resolve(self._names)
        chosen = tuple(package for package in found if self._wanted.fullmatch(package.name))
        if len(chosen) != len(self._names):
            held = ", ".join(package.name for package in chosen) or "none"
            raise FetchError(
                f"debian/{self._suite.name} gives {held} of what {' '.join(self._names)} stand for",
                "name another mirror: --mirror URL",
            )
        return chosen

    def _unpack(
        self, packages: tuple[Package, ...], files: Sequence[Path], progress: Progress
    ) -> Path:
        with new_root(self.home) as root:
            unpack(files, root, lambda share: progress.step("unpack", share), left_out=_LEFT_OUT)
            current = _Current(root.name, packages)
            write_whole(self.home / _CURRENT, msgspec.json.encode(current))
        return root

    def _sweep(self) -> None:
        """Delete what a fetch that was killed left behind."""
        for root in self.home.glob("root-*"):
            shutil.rmtree(root, ignore_errors=True)
