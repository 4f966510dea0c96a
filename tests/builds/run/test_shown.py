"""The closed list of what the sandbox shows, by looking from inside with a shell for QEMU."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.run import sandbox
from qcompat.builds.run.command import command
from tests.builds.build_samples import native

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason="no bubblewrap here")
_OF_ETC = {Path(name).parts[1] for name in sandbox.ETC}
_OF_THE_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "etc", "nix", "gnu")


@pytest.fixture(autouse=True)
def no_library_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)


@pytest.fixture
def shell_in_tmp() -> Iterator[Path]:
    """A shell directly in /tmp, with a neighbour."""
    with tempfile.NamedTemporaryFile(dir="/tmp", suffix=".secret") as neighbour:
        binary = Path(neighbour.name.replace(".secret", ".shell"))
        shutil.copy("/bin/sh", binary)
        yield binary
        binary.unlink()


def _seen(build: Build, script: str) -> list[str]:
    words = command(build, kvm=False)
    words = words[: words.index("-L")] if "-L" in words else words
    done = subprocess.run(
        [*words, "-c", script],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        start_new_session=True,
    )
    return done.stdout.split()


def _top(*more: str) -> set[str]:
    return {
        "dev",
        "proc",
        "sys",
        "tmp",
        *more,
        *(n for n in _OF_THE_SYSTEM if Path("/", n).is_dir()),
    }


@pytest.mark.parametrize("place", ["/", "/tmp", "/dev", "/dev/shm", "/proc", "/home", "/root/.."])
@pytest.mark.parametrize("part", ["modules", "firmware", "libraries"])
def test_no_directory_is_shown_over_the_private_mounts(
    part: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = native("/bin/sh")
    if part == "libraries":
        monkeypatch.setenv("LD_LIBRARY_PATH", place)
    elif part == "modules":
        build = msgspec.structs.replace(build, module_dir=place)
    else:
        build = msgspec.structs.replace(build, firmware_dirs=(place,))
    assert set(_seen(build, "ls -A /etc")) <= _OF_ETC
    assert set(_seen(build, "ls -A /")) - {p.name for p in Path("/").glob("*.*")} == _top()
    assert _seen(build, "ls -A /tmp /dev/shm") == ["/dev/shm:", "/tmp:"]
    assert _seen(build, "echo $$") != [str(os.getpid())]


def test_of_the_kernel_only_what_a_guest_is_made_of_is_shown_read_only() -> None:
    shell = native("/bin/sh")
    everything = " ".join("/sys" + "/*" * depth for depth in range(1, 7))
    seen = [path for path in _seen(shell, f"echo {everything}") if "*" not in path]
    for path in seen:  # a file that is shown, below one, or a directory on the way to one
        shown = (Path(each) for each in sandbox.HOST_FILES)
        assert any(Path(path).is_relative_to(s) or s.is_relative_to(path) for s in shown), path
    huge = "/sys/kernel/mm/transparent_hugepage"
    if Path(huge).is_dir():
        assert f"{huge}/hpage_pmd_size" in seen
        tried = _seen(shell, f"(echo never > {huge}/enabled) 2>/dev/null || echo refused")
        assert tried == ["refused"]


def test_build_in_tmp_is_shown_without_its_neighbours(shell_in_tmp: Path) -> None:
    build = native(str(shell_in_tmp))
    assert _seen(build, "ls -A /tmp") == [shell_in_tmp.name]
    assert set(_seen(build, "ls -A /")) == _top()


def test_build_in_the_home_directory_is_shown_without_its_neighbours(
    shell_in_tmp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copy(shell_in_tmp, tmp_path / "qemu")
    (tmp_path / "secret").touch()
    assert _seen(native(f"{tmp_path}/qemu"), f"ls -A {tmp_path}") == ["qemu"]


def test_build_tree_shows_itself_and_its_source_and_no_wide_link(tmp_path: Path) -> None:
    source, build = tmp_path / "source" / "pc-bios", tmp_path / "build"
    source.mkdir(parents=True)
    (build / "qemu-bundle").mkdir(parents=True)
    (build / "qemu-bundle" / "share").symlink_to(source)
    (build / "qemu-bundle" / "root").symlink_to("/")
    shutil.copy("/bin/sh", build / "qemu")
    assert _seen(native(f"{build}/qemu"), f"ls -A {tmp_path} {source.parent}") == [
        f"{tmp_path}:",
        "build",
        "source",
        f"{source.parent}:",
        "pc-bios",
    ]
    assert set(_seen(native(f"{build}/qemu"), "ls -A /")) == _top(tmp_path.parts[1])


def test_link_to_everything_beside_a_binary_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").symlink_to("/")
    shutil.copy("/bin/sh", tmp_path / "bin" / "qemu")
    assert _seen(native(f"{tmp_path}/bin/qemu"), f"ls -A {tmp_path}") == ["bin"]


def test_root_shows_its_own_system_and_nothing_of_this_machine(
    builds: dict[str, Build],
) -> None:
    for build in (each for each in builds.values() if each.kind == "root"):
        inside = msgspec.structs.replace(build, binary="/bin/sh", firmware_dirs=())
        if Path(build.root, "usr/bin/sh").exists() or Path(build.root, "bin/sh").exists():
            assert set(_seen(inside, "echo /*")) <= {f"/{name}" for name in _top()}
