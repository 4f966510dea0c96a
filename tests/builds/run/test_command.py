"""The sandbox, tried with a shell in place of QEMU: what it can reach, and when it dies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qcompat.builds.run import sandbox
from qcompat.builds.run.command import command
from qcompat.errors import BuildError
from tests.builds.build_samples import native, rooted

REPOSITORY = Path(__file__).parents[3]
needs_sandbox = pytest.mark.skipif(bool(sandbox.why_not()), reason="no bubblewrap here")


@pytest.fixture
def no_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "why_not", lambda: "it is not installed")


@pytest.fixture
def private_dir() -> Iterator[Path]:
    """A directory of the user's, with a disk in it, where no sandbox puts anything."""
    place = Path("/var/tmp") / f"qcompat-test-{os.getpid()}"
    place.mkdir()
    (place / "disk.img").write_bytes(b"precious")
    yield place
    shutil.rmtree(place)


def _shell(words: list[str], script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*words, "-c", script],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        start_new_session=True,
    )


@needs_sandbox
def test_users_disk_cannot_be_opened(private_dir: Path) -> None:
    done = _shell(command(native("/bin/sh")), f"cat {private_dir}/disk.img")
    assert done.returncode != 0
    assert "precious" not in done.stdout


@needs_sandbox
def test_readable_directory_is_read_only_and_writable_one_is_not(private_dir: Path) -> None:
    script = f"cat {private_dir}/disk.img; echo new > {private_dir}/new"
    done = _shell(command(native("/bin/sh"), readable=[private_dir]), script)
    assert done.stdout == "precious"
    assert not (private_dir / "new").exists()
    _shell(command(native("/bin/sh"), writable=[private_dir]), script)
    assert (private_dir / "new").read_text() == "new\n"


@needs_sandbox
def test_there_is_no_network_and_tmp_is_private(tmp_path: Path) -> None:
    done = _shell(command(native("/bin/sh")), "cat /proc/net/dev; ls -A /tmp; id -u")
    interfaces = [line.split(":")[0].strip() for line in done.stdout.splitlines() if ":" in line]
    assert interfaces == ["lo"]
    assert tmp_path.parts[2] not in done.stdout


@needs_sandbox
def test_no_capability_is_left_but_the_one_for_taps() -> None:
    script = "grep CapEff /proc/self/status"
    assert int(_shell(command(native("/bin/sh")), script).stdout.split()[1], 16) == 0
    if sandbox.can_make_taps():
        words = command(native("/bin/sh"), network_namespace=True)
        assert int(_shell(words, script).stdout.split()[1], 16) == 1 << 12  # CAP_NET_ADMIN


@needs_sandbox
def test_the_users_environment_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/my/libraries")
    told = _shell(command(native("/bin/sh")), "env").stdout
    assert "SECRET" not in told
    assert "LD_LIBRARY_PATH=/my/libraries" in told
    assert "LD_LIBRARY_PATH" not in " ".join(command(rooted("/nowhere")))


@needs_sandbox
def test_file_descriptors_pass_through() -> None:
    ours, theirs = os.pipe()
    words = [*command(native("/bin/sh")), "-c", f"echo hello >/proc/self/fd/{theirs}"]
    subprocess.run(words, pass_fds=[theirs], check=True, timeout=20, start_new_session=True)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        assert pipe.read() == "hello\n"


@needs_sandbox
def test_device_kvm_is_there_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qcompat.builds.run.command.has_kvm", lambda: True)
    assert "/dev/kvm" in command(native("/bin/sh"))
    assert "/dev/kvm" not in command(native("/bin/sh"), kvm=False)
    monkeypatch.setattr("qcompat.builds.run.command.has_kvm", lambda: False)
    assert "/dev/kvm" not in command(native("/bin/sh"))


def test_firmware_and_modules_are_named_to_qemu() -> None:
    words = command(rooted("/nowhere")) if not sandbox.why_not() else []
    assert words[-3:] == ["/usr/bin/qemu-system-x86_64", "-L", "/usr/share/qemu"] or not words


@needs_sandbox
def test_root_of_a_suite_before_usr_merge_shows_its_own_lib(tmp_path: Path) -> None:
    (tmp_path / "usr" / "bin").mkdir(parents=True)
    (tmp_path / "lib").mkdir()
    words = " ".join(command(rooted(str(tmp_path))))
    assert f"--ro-bind {tmp_path}/lib /lib" in words
    assert "--symlink usr/bin /bin" in words


_PARENT = """
import subprocess, sys, time
from qcompat.builds.run import sandbox
from qcompat.builds.run.command import command
from tests.builds.build_samples import native
confined, marker, seconds = sys.argv[1:]
sandbox.why_not = lambda: "" if confined == "True" else "it is not installed"
words = [*command(native("/bin/sleep")), f"600.{marker}"]
subprocess.Popen(words, start_new_session=True)
time.sleep(float(seconds))
print("started", flush=True)
time.sleep(600)
"""


@needs_sandbox
@pytest.mark.parametrize("confined", [True, False])
@pytest.mark.parametrize("seconds", ["0", "0.002", "0.005", "0.3"])
def test_build_dies_with_a_killed_parent(confined: bool, seconds: str) -> None:
    marker = f"{time.time_ns()}"
    words = [sys.executable, "-c", _PARENT, str(confined), marker, seconds]
    with subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        parent.kill()
    _wait_until(lambda: not _running(marker))


def _running(marker: str) -> list[str]:
    """Command lines of living processes that hold the marker; a zombie's is empty."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_text()
        except OSError:
            continue
        if marker in line:
            found.append(line)
    return found


def _wait_until(is_so: object, seconds: float = 10) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.usefixtures("no_bubblewrap")
def test_without_bubblewrap_a_native_build_runs_and_a_root_cannot() -> None:
    words = command(native("/bin/sh"))
    assert words[:3] == ["setpriv", "--pdeathsig", "TERM"]
    assert _shell(words, "echo ran").stdout == "ran\n"
    with pytest.raises(BuildError, match=r"needs bubblewrap, and it is not installed") as failure:
        command(rooted("/nowhere"))
    assert "install bubblewrap" in failure.value.hint
    with pytest.raises(BuildError, match="a private network needs bubblewrap"):
        command(native("/bin/sh"), network_namespace=True)
