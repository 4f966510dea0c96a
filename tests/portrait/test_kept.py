"""A kept portrait is found by what it was made of, and answers for the guest that was asked."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.portrait.kept import path_of
from qcompat.portrait.portrait import Accel
from qcompat.portrait.portraits import Portraits
from tests.builds.build_samples import native

_WORDS = ["-machine", "q35", "-m", "16M", "-nodefaults"]
PLAIN = parse(_WORDS)
VFIO = parse([*_WORDS, "-device", "vfio-pci,host=af:00.0"])


def _path(build: Build, guest: Guest = PLAIN, accel: Accel = "kvm") -> str:
    return path_of(build, guest, "reset", accel)


def test_key_changes_with_the_firmware_the_modules_and_their_files(tmp_path: Path) -> None:
    build = native(f"{tmp_path}/qemu")
    directory = tmp_path / "files"
    directory.mkdir()
    for part in ({"firmware_dirs": (str(directory),)}, {"module_dir": str(directory)}):
        told = msgspec.structs.replace(build, **part)
        before = _path(told)
        (directory / f"{len(list(directory.iterdir()))}.bin").write_bytes(b"1")
        assert len({_path(build), before, _path(told)}) == 3
        assert _path(told) == _path(told)


def test_key_changes_with_the_binary_and_modules_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib" / "qemu").mkdir(parents=True)
    build = native(f"{tmp_path}/bin/qemu")
    keys = [_path(build)]
    for file in ("bin/qemu", "lib/qemu/hw-usb.so"):
        (tmp_path / file).write_bytes(b"x")
        keys.append(_path(build))
    assert len(set(keys)) == 3


def test_key_changes_with_the_firmware_beside_the_binary(tmp_path: Path) -> None:
    build = native(f"{tmp_path}/qemu")
    before = _path(build)
    (tmp_path / "pc-bios").mkdir()
    assert _path(build) != before


def test_key_changes_with_the_size_of_the_hosts_huge_pages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build, keys = native("/qemu"), set[str]()
    for size in ("", "2097152\n", "33554432\n"):
        file = tmp_path / f"size{size.strip()}"
        if size:
            file.write_text(size)
        monkeypatch.setattr("qcompat.portrait.kept.HUGE_PAGE", file)
        keys.add(_path(build, accel="tcg"))
    assert len(keys) == 3


def test_key_changes_with_the_libraries_and_the_kernel_under_kvm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = native("/qemu")
    before, by_tcg = _path(build), _path(build, accel="tcg")
    monkeypatch.setattr("qcompat.portrait.kept._host", lambda: iter(["another kernel"]))
    assert _path(build) != before
    assert _path(build, accel="tcg") == by_tcg
    monkeypatch.setenv("LD_LIBRARY_PATH", "/other")
    assert _path(build, accel="tcg") != by_tcg


@pytest.mark.lab
@pytest.mark.parametrize(("first", "second"), [(PLAIN, VFIO), (VFIO, PLAIN)])
async def test_kept_portrait_answers_with_the_notes_of_this_question(
    first: Guest, second: Guest, newest: Build, tmp_path: Path, accel: Accel
) -> None:
    portraits = Portraits(Portraits.here().registry, tmp_path, accel=accel)
    assert (await portraits.of(newest, first)).guest == first
    assert portraits.at_hand(newest, second, accel=accel)["cached"].guest == second
    assert (await portraits.of(newest, second)).guest == second


def test_bundled_portrait_answers_with_the_notes_of_this_question() -> None:
    from qcompat.guest.single import single_device
    from qcompat.portrait.bundled import bundled_builds, find_bundled

    name = next(iter(bundled_builds()))
    guest = msgspec.structs.replace(
        single_device("pc-q35-5.2", "virtio-rng-pci"), uncovered=VFIO.uncovered
    )
    found = find_bundled(name, guest, "reset", "kvm")
    assert found is not None
    assert found.guest == guest
