"""Registering real QEMUs: what is found beside them, what is started, what their sandbox shows."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from qcompat.app.add_build import AddQuestion, add_build
from qcompat.app.build_origin import Origin
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.builds.run.places import places
from qcompat.errors import BuildError, UsageError
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portraits import Portraits

pytestmark = pytest.mark.lab
ACCEL = "KVM" if has_kvm() else "TCG"


@pytest.fixture
def portraits(tmp_path: Path) -> Portraits:
    return Portraits(Registry(tmp_path / "home"), tmp_path / "cache")


def outside(build: Build) -> str:
    return f"{build.root}{build.binary}"


async def test_binary_in_an_unpacked_distribution_runs_in_its_root(
    newest: Build, portraits: Portraits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    added = await add_build(AddQuestion("mine", Origin(outside(newest))), portraits)
    assert (added.build.kind, added.build.root) == ("root", newest.root)
    assert added.build.identity == newest.identity
    assert added.started == f"q35 with {ACCEL}"
    assert added.build.module_dir == ""
    assert places(added.build) == ()
    assert portraits.registry.get("mine") == added.build


async def test_binary_with_a_libc_of_another_system_is_told(newest: Build, tmp_path: Path) -> None:
    """Debian's newest QEMU wants a newer libc than this system may have; a root has it."""
    alone = shutil.copy(outside(newest), tmp_path / "qemu-system-x86_64")
    portraits = Portraits(Registry(tmp_path / "home"), tmp_path / "cache")
    with pytest.raises(BuildError) as refused:
        await add_build(AddQuestion("mine", Origin(str(alone))), portraits)
    assert refused.value.hint
    assert "\n" not in refused.value.message
    assert portraits.registry.names() == ()


async def test_same_command_registers_a_changed_binary_again(
    newest: Build, portraits: Portraits
) -> None:
    question = AddQuestion("mine", Origin(outside(newest)))
    first = await add_build(question, portraits)
    old = msgspec.structs.replace(first.build.identity, sha256="ab" * 32)
    portraits.registry.add(msgspec.structs.replace(first.build, identity=old), replace=True)
    again = await add_build(question, portraits)
    assert again.before is not None
    assert again.before.identity == old
    assert portraits.registry.get("mine").identity == newest.identity


async def test_name_of_another_binary_stays_taken(
    builds: Mapping[str, Build], portraits: Portraits
) -> None:
    one, other = list(builds.values())[:2]
    await add_build(AddQuestion("mine", Origin(outside(one))), portraits)
    with pytest.raises(UsageError, match="registered already"):
        await add_build(AddQuestion("mine", Origin(outside(other))), portraits)


async def test_build_added_without_its_firmware_works_once_that_is_named(
    newest: Build, portraits: Portraits, tmp_path: Path
) -> None:
    """A failure of the first entry is not kept."""
    root = tmp_path / "root"
    firmware = [f"{root}{place}" for place in newest.firmware_dirs]
    try:
        shutil.copytree(newest.root, root, symlinks=True, copy_function=os.link)
    except (OSError, shutil.Error):
        pytest.skip("the builds lie on another file system than temporary files")
    for place in firmware:
        shutil.move(place, f"{root}/usr/share/moved-{Path(place).parent.name}-{Path(place).name}")
    moved = tuple(str(path) for path in sorted(root.glob("usr/share/moved-*")))
    bare = await add_build(AddQuestion("mine", Origin(f"{root}{newest.binary}")), portraits)
    assert "could not load PC BIOS" in bare.why_not
    assert "bios-256k.bin" in bare.firmware.missing
    named = await add_build(
        AddQuestion("mine", Origin(f"{root}{newest.binary}"), firmware_dirs=moved), portraits
    )
    assert named.started == f"q35 with {ACCEL}"
    assert [Path(place).parent for place in named.build.firmware_dirs] == [
        Path("/usr/share")
    ] * len(moved)


@pytest.mark.parametrize("named", ["", "/no/such", "file"])
async def test_directory_that_is_none_is_wrong_usage(
    named: str, newest: Build, portraits: Portraits
) -> None:
    for question in (
        AddQuestion("mine", Origin(outside(newest)), firmware_dirs=(named,)),
        AddQuestion("mine", Origin(outside(newest)), module_dir=named),
    ):
        with pytest.raises(UsageError):
            await add_build(question, portraits)
    assert portraits.registry.names() == ()
