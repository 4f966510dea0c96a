"""Standard streams that are closed, full or of another encoding, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = "from qcompat.cli import main; main()"


def _run(
    *arguments: str, redirect: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    script = f'"$0" -c "$1" check "$2" "$3" $4 {redirect}'
    words = [*arguments, ""][:3]
    return subprocess.run(
        ["sh", "-c", script, sys.executable, MAIN, *words],
        capture_output=True,
        env=os.environ | environment,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_encoding_without_arrows_gets_them_spelled(encoding: str, source: str, target: str) -> None:
    done = _run(source, target, PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert done.stdout.startswith(b"forward  blocked: does not load")
    assert b"debian-10.0.13 -> debian-11.1.3" in done.stdout
    assert done.stderr == b""


def test_json_is_utf_8_in_every_locale(source: str, target: str) -> None:
    done = _run(source, target, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout.decode("utf-8"))["forward"]["verdict"] == "blocked"


@pytest.mark.parametrize("option", ["", "--json", "--help"])
def test_closed_stdout_leaves_the_exit_code(option: str, source: str, target: str) -> None:
    done = _run(source, target, option, redirect=">&-")
    assert done.returncode == (0 if option == "--help" else 1)
    assert done.stderr == b""


def test_closed_stderr_and_stdin_are_no_bug(source: str) -> None:
    assert _run(source, "missing.qcp", redirect="2>&- <&-").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full here")
@pytest.mark.parametrize("option", ["", "--json"])
def test_full_stdout_is_one_message(option: str, source: str, target: str) -> None:
    done = _run(source, target, option, redirect=">/dev/full")
    assert done.returncode == 4
    assert [line.split(b":")[0] for line in done.stderr.splitlines()] == [b"error", b"hint"]
