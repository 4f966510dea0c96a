"""Real QEMUs of this machine, packed in the ways in which others hand them out."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

from qcompat.builds.build import Build
from tests.builds.unpack.archive_writer import oci_files, write_image, write_tar

_OF_QEMU = re.compile(r"usr/(bin/qemu|lib/.*/qemu/|share/(qemu|seabios)|lib/ipxe)")
_OF_LIBC = re.compile(r"(ld-linux|lib(c|m|mvec|pthread|rt|dl|resolv|util|anl|nss_.*)\.so)")
_SPEC = """
Name: {name}
Version: 9.1.0
Release: 1
Summary: made of a Debian build by a test
License: GPL-2.0
%global debug_package %{{nil}}
%global __os_install_post %{{nil}}
%global _build_id_links none
%global _binary_payload w1.zstdio
%description
%post
touch {touched}
%install
cp -a {tree}/. %{{buildroot}}/
%files
/usr
"""


def image_of(build: Build, path: Path) -> Path:
    """An image of two layers: all of the root, and one that hides a firmware file."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name in ("usr", "lib", "lib64", "bin", "etc"):
            if os.path.lexists(f"{build.root}/{name}"):
                tar.add(f"{build.root}/{name}", name)
    above = write_tar({"usr/share/qemu/.wh.qemu-nsis.bmp": b"", "usr/share/new": b"new"})
    return write_image(path, oci_files([whole.getvalue(), above]))


def rpms_of(build: Build, home: Path) -> list[Path]:
    """Two rpms, made by rpmbuild: the emulator and its data, and the libraries."""
    trees = {name: home / name for name in ("qemu-kvm-core", "libraries")}
    for directory, _, names in os.walk(f"{build.root}/usr"):
        for name in names:
            path = Path(directory, name)
            inside = path.relative_to(build.root)
            tree = trees["qemu-kvm-core" if _OF_QEMU.match(str(inside)) else "libraries"]
            target = tree / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                target.symlink_to(path.readlink())
            elif target.parts[-2:-1] != ("doc",):
                shutil.copy2(path, target)
    emulator = trees["qemu-kvm-core"]
    (emulator / "usr/libexec").mkdir()
    (emulator / "usr/bin/qemu-system-x86_64").rename(emulator / "usr/libexec/qemu-kvm")
    for each in list((emulator / "usr/bin").glob("qemu-system-*")):
        each.unlink()
    return [_rpm(name, tree, home) for name, tree in trees.items()]


def _rpm(name: str, tree: Path, home: Path) -> Path:
    spec = home / f"{name}.spec"
    spec.write_text(_SPEC.format(name=name, tree=tree, touched=home / "touched"))
    settings = ("--define", f"_topdir {home}/top", "--define", f"_rpmdir {home}")
    subprocess.run(
        ["rpmbuild", "-bb", "--quiet", *settings, str(spec)],
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": str(home)},
    )
    return next(home.glob(f"*/{name}-*.rpm"))


def wheel_of(build: Build, path: Path) -> Path:
    """A wheel with the emulator, its firmware, and its libraries beside it.

    The C library is this machine's, as for every wheel.
    """
    root = Path(build.root)
    binary = path.with_name("emulator")
    shutil.copy2(f"{root}{build.binary}", binary)
    rpath = ("patchelf", "--force-rpath", "--set-rpath", "$ORIGIN/../../q.libs")
    subprocess.run([*rpath, str(binary)], check=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.write(binary, "q/bin/qemu-system-x86_64")
        places = (root / place.lstrip("/") for place in build.firmware_dirs)
        firmware = {each.name: each for place in places for each in sorted(place.glob("*"))}
        for name, each in firmware.items():
            if each.is_file():
                archive.write(each, f"q/share/qemu/{name}")
        for each in sorted(root.glob("usr/lib/x86_64-linux-gnu/*.so*")):
            if each.is_file() and not _OF_LIBC.match(each.name):
                archive.write(each.resolve(), f"q.libs/{each.name}")
    return path


def tree_of(build: Build, home: Path) -> Path:
    """A build tree: the emulator of the wheel at its top, its firmware in `pc-bios`."""
    with zipfile.ZipFile(wheel_of(build, home / "w.whl")) as archive:
        archive.extractall(home)  # noqa: S202 - written above
    tree = home / "build"
    (tree / "pc-bios").parent.mkdir()
    shutil.move(home / "q/share/qemu", tree / "pc-bios")
    binary = shutil.move(home / "q/bin/qemu-system-x86_64", tree)
    rpath = ("patchelf", "--force-rpath", "--set-rpath", str(home / "q.libs"))
    subprocess.run([*rpath, str(binary)], check=True)
    Path(binary).chmod(0o755)
    return tree
