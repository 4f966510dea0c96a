from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.errors import FileFormatError, GuestError, UnknownBuildError
from qcompat.guest.single import single_device
from qcompat.portrait.bundle import read_bundle, write_bundle
from qcompat.portrait.bundled import PLACE, bundled_builds, open_bundle
from qcompat.portrait.portraits import Portraits

MOST_BYTES = 15 * 1024 * 1024


def test_a_bundle_gives_back_what_was_put_in(tmp_path: Path) -> None:
    bundle = open_bundle(PLACE / "debian-7.2.22" / _bundle("debian-7.2.22", "pc-q35-7.2"))
    portraits = [(key, bundle.get(key)) for key in bundle.keys[:5]]
    path = tmp_path / "some.qcb"
    write_bundle(portraits, path)
    again = read_bundle(path)
    assert [(key, again.get(key)) for key in again.keys] == portraits


def test_a_damaged_bundle_is_refused(tmp_path: Path) -> None:
    source = PLACE / "debian-7.2.22" / _bundle("debian-7.2.22", "pc-q35-7.2")
    path = tmp_path / "cut.qcb"
    path.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(FileFormatError, match="damaged"):
        read_bundle(path)


def test_the_five_debian_builds_are_bundled_and_fit_a_wheel() -> None:
    versions = {entry.identity.version.split(".")[0] for entry in bundled_builds().values()}
    assert {"5", "7", "10", "11"} <= versions
    assert len(bundled_builds()) >= 5
    assert sum(file.stat().st_size for file in PLACE.rglob("*") if file.is_file()) < MOST_BYTES


def test_every_bundled_portrait_is_whole() -> None:
    for name, entry in bundled_builds().items():
        for bundle_name in entry.bundles:
            bundle = open_bundle(PLACE / name / f"{bundle_name}.qcb")
            portraits = [bundle.get(key) for key in bundle.keys]
            assert len(portraits) > 40
            for portrait in portraits:
                assert portrait.identity == entry.identity
                assert portrait.refusal is not None or portrait.stream is not None
                assert portrait.refusal or not portrait.gaps, (name, portrait.gaps)


async def test_a_build_that_is_nowhere_is_named_with_those_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path))
    with pytest.raises(UnknownBuildError, match=r"debian-99") as caught:
        await Portraits.here().of("debian-99", single_device("pc-q35-7.2", "virtio-blk-pci"))
    assert "debian-7.2.22" in caught.value.hint


async def test_a_guest_that_is_not_bundled_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path))
    guest = single_device("pc-q35-7.2", "virtio-blk-pci,num-queues=3")
    with pytest.raises(GuestError, match="no bundled portrait") as caught:
        await Portraits.here().of("debian-7.2.22", guest)
    assert "builds fetch" in caught.value.hint


def _bundle(build: str, machine: str) -> str:
    return next(f"{n}.qcb" for n in bundled_builds()[build].bundles if n.startswith(machine))
