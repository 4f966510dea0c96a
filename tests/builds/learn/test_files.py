from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.builds.learn.files import binary_of, modules_of
from tests.builds.build_samples import native, rooted


@pytest.mark.parametrize(
    "place", ["usr/lib/x86_64-linux-gnu/qemu", "usr/lib64/qemu", "usr/lib/qemu"]
)
def test_modules_are_found_in_the_library_directory(place: str, tmp_path: Path) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "hw-display-qxl.so").touch()
    (tmp_path / place / "libother.so").touch()
    (tmp_path / "usr/bin").mkdir()
    assert modules_of(rooted(str(tmp_path))) == (tmp_path / place / "hw-display-qxl.so",)
    assert binary_of(rooted("/root")) == Path("/root/usr/bin/qemu-system-x86_64")


def test_named_directory_comes_alone(tmp_path: Path) -> None:
    for place in ("bin", "lib/qemu", "mine"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "ui-gtk.so").touch()
    build = msgspec.structs.replace(native(f"{tmp_path}/bin/qemu"), module_dir=f"{tmp_path}/mine")
    assert modules_of(build) == (tmp_path / "mine" / "ui-gtk.so",)


def test_build_tree_has_its_modules_beside_the_binary(tmp_path: Path) -> None:
    (tmp_path / "block-curl.so").touch()
    assert modules_of(native(f"{tmp_path}/qemu")) == (tmp_path / "block-curl.so",)


def test_link_in_a_root_leads_to_a_binary_of_that_root(tmp_path: Path) -> None:
    (tmp_path / "usr" / "bin").mkdir(parents=True)
    (tmp_path / "usr" / "bin" / "qemu-system-x86_64").symlink_to("/store/qemu")
    assert binary_of(rooted(str(tmp_path))) == tmp_path / "store" / "qemu"
