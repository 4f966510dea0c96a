"""Whatever is at the other end of a monitor: one clear error, in time, in bounded memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qcompat.errors import QcompatError, QemuTimeoutError
from qcompat.qemu import qmp_socket
from qcompat.qemu.qmp_socket import look_at
from tests.qemu.hostile import KINDS, Moment, hostile

_SECONDS = 5.0
"""The two limits that are set below are half a second each; the rest is for a busy machine."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qmp_socket, "GREETING_SECONDS", 0.5)
    monkeypatch.setattr(qmp_socket, "ANSWER_SECONDS", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("moment", "name"), KINDS, ids=lambda each: str(each))
async def test_one_clear_error_in_time(tmp_path: Path, moment: Moment, name: str) -> None:
    with hostile(tmp_path, moment, name) as path:
        began = time.monotonic()
        with pytest.raises(QcompatError) as caught:
            async with look_at(path) as monitor:
                await monitor.ask("query-status")
        assert time.monotonic() - began < _SECONDS
    assert caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.usefixtures("impatient")
async def test_a_session_ends_however_often_there_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qmp_socket, "SESSION_SECONDS", 1.0)
    with hostile(tmp_path, "answer", "an answer after a while, again and again") as path:
        began = time.monotonic()
        with pytest.raises(QemuTimeoutError, match="took more than"):
            async with look_at(path) as monitor:
                while True:
                    await monitor.ask("query-status")
        assert time.monotonic() - began < _SECONDS


@pytest.mark.parametrize(
    "name", ["endless events", "endless events STOP", "an endless string", "many small objects"]
)
def test_a_command_ends_with_one_error_and_little_memory(tmp_path: Path, name: str) -> None:
    program = Path(sys.executable).with_name("qcompat")
    with hostile(tmp_path, "answer", name) as path:
        words = [str(program), "carry", "--qmp", str(path), "--to", "any"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (400 << 20, 400 << 20))
        printed = process.communicate()[0].decode()
    assert process.returncode == 4, printed
    assert printed.startswith("error: ")
    assert printed.count("error: ") == 1
    assert "bug" not in printed


async def test_pauses_are_counted_up_to_a_bound(tmp_path: Path) -> None:
    with hostile(tmp_path, "answer", "many pauses, then an answer") as path:
        async with look_at(path) as monitor, monitor.pauses() as pauses:
            await monitor.ask("query-status")
    assert len(pauses) == 500
