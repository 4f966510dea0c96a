"""Packages that are no QEMU: only what is wanted is kept, and it is used without asking again."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.fetch.apt import Package
from qcompat.builds.fetch.mirror import Sites
from qcompat.builds.fetch.package_tree import PackageTree
from qcompat.errors import FetchError

PACKAGE = Package("busybox-static", "1:1.37", "busybox-static_1%3a1.37_amd64.deb")


@pytest.fixture
def tree(tmp_path: Path) -> PackageTree:
    return PackageTree(
        "debian/trixie", ["busybox-static"], re.compile("busybox-static"), tmp_path, arch="amd64"
    )


def kept(home: Path, root: str) -> None:
    current = {"root": root, "packages": [PACKAGE]}
    (home / "current.json").write_bytes(msgspec.json.encode(current))


def test_nothing_is_there_before_it_was_fetched(tree: PackageTree) -> None:
    assert tree.present() is None


def test_a_whole_tree_is_used_as_it_is(tree: PackageTree, tmp_path: Path) -> None:
    (tmp_path / "root-a").mkdir()
    kept(tmp_path, "root-a")

    assert tree.present() == tmp_path / "root-a"
    assert tree.fetch(sites=Sites("http://127.0.0.1:9/debian")) == tmp_path / "root-a"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"root": "root-gone", "packages": []}'])
def test_a_damaged_or_lost_tree_is_not_used(
    tree: PackageTree, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "current.json").write_bytes(content)

    assert tree.present() is None


@pytest.mark.lab
def test_what_a_killed_fetch_left_is_swept_and_a_mirror_that_fails_is_named(
    tree: PackageTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qcompat.builds.fetch.fetch._ATTEMPTS", 1)
    (tmp_path / "root-half").mkdir()

    with pytest.raises(FetchError, match="package lists"):
        tree.fetch(sites=Sites("http://127.0.0.1:9/debian", "http://127.0.0.1:9/security"))
    assert not list(tmp_path.glob("root-*"))
