from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from qcompat.builds.fetch.unpack import unpack
from qcompat.builds.run import sandbox
from qcompat.errors import FetchError
from tests.builds.deb_writer import write_deb

pytestmark = pytest.mark.skipif(
    bool(sandbox.why_not()) or shutil.which("dpkg-deb") is None,
    reason="needs bubblewrap and dpkg-deb",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    place.mkdir()
    return place


def test_packages_become_one_usr_merged_root(root: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    packages = [
        write_deb(tmp_path / "a.deb", {"./lib/x.so": b"old", "./usr/share/doc/a/readme": b"r"}),
        write_deb(tmp_path / "b.deb", {"./usr/lib/y.so": b"new", "./lib64/z.so": b"z"}),
    ]
    unpack(packages, root, shares.append)
    assert (root / "usr/lib/x.so").read_bytes() == b"old"
    assert (root / "usr/lib/y.so").read_bytes() == b"new"
    assert (root / "usr/lib64/z.so").read_bytes() == b"z"
    assert (root / "lib").readlink() == Path("usr/lib")
    assert not (root / "usr/share/doc").exists()
    assert shares == [0.5, 1.0]


def test_privileges_of_files_are_dropped(root: Path, tmp_path: Path) -> None:
    unpack([write_deb(tmp_path / "a.deb", {"./usr/bin/su": b"x"}, mode=0o6755)], root, print)
    assert stat.S_IMODE((root / "usr/bin/su").stat().st_mode) & 0o7000 == 0


@pytest.mark.parametrize(
    "members",
    [
        {"../outside": b"x"},
        {"./usr/link": "OUTSIDE", "./usr/link/file": b"x"},
        {"./usr/link": "../../..", "./usr/link/outside": b"x"},
        {"OUTSIDE/absolute": b"x"},
    ],
)
def test_no_member_reaches_outside_the_root(
    members: dict[str, bytes | str], root: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    there = {
        name.replace("OUTSIDE", str(outside)): content.replace("OUTSIDE", str(outside))
        if isinstance(content, str)
        else content
        for name, content in members.items()
    }
    first, second = dict(list(there.items())[:1]), dict(list(there.items())[1:])
    packages = [write_deb(tmp_path / "a.deb", first), write_deb(tmp_path / "b.deb", second)]
    before = sorted(tmp_path.iterdir())
    try:
        unpack(packages, root, print)
    except FetchError as failure:
        assert "cannot unpack" in failure.message
    assert sorted(tmp_path.iterdir()) == before
    assert list(outside.iterdir()) == []


def test_damaged_package_is_named(root: Path, tmp_path: Path) -> None:
    good = write_deb(tmp_path / "a.deb", {"./usr/lib/x": b"x" * 100000})
    bad = tmp_path / "bad_1.0_all.deb"
    bad.write_bytes(good.read_bytes()[:-40])
    with pytest.raises(FetchError, match=r"cannot unpack the packages: bad_1\.0_all\.deb is"):
        unpack([good, bad], root, print)
    with pytest.raises(FetchError, match=r"cannot unpack the packages: .*missing\.deb"):
        unpack([tmp_path / "missing.deb"], _fresh(tmp_path), print)


def _fresh(tmp_path: Path) -> Path:
    place = tmp_path / "fresh"
    place.mkdir()
    return place
