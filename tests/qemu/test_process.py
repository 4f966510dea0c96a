from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run import sandbox
from qcompat.builds.run.command import command
from qcompat.builds.run.tether import tethered
from qcompat.errors import BuildError, CommandError, HostLacksError, LaunchError, QemuTimeoutError
from qcompat.qemu import process
from qcompat.qemu.launch import launch

_PYTHON = sys.executable


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


async def test_a_program_that_refuses_is_quoted() -> None:
    script = "import sys; sys.exit('qemu-system-x86_64: -M foo: unsupported machine type')"
    with pytest.raises(LaunchError, match="-M foo: unsupported machine type"):
        async with launch([_PYTHON, "-c", script], []):
            pass


async def test_a_program_that_says_nothing_is_reported_by_its_status() -> None:
    with pytest.raises(LaunchError, match="exit status 3"):
        async with launch([_PYTHON, "-c", "raise SystemExit(3)"], []):
            pass


SANDBOX = [*sandbox.BASE, *sandbox.SYSTEM, *sandbox.PRIVATE, "--"]
needs_bubblewrap = pytest.mark.skipif(bool(sandbox.why_not()), reason="no bubblewrap here")


async def _fails_to_start(words: list[str]) -> BuildError:
    with pytest.raises(BuildError) as caught:
        async with launch(words, []):
            pass
    return caught.value


@pytest.mark.parametrize("complaint", ["bwrap: Can't mount proc", "no words of its own", ""])
async def test_a_sandbox_that_fails_is_no_refusal_whatever_it_says(
    complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = tmp_path / "bwrap"
    failing.write_text(f'#!/bin/sh\necho "{complaint}" >&2\nexit 1\n')
    failing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    error = await _fails_to_start(tethered([*SANDBOX, "/bin/true"]))
    assert complaint in error.message


@needs_bubblewrap
async def test_a_binary_that_the_sandbox_cannot_run_is_no_refusal() -> None:
    error = await _fails_to_start(tethered([*SANDBOX, "/usr/bin/no-such-qemu"]))
    assert "/usr/bin/no-such-qemu" in error.message


@needs_bubblewrap
async def test_a_build_in_a_sandbox_that_refuses_is_quoted_even_where_it_sounds_like_one() -> None:
    script = "echo 'qemu-system-x86_64: -device x' >&2; echo 'bwrap: y: no such device' >&2; exit 1"
    with pytest.raises(LaunchError, match="-device x\nbwrap: y"):
        async with launch(tethered([*SANDBOX, "/bin/sh", "-c", script]), []):
            pass


@needs_bubblewrap
async def test_a_build_in_a_sandbox_that_crashes_is_reported_by_its_signal() -> None:
    with pytest.raises(LaunchError, match="signal 6"):
        async with launch(tethered([*SANDBOX, "/bin/sh", "-c", "kill -ABRT $$"]), []):
            pass


async def test_a_binary_that_is_gone_is_no_refusal() -> None:
    error = await _fails_to_start(tethered(["env", "-i", "/usr/bin/no-such-qemu"]))
    assert "/usr/bin/no-such-qemu" in error.message


async def test_words_that_were_made_for_another_process_are_no_refusal() -> None:
    words = [word.replace(str(os.getpid()), "1") for word in tethered(["/bin/true"])]
    assert "not started by process 1" in (await _fails_to_start(words)).message


async def test_a_program_that_floods_ends_in_bounded_memory() -> None:
    script = "import sys\nfor i in range(200000): sys.stderr.write('flood %d\\n' % i)\nsys.exit(1)"
    with pytest.raises(LaunchError) as caught:
        async with launch([_PYTHON, "-c", script], []):
            pass
    assert len(caught.value.log) < 100_000


async def test_a_program_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "START_SECONDS", 0.5)
    pid_file = tmp_path / "pid"
    script = f"import os,time; open({str(pid_file)!r},'w').write(str(os.getpid())); time.sleep(99)"
    with pytest.raises(QemuTimeoutError):
        async with launch([_PYTHON, "-c", script], []):
            pass
    assert not _is_alive(int(pid_file.read_text()))


@pytest.mark.lab
async def test_a_real_build_answers_and_is_gone_afterwards(newest: Build) -> None:
    async with launch(command(newest), ["-accel", "tcg", "-M", "pc", "-nodefaults"]) as qemu:
        pid = qemu.pid
        version = await qemu.execute("query-version")
        assert "qemu" in version
        assert (await qemu.qtest.batch(["inb 0x70"]))[0].startswith("0x")
    assert not _is_alive(pid)


@pytest.mark.lab
async def test_an_unknown_command_is_an_error_with_the_words_of_qemu(newest: Build) -> None:
    async with launch(command(newest), ["-accel", "tcg", "-M", "pc", "-nodefaults"]) as qemu:
        with pytest.raises(CommandError, match="no-such-command"):
            await qemu.execute("no-such-command")


@pytest.mark.lab
async def test_a_build_that_something_else_kills_says_nothing_of_the_guest(newest: Build) -> None:
    async with launch(command(newest), ["-accel", "tcg", "-M", "pc", "-nodefaults"]) as qemu:
        os.killpg(qemu.pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
        with pytest.raises(HostLacksError, match="signal 9"):
            await qemu.execute("query-version")
