"""Where firmware is found, with files in made-up places and a build that says where it looks."""

from pathlib import Path

import msgspec
import pytest

from qcompat.builds.find import firmware as module
from qcompat.builds.find.firmware import Places, find_firmware, table
from qcompat.builds.learn.ask import Answer
from tests.builds.build_samples import native, rooted

FILES = ("bios-256k.bin", "vgabios.bin", "efi.rom")


@pytest.fixture
def binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A binary in PREFIX/bin that looks into PREFIX/own, and three places of a distribution."""
    for name in ("own", "bin", "share/qemu", "usr/share/seabios", "usr/lib/ipxe/qemu"):
        (tmp_path / name).mkdir(parents=True)
    system = tuple(f"{tmp_path}/usr/{name}" for name in ("share/seabios", "lib/ipxe/qemu"))
    places = Places(("pc-bios", "../share/qemu"), system, {"x86_64": FILES})
    monkeypatch.setattr(module, "table", lambda: places)
    told = f"{tmp_path}/bin/../own\n".encode()
    monkeypatch.setattr(module, "ask", lambda *_: Answer(told, "", 0))
    path = tmp_path / "bin" / "qemu-system-x86_64"
    path.touch()
    return path


def put(directory: Path, *names: str) -> str:
    for name in names:
        (directory / name).touch()
    return str(directory)


def test_build_that_finds_all_by_itself_is_given_nothing(binary: Path, tmp_path: Path) -> None:
    put(tmp_path / "own", *FILES)
    put(tmp_path / "share/qemu", *FILES)
    found = find_firmware(native(str(binary)))
    assert (found.directories, found.added, found.missing) == ((), (), ())


def test_own_place_comes_before_the_distributions(binary: Path, tmp_path: Path) -> None:
    own = put(tmp_path / "own", "bios-256k.bin")
    seabios = put(tmp_path / "usr/share/seabios", "bios-256k.bin", "vgabios.bin")
    found = find_firmware(native(str(binary)))
    assert found.directories == (own, seabios)
    assert found.added == (seabios,)
    assert found.missing == ("efi.rom",)


def test_what_lies_beside_a_binary_comes_before_the_distributions(
    binary: Path, tmp_path: Path
) -> None:
    beside = put(tmp_path / "share/qemu", *FILES)
    put(tmp_path / "usr/share/seabios", *FILES)
    assert find_firmware(native(str(binary))).directories == (beside,)


def test_build_in_a_root_is_given_places_of_its_root_alone(binary: Path, tmp_path: Path) -> None:
    inside = tmp_path / "root" / f"{tmp_path}/usr/share/seabios".lstrip("/")
    inside.mkdir(parents=True)
    put(inside, *FILES)
    put(tmp_path / "own", *FILES)
    build = msgspec.structs.replace(rooted(f"{tmp_path}/root"), binary="/usr/bin/" + binary.name)
    assert find_firmware(build).directories == (f"{tmp_path}/usr/share/seabios",)


def test_distributions_are_known() -> None:
    assert {"/usr/share/seabios", "/usr/lib/ipxe/qemu", "/usr/share/qemu-kvm"} <= set(
        table().system
    )
