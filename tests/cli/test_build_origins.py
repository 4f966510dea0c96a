"""Real QEMUs from roots, packages, images, wheels, trees: one command each, then a real check."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.builds.run.command import command
from qcompat.builds.run.tether import kill
from qcompat.cli import run
from tests.cli.qemu_archives import image_of, rpms_of, tree_of, wheel_of

pytestmark = pytest.mark.lab
Capture = pytest.CaptureFixture[str]
GUEST = ("--", "-machine", "q35", "-m", "128M", "-nodefaults", "-device", "virtio-rng-pci")


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without builds."""
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "home"


@pytest.fixture
def of_this_system(builds: Mapping[str, Build]) -> Build:
    """A build that needs no newer C library than this machine has."""
    if "7.2.22" not in builds:
        pytest.skip("needs the build of bookworm")
    return builds["7.2.22"]


def added(home: Path, capsys: Capture, *words: str) -> Build:
    """The build that one command made, of which a guest started."""
    assert run(["builds", "add", "mine", *words]) == 0, capsys.readouterr().err
    told = capsys.readouterr()
    assert "a guest of q35 with" in told.out
    return Registry(home).get("mine")


def assert_checks_as(build: Build, home: Path) -> None:
    """What was registered as `mine` is, for a guest, the build that it was made of."""
    registry = Registry(home)
    registry.add(msgspec.structs.replace(build, name="original"))
    assert registry.get("mine").identity.version == build.identity.version
    assert run(["check", "original", "mine", *GUEST]) == 0


def test_root_of_another_distribution(newest: Build, home: Path, capsys: Capture) -> None:
    build = added(home, capsys, "--root", newest.root)
    assert (build.kind, build.root, build.binary) == (
        "root",
        newest.root,
        "/usr/bin/qemu-system-x86_64",
    )
    assert build.identity == newest.identity
    assert_checks_as(newest, home)


def test_image(newest: Build, home: Path, tmp_path: Path, capsys: Capture) -> None:
    image = image_of(newest, tmp_path / "image.tar")
    build = added(home, capsys, "--image", str(image))
    root = Path(build.root)
    assert (root / "usr/share/new").exists()
    assert (root / "usr/share/qemu").is_dir()
    assert not (root / "usr/share/qemu/qemu-nsis.bmp").exists()
    assert build.identity == newest.identity
    assert_checks_as(newest, home)
    assert run(["builds", "add", "mine", "--image", str(image)]) == 0
    assert "registered mine again" in capsys.readouterr().out
    assert len(list((home / "roots").glob("root-*"))) == 1
    assert run(["builds", "remove", "mine"]) == 0
    assert not list((home / "roots").glob("root-*"))


@needs("rpmbuild")
def test_two_rpms(newest: Build, home: Path, tmp_path: Path, capsys: Capture) -> None:
    emulator, libraries = map(str, rpms_of(newest, tmp_path))
    assert run(["builds", "add", "mine", "--packages", emulator]) == 4
    told = capsys.readouterr().err
    assert "/usr/libexec/qemu-kvm lacks libraries: " in told
    assert "dnf provides '/lib64/ld-linux-x86-64.so.2' 'libaio.so.1t64()(64bit)'" in told
    assert not Registry(home).names()
    assert not list((home / "roots").glob("root-*"))
    build = added(home, capsys, "--packages", emulator, libraries)
    assert build.binary == "/usr/libexec/qemu-kvm"
    assert build.identity == newest.identity
    assert not (tmp_path / "touched").exists(), "a script of the package ran"
    assert_checks_as(newest, home)


@needs("patchelf")
def test_wheel_with_its_libraries(
    of_this_system: Build, home: Path, tmp_path: Path, capsys: Capture
) -> None:
    wheel = wheel_of(of_this_system, tmp_path / "q-1.0-py3-none-manylinux.whl")
    build = added(home, capsys, "--packages", str(wheel))
    assert (build.kind, build.root) == ("native", "")
    assert_checks_as(of_this_system, home)
    assert run(["builds", "remove", "mine"]) == 0
    assert not list((home / "roots").glob("root-*"))


@needs("patchelf")
def test_wheel_for_a_newer_system_gets_the_c_library_of_a_build(
    newest: Build, home: Path, tmp_path: Path, capsys: Capture
) -> None:
    wheel = wheel_of(newest, tmp_path / "q-1.0-py3-none-manylinux.whl")
    if run(["builds", "add", "mine", "--packages", str(wheel)]) == 0:
        pytest.skip("this system is as new as the newest build")
    assert "hint: fetch a build of a newer system" in capsys.readouterr().err
    Registry(home).add(newest)
    build = added(home, capsys, "--packages", str(wheel))
    assert (build.kind, build.binary) == ("root", "/q/bin/qemu-system-x86_64")
    assert (Path(build.root) / "lib64/ld-linux-x86-64.so.2").is_file()
    assert_checks_as(newest, home)


@needs("patchelf")
def test_build_tree_that_was_built_again(
    of_this_system: Build, home: Path, tmp_path: Path, capsys: Capture
) -> None:
    tree = tree_of(of_this_system, tmp_path)
    build = added(home, capsys, "--tree", str(tree))
    assert build.binary == f"{tree}/qemu-system-x86_64"
    assert_checks_as(of_this_system, home)
    with Path(build.binary).open("ab") as binary:
        binary.write(b"built again")
    assert run(["check", "original", "mine", *GUEST]) == 4
    assert f"hint: register what it is now: qcompat builds add mine --tree {tree}" in (
        capsys.readouterr().err
    )
    assert run(["builds", "add", "mine", "--tree", str(tree)]) == 0
    assert "it was QEMU 7.2.22" in capsys.readouterr().out
    assert run(["check", "original", "mine", *GUEST]) == 0


def test_root_of_a_running_container_is_not_taken_for_this_machines(
    newest: Build, home: Path, capsys: Capture
) -> None:
    """The kernel's link to it reads as `/`."""
    idle = ("-machine", "none", "-nodefaults", "-display", "none", "-S")
    process = subprocess.Popen([*command(newest), *idle], start_new_session=True)
    try:
        while not (inside := emulators_of(process.pid)):
            time.sleep(0.05)
        assert run(["builds", "add", "mine", "--root", f"{inside[0]}/root"]) == 2
    finally:
        kill(process)
        process.wait()
    assert "is the root of a process in a container" in capsys.readouterr().err
    assert not Registry(home).names()


def emulators_of(session: int) -> list[Path]:
    """The processes of a session that are QEMUs by now."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            of_session = (place / "stat").read_text().rpartition(")")[2].split()[3] == str(session)
            if of_session and "qemu" in (place / "exe").readlink().name:
                found.append(place)
    return found


def test_directory_without_a_root_runs_with_the_libraries_of_this_machine(
    of_this_system: Build, home: Path, tmp_path: Path, capsys: Capture
) -> None:
    """An unpacked wheel, say; a root file system without a loader is not whole."""
    for place, told in (("bin", "install that library"), ("usr/bin", "is the root whole?")):
        root = tmp_path / place.replace("/", "-")
        (root / place).mkdir(parents=True)
        shutil.copy2(f"{of_this_system.root}{of_this_system.binary}", root / place)
        assert run(["builds", "add", "mine", "--root", str(root)]) == 4
        assert told in capsys.readouterr().err
    assert not Registry(home).names()
