from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.builds.run.places import native_places
from tests.builds.build_samples import native


@pytest.fixture(autouse=True)
def no_library_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)


def test_build_of_the_system_needs_nothing_more() -> None:
    assert native_places(native("/usr/bin/qemu-system-x86_64")) == ()


def test_installed_build_sees_what_was_installed_with_it_and_not_its_neighbours(
    tmp_path: Path,
) -> None:
    for name in ("bin", "share/qemu", "lib", "disks"):
        (tmp_path / name).mkdir(parents=True)
    places = native_places(native(f"{tmp_path}/bin/qemu-system-x86_64"))
    assert places == tuple(tmp_path / name for name in ("bin", "lib", "share/qemu"))


def test_build_tree_sees_the_source_that_its_bundle_links_to(tmp_path: Path) -> None:
    source, build = tmp_path / "source" / "pc-bios", tmp_path / "build"
    (source).mkdir(parents=True)
    (build / "qemu-bundle" / "usr" / "share").mkdir(parents=True)
    (build / "qemu-bundle" / "usr" / "share" / "qemu").symlink_to(source)
    assert native_places(native(f"{build}/qemu-system-x86_64")) == (build, source)


def test_libraries_of_the_user_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/usr/lib:{tmp_path}:/not/there")
    assert native_places(native("/usr/bin/qemu-system-x86_64")) == (tmp_path,)
