"""Files of Debian's source package of QEMU, fetched when a benchmark needs one as its peer.

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

from qcompat.builds.home import cache_home, make_private
from qcompat.builds.mirror import find_keyring, find_sites

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


def source_file(name: str) -> Path:
    """The file `name` of QEMU's source tree, such as `scripts/analyze-migration.py`."""
    place = cache_home() / "source"
    kept = place / Path(name).name
    if not kept.exists():
        with tarfile.open(_tarball(place)) as tar:
            member = next(m for m in tar if m.name.partition("/")[2] == name)
            content = tar.extractfile(member)
            assert content is not None, name
            kept.write_bytes(content.read())
    return kept


def source_directory(name: str) -> Path:
    """The directory `name` of QEMU's source tree, such as `python/qemu`, with all below it."""
    place = cache_home() / "source"
    kept = place / "tree" / name
    if not kept.exists():
        make_private(kept.parent)
        with tarfile.open(_tarball(place)) as tar, tempfile.TemporaryDirectory(dir=place) as new:
            tar.extractall(new, _below(tar, name), filter="data")
            (Path(new) / name).rename(kept)
    return kept


def _below(tar: tarfile.TarFile, name: str) -> Iterator[tarfile.TarInfo]:
    """The members of a directory, each without the folder that the whole tree lies in."""
    for member in tar:
        path = member.name.partition("/")[2]
        if f"{path}/".startswith(f"{name}/"):
            yield member.replace(name=path)


def _tarball(place: Path) -> Path:
    for attempt in range(_ATTEMPTS):
        time.sleep(10 * attempt)
        if not (found := _downloaded(place)):
            _download(place)
        if found := _downloaded(place):
            return found[0]
    raise SystemExit(f"the source package of QEMU in {SUITE} could not be downloaded")


def _downloaded(place: Path) -> list[Path]:
    return sorted(place.glob("qemu_*.orig.tar.*[!c]"))


def _download(place: Path) -> None:
    for part in ("state", "lists/partial", "cache/archives/partial"):
        make_private(place / part)
    source = f"deb-src [signed-by={find_keyring()}] {find_sites().main} {SUITE} main\n"
    (place / "sources.list").write_text(source)
    (place / "apt.conf").write_text(_SETTINGS.format(place=place))
    environment = {**os.environ, "APT_CONFIG": str(place / "apt.conf")}
    for words in (["update"], ["source", "--download-only", "qemu"]):
        subprocess.run(["apt-get", "-q", *words], cwd=place, env=environment, check=False)
