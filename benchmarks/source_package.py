"""Files of Debian's source packages, fetched when a benchmark or a test needs one as its peer.

Apt verifies the package as it always does; what is fetched stays in the cache home.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from qcompat.builds.fetch.archive import archive_called, find_keyring
from qcompat.builds.fetch.mirror import find_sites
from qcompat.local.home import cache_home, make_private

SUITE = "trixie"
_ATTEMPTS = 3
_SETTINGS = """
Dir::Etc::sourcelist "{place}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "{place}/state";
Dir::State::lists "{place}/lists";
Dir::Cache "{place}/cache";
APT::Sandbox::User "root";
"""


def source_file(name: str, package: str = "qemu") -> Path:
    """The file `name` of a package's source tree, such as `scripts/analyze-migration.py`."""
    place = _place(package)
    kept = place / Path(name).name
    if not kept.exists():
        with tarfile.open(_tarball(place, package)) as tar:
            member = next(m for m in tar if m.name.partition("/")[2] == name)
            content = tar.extractfile(member)
            assert content is not None, name
            kept.write_bytes(content.read())
    return kept


def source_directory(name: str, package: str = "qemu") -> Path:
    """The directory `name` of a package's source tree, such as `python/qemu`, with all below it.

    Raises SystemExit where the package cannot be fetched.
    """
    place = _place(package)
    kept = place / "tree" / name
    if not kept.exists():
        make_private(kept.parent)
        tarball = _tarball(place, package)
        with tarfile.open(tarball) as tar, tempfile.TemporaryDirectory(dir=place) as new:
            tar.extractall(new, _below(tar, name), filter="data")
            _put(Path(new) / name, kept)
    return kept


def source_tree(suite: str, package: str = "qemu") -> Path:
    """The whole source tree of a package in a suite, with Debian's patches applied.

    Raises SystemExit where the package cannot be had, or dpkg-source is missing.
    """
    place = cache_home() / "source" / "trees" / suite
    for attempt in range(_ATTEMPTS):
        found = [each for each in place.glob(f"{package}-*") if (each / "VERSION").is_file()]
        if found:
            return found[0]
        time.sleep(10 * attempt)
        _download(place, package, suite, unpack=True)
    raise SystemExit(f"the source package {package} of {suite} could not be unpacked")


def _put(new: Path, kept: Path) -> None:
    """Move a directory into place, unless another process was faster."""
    try:
        new.rename(kept)
    except OSError:
        if not kept.exists():
            raise


def _place(package: str) -> Path:
    """Where files of a package are kept; QEMU's, which came first, at the top."""
    top = cache_home() / "source"
    return top if package == "qemu" else top / package


def _below(tar: tarfile.TarFile, name: str) -> Iterator[tarfile.TarInfo]:
    """The members of a directory, each without the folder that the whole tree lies in."""
    for member in tar:
        path = member.name.partition("/")[2]
        if f"{path}/".startswith(f"{name}/"):
            yield member.replace(name=path)


def _tarball(place: Path, package: str) -> Path:
    for attempt in range(_ATTEMPTS):
        time.sleep(10 * attempt)
        if not (found := _downloaded(place, package)):
            _download(place, package)
        if found := _downloaded(place, package):
            return found[0]
    raise SystemExit(f"the source package {package} of {SUITE} could not be downloaded")


def _downloaded(place: Path, package: str) -> list[Path]:
    return sorted(place.glob(f"{package}_*.orig.tar.*[!c]"))


def _download(place: Path, package: str, suite: str = SUITE, *, unpack: bool = False) -> None:
    for part in ("state", "lists/partial", "cache/archives/partial"):
        make_private(place / part)
    keyring = find_keyring(archive_called("debian"))
    source = f"deb-src [signed-by={keyring}] {find_sites().main} {suite} main\n"
    (place / "sources.list").write_text(source)
    (place / "apt.conf").write_text(_SETTINGS.format(place=place))
    environment = {**os.environ, "APT_CONFIG": str(place / "apt.conf")}
    for words in (["update"], ["source", *([] if unpack else ["--download-only"]), package]):
        subprocess.run(["apt-get", "-q", *words], cwd=place, env=environment, check=False)
