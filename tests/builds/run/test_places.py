from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.inside import resolve_inside
from qcompat.builds.run.places import hidden, is_too_wide, places
from tests.builds.build_samples import native, rooted


@pytest.fixture(autouse=True)
def no_library_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)


def seen(build: Build) -> list[Path]:
    assert all(here == f"{build.root}{inside}" for here, inside in places(build))
    return [Path(inside) for _, inside in places(build)]


def binary_in(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "qemu-system-x86_64"
    path.touch()
    return path


def test_build_of_the_system_needs_nothing_more() -> None:
    assert seen(native("/usr/bin/qemu-system-x86_64")) == []


def test_installed_build_sees_what_was_installed_with_it_and_not_its_neighbours(
    tmp_path: Path,
) -> None:
    for name in ("bin", "share/qemu", "lib", "disks"):
        (tmp_path / name).mkdir(parents=True)
    binary = binary_in(tmp_path / "bin")
    (tmp_path / "bin" / "disk.img").touch()
    assert seen(native(str(binary))) == [binary, tmp_path / "lib", tmp_path / "share/qemu"]


def test_binary_among_disks_is_shown_with_its_own_files_alone(tmp_path: Path) -> None:
    binary = binary_in(tmp_path)
    for name in ("disk.img", "secret", "hw-display-qxl.so", "libfdt.so.1"):
        (tmp_path / name).touch()
    (tmp_path / "pc-bios").mkdir()
    assert seen(native(str(binary))) == [
        *(tmp_path / name for name in ("hw-display-qxl.so", "libfdt.so.1", "pc-bios")),
        binary,
    ]


def test_link_to_a_binary_shows_what_lies_beside_the_binary(tmp_path: Path) -> None:
    binary = binary_in(tmp_path / "real" / "bin")
    (tmp_path / "real" / "lib").mkdir()
    (tmp_path / "link").symlink_to("real/bin/qemu-system-x86_64")
    assert seen(native(f"{tmp_path}/link")) == [binary, tmp_path / "real" / "lib"]


def test_build_tree_sees_the_source_that_its_bundle_links_to(tmp_path: Path) -> None:
    source, build = tmp_path / "source" / "pc-bios", tmp_path / "build"
    source.mkdir(parents=True)
    share = build / "qemu-bundle" / "usr" / "share"
    share.mkdir(parents=True)
    (share / "qemu").symlink_to(source)
    binary = binary_in(build)
    assert seen(native(str(binary))) == [build / "qemu-bundle", binary, source]


def test_build_tree_sees_the_files_that_its_bundle_links_to_and_no_icons(tmp_path: Path) -> None:
    source, build = tmp_path / "source" / "pc-bios", tmp_path / "build"
    source.mkdir(parents=True)
    for directory, name in (("qemu", "bios.bin"), ("icons", "qemu.svg")):
        (source / name).touch()
        (build / "qemu-bundle" / "share" / directory).mkdir(parents=True)
        (build / "qemu-bundle" / "share" / directory / name).symlink_to(source / name)
    binary = binary_in(build)
    assert seen(native(str(binary))) == [build / "qemu-bundle", binary, source / "bios.bin"]


def test_a_link_of_a_bundle_that_leads_to_itself_shows_nothing(tmp_path: Path) -> None:
    binary = tmp_path / "build" / "qemu-system-x86_64"
    share = binary.parent / "qemu-bundle" / "share" / "qemu"
    share.mkdir(parents=True)
    (share / "bios.bin").symlink_to("bios.bin")
    binary.write_bytes(b"")
    assert seen(native(str(binary))) == [binary.parent / "qemu-bundle", binary]


def test_libraries_of_the_user_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/usr/lib:{tmp_path}:/not/there")
    assert seen(native("/usr/bin/qemu-system-x86_64")) == [tmp_path]


def test_build_in_a_root_sees_what_lies_outside_the_roots_system(tmp_path: Path) -> None:
    binary_in(tmp_path / "app" / "qemu" / "bin")
    (tmp_path / "app" / "qemu" / "lib").mkdir()
    (tmp_path / "usr" / "bin").mkdir(parents=True)
    (tmp_path / "usr" / "bin" / "qemu").symlink_to("/app/qemu/bin/qemu-system-x86_64")
    build = msgspec.structs.replace(rooted(str(tmp_path)), binary="/usr/bin/qemu")
    assert seen(build) == [
        Path("/app/qemu/bin/qemu-system-x86_64"),
        Path("/app/qemu/lib"),
    ]


@pytest.mark.parametrize(
    "place", ["/", "/opt", "/var", "/var/lib", "/srv", "/mnt", "/data", "/etc", "/home", "/dev"]
)
def test_directories_shared_with_others_are_too_wide(place: str) -> None:
    assert is_too_wide(Path(place))


@pytest.mark.parametrize("place", ["/opt/qemu", "/usr/lib/qemu", "/srv/qemu/lib", "/data/qemu"])
def test_directories_of_a_build_are_not(place: str) -> None:
    assert not is_too_wide(Path(place))


def test_links_are_followed_as_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "usr" / "lib64").mkdir(parents=True)
    (tmp_path / "lib64").symlink_to("/usr/lib64")
    (tmp_path / "usr" / "lib64" / "up").symlink_to("../../../../etc")
    (tmp_path / "loop").symlink_to("loop")
    assert resolve_inside(str(tmp_path), "/lib64/ld.so") == "/usr/lib64/ld.so"
    assert resolve_inside(str(tmp_path), "/lib64/up/passwd") == "/etc/passwd"
    assert resolve_inside(str(tmp_path), "/loop/x") == "/loop/x"
    assert resolve_inside("", "/usr/../usr/bin") == "/usr/bin"


def test_modules_of_another_qemu_of_the_system_are_hidden(tmp_path: Path) -> None:
    for name, file in (("x86_64-linux-gnu", "ui-gtk.so"), ("ipxe", "efi-virtio.rom")):
        (tmp_path / "usr" / "lib" / name / "qemu").mkdir(parents=True)
        (tmp_path / "usr" / "lib" / name / "qemu" / file).touch()
    build = rooted(str(tmp_path))
    other = msgspec.structs.replace(build, binary="/opt/q/bin/qemu-system-x86_64")
    theirs = "/usr/lib/x86_64-linux-gnu/qemu"
    assert hidden(build) == ()
    assert hidden(other) == (theirs,)
    assert hidden(msgspec.structs.replace(other, module_dir=theirs)) == ()
