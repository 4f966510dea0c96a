"""Packages of other formats than Debian's (`fetch/test_unpack`), and what is missing in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.builds.unpack.lacking import what_to_add
from qcompat.builds.unpack.package import Package
from qcompat.builds.unpack.packages import read_package, unpack_packages
from qcompat.errors import FileFormatError
from tests.builds.deb_writer import write_deb
from tests.builds.unpack.archive_writer import Members, write_cpio, write_rpm, write_wheel


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    place.mkdir()
    return place


def test_rpms_become_one_usr_merged_root(root: Path, tmp_path: Path) -> None:
    one: Members = {"./usr/bin/": b"", "./usr/bin/qemu": b"q" * 5, "./usr/share/man/x": b"left out"}
    other: Members = {"./lib64/l.so.1": b"l", "./usr/lib64/l.so": "l.so.1", "./sbin": "usr/sbin"}
    paths = [
        write_rpm(tmp_path / "a.rpm", write_cpio(one)),
        write_rpm(tmp_path / "b.rpm", write_cpio(other)),
    ]
    unpack_packages(paths, root)
    assert (root / "usr/bin/qemu").read_bytes() == b"q" * 5
    assert (root / "usr/lib64/l.so").read_bytes() == b"l"
    assert not (root / "usr/share/man").exists()


def test_names_of_one_file_in_an_rpm_share_it(root: Path, tmp_path: Path) -> None:
    """Only the last one comes with the content."""
    names = write_cpio({"./usr/a": b"", "./usr/b": b"", "./usr/c": b"content"}, links=3)
    unpack_packages([write_rpm(tmp_path / "a.rpm", names)], root)
    assert {(root / "usr" / name).read_bytes() for name in "abc"} == {b"content"}
    assert (root / "usr/a").samefile(root / "usr/c")


def test_rpm_says_what_it_is_and_requires(tmp_path: Path) -> None:
    path = write_rpm(
        tmp_path / "a.rpm",
        b"",
        requires=["libaio.so.1()(64bit)", "rpmlib(X)"],
        provides=["qemu-kvm-core"],
    )
    package = read_package(path)
    assert (package.name, package.version, package.architecture) == (
        "qemu",
        "9.1.0-1.el9",
        "x86_64",
    )
    assert package.provides == {"qemu", "qemu-kvm-core"}
    assert package.requires[0] == "libaio.so.1()(64bit)"


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (write_cpio({"../x": b"x"}), "leads out of the root"),
        (write_cpio({"./usr/x": b"x"}, mode=0o20644), "is a device"),
        (write_cpio({"./usr/x": b"x"})[:60], "cut short"),
        (write_cpio({"./usr/x": b"x" * 100})[:200], "cut short"),
        (b"07070X" + b"0" * 200, "4 GiB"),
        (b"x" * 200, "a header in it is none"),
        (b"070701" + b"-0000001" * 13 + b"x" * 100, "is damaged"),
    ],
)
def test_payload_that_no_rpm_has_is_refused(
    payload: bytes, told: str, root: Path, tmp_path: Path
) -> None:
    path = write_rpm(tmp_path / "a.rpm", payload)
    with pytest.raises(FileFormatError, match=told):
        unpack_packages([path], root)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.rpm", "root"]


def test_damaged_rpm_is_told_by_its_digests(root: Path, tmp_path: Path) -> None:
    payload = write_cpio({"./usr/x": b"x"})
    swapped = write_rpm(tmp_path / "a.rpm", payload, digest="0" * 64)
    with pytest.raises(FileFormatError, match="its payload is not the one"):
        unpack_packages([swapped], root)
    content = bytearray(write_rpm(tmp_path / "b.rpm", payload).read_bytes())
    content[content.index(b"9.1.0")] ^= 1
    (tmp_path / "b.rpm").write_bytes(content)
    with pytest.raises(FileFormatError, match="its header"):
        read_package(tmp_path / "b.rpm")


@given(at=st.integers(0, 3000), value=st.integers(0, 255), size=st.integers(0, 3000))
def test_changed_rpm_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int, size: int
) -> None:
    home = tmp_path_factory.mktemp("rpm")
    (home / "root").mkdir()
    path = write_rpm(home / "a.rpm", write_cpio({"./usr/x": b"x" * 2000}))
    content = bytearray(path.read_bytes())
    content[at % len(content)] = value
    path.write_bytes(content[: len(content) - size % len(content)])
    try:
        read_package(path)
        unpack_packages([path], home / "root")
    except FileFormatError as error:
        assert "\n" not in error.message


def test_wheel_is_unpacked_and_its_programs_can_run(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "q-1.0-py3-none-manylinux.whl"
    write_wheel(path, {"q/bin/qemu": b"q", "q/bin/kvm": "qemu", "q.libs/l.so": b"l"})
    unpack_packages([path], root)
    assert (root / "q/bin/kvm").read_bytes() == b"q"
    assert (root / "q/bin/qemu").stat().st_mode & 0o111
    assert read_package(path).version == "1.0"


def test_wheel_whose_content_is_damaged_is_refused(root: Path, tmp_path: Path) -> None:
    """What reads the content is not what reads the archive."""
    path = write_wheel(tmp_path / "q-1.0-py3-none-any.whl", {"q/b": bytes(range(200))})
    content = bytearray(path.read_bytes())
    content[content.index(b"q/b") + 20] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="is damaged"):
        unpack_packages([path], root)


@pytest.mark.parametrize("name", ["../x", "a/../../x"])
def test_wheel_whose_names_lead_out_is_refused(name: str, root: Path, tmp_path: Path) -> None:
    path = write_wheel(tmp_path / "q-1.0-py3-none-any.whl", {name: b"x"})
    with pytest.raises(FileFormatError, match="leads out"):
        unpack_packages([path], root)


def test_what_is_no_package_is_told_as_such(root: Path, tmp_path: Path) -> None:
    for content in (b"", b"hello", b"!<arch>\n" + b"x" * 60):
        path = tmp_path / "a.deb"
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=r"a\.deb is (no|damaged)"):
            unpack_packages([path], root / ".." / "root")
        if (root / ".members").exists():
            (root / ".members").rmdir()


def test_debian_package_says_what_it_depends_on(tmp_path: Path) -> None:
    control = "Package: q\nVersion: 1:2-3\nDepends: a (>= 1), b:any | c [amd64],\n d\n"
    package = read_package(write_deb(tmp_path / "a.deb", {}, control=control))
    assert (package.name, package.version) == ("q", "1:2-3")
    assert package.requires == ("a", "b|c", "d")


def test_packages_that_have_missing_libraries_are_named() -> None:
    requires = ("libaio1t64", "libglib2.0-0t64", "zlib1g", "libpng16-16|libpng", "libc6")
    package = Package("q", "1", "amd64", frozenset({"q", "libc6"}), requires)
    hint = what_to_add(
        ("libaio.so.1t64", "libglib-2.0.so.0", "libpng16.so.16"), [package], is_rpm=False
    )
    assert hint == "give these packages too: libaio1t64 libglib2.0-0t64 libpng16-16"
    assert "zlib1g" in what_to_add(("libz.so.1",), [package], is_rpm=False)
    assert "apt-file search libz.so.1" in what_to_add(("libz.so.1",), [], is_rpm=False)
    hint = what_to_add(("libaio.so.1", "/lib64/ld-linux-x86-64.so.2"), [], is_rpm=True)
    assert hint.endswith("dnf provides 'libaio.so.1()(64bit)' '/lib64/ld-linux-x86-64.so.2'")
