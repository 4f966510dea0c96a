"""Whatever is called virsh on the PATH: one clear error, in time, and nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qcompat.errors import LibvirtError, QcompatError
from qcompat.portrait.running.reach import domain, virsh
from qcompat.portrait.running.reach.reach import reach
from qcompat.portrait.running.reach.running import Domain

_UUID = "c7a5fdbd-edaf-9455-926a-d65c16db1809"
_XML = f"<domain type='kvm' id='1'><name>web</name><uuid>{_UUID}</uuid></domain>"
_GOOD = f"""case "$*" in
*dumpxml*) echo "{_XML}" ;;
*uri*) echo qemu:///system ;;
"""

_AT_ONCE = {
    "silence": "sleep 60",
    "silence with a closed output": "exec >&- 2>&-; sleep 60",
    "a child that holds its output": "sleep 60 & exit 0",
    "a code alone": "exit 1",
    "a signal": "kill -9 $$",
    "nothing": "exit 0",
    "no XML": "echo hello",
    "half a domain": "echo '<domain type=kvm'",
    "another document": "echo '<network/>'",
    "a domain without anything": "echo '<domain/>'",
    "a domain without a UUID": "echo \"<domain type='kvm' id='1'><name>web</name></domain>\"",
    "a UUID that is a word of virsh": (
        "echo \"<domain type='kvm' id='1'><name>w</name><uuid>--help</uuid></domain>\""
    ),
    "entities": (
        'echo \'<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><domain>&b;</domain>\''
    ),
    "a file of this host": (
        "echo '<!DOCTYPE d [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><domain>&a;</domain>'"
    ),
    "deep elements": "yes '<a>' | head -n 200000",
    "an endless line": "yes | tr -d '\\n'",
    "endless errors": "yes >&2",
    "invalid UTF-8": "printf '<domain>\\377\\376</domain>'",
    "zero bytes": "head -c 1000 /dev/zero",
}
_AT_A_QUESTION = {
    "silence": "sleep 60",
    "nothing": "exit 0",
    "a code alone": "exit 1",
    "an error of virsh": "echo 'error: Timed out: cannot acquire state change lock' >&2; exit 1",
    "no JSON": "echo hello",
    "half an answer": 'printf \'{"return": {"sta\'',
    "a list": "echo []",
    "a number": "echo 5",
    "an answer of another shape": "echo '{\"return\": []}'",
    "an error that is a string": 'echo \'{"error": "no"}\'',
    "an error of wrong types": 'echo \'{"error": {"desc": []}}\'',
    "deep lists": "head -c 300000 /dev/zero | tr '\\0' '['",
    "a number of too many digits": "head -c 9999 /dev/zero | tr '\\0' 9",
    "an endless line": "yes | tr -d '\\n'",
    "endless errors": "yes >&2",
    "invalid UTF-8": 'printf \'{"return": "\\377"}\'',
    "two answers": "echo '{\"return\": {}}'; echo '{\"return\": {}}'",
}
_KINDS = [
    *((name, script) for name, script in _AT_ONCE.items()),
    *(
        (f"{name}, at a question", f"{_GOOD}*) {script} ;;\nesac")
        for name, script in _AT_A_QUESTION.items()
    ),
]


def _install(place: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "virsh").write_text(f"#!/bin/sh\n{script}\n")
    (place / "virsh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")


@pytest.mark.parametrize(("name", "script"), _KINDS, ids=[name for name, _ in _KINDS])
async def test_one_clear_error_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str
) -> None:
    _install(tmp_path, script, monkeypatch)
    is_slow = "silence" in name or "child" in name
    monkeypatch.setattr(domain, "ANSWER_SECONDS", 1.0 if is_slow else 15.0)
    began = time.monotonic()
    with pytest.raises(QcompatError) as caught:
        async with reach(Domain("web")) as monitor:
            await monitor.ask("query-status")
    assert time.monotonic() - began < 12
    assert caught.value.message.isprintable()
    assert not _left(tmp_path)


def _left(place: Path) -> list[str]:
    """The processes that the script of that place has left."""
    for _ in range(20):
        found = subprocess.run(
            ["pgrep", "-a", "-f", str(place / "virsh")], capture_output=True, text=True, check=False
        ).stdout.split("\n")
        left = [each for each in found if "/bin/sh" in each]
        if not left:
            return []
        time.sleep(0.1)
    return left


async def test_without_virsh_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LibvirtError, match="PATH") as caught:
        async with reach(Domain("web")):
            pass
    assert "libvirt-clients" in caught.value.hint


async def test_what_a_user_names_is_no_option_and_no_line_for_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f'for word in "$@"; do echo "$word" >> {tmp_path}/words; done; exit 1'
    _install(tmp_path, script, monkeypatch)
    with pytest.raises(QcompatError):
        async with reach(Domain("-x $(touch /nowhere); web", "--version `id`")):
            pass
    words = (tmp_path / "words").read_text().splitlines()
    assert words == [
        "--quiet",
        "--connect=--version `id`",
        "dumpxml",
        "--domain=-x $(touch /nowhere); web",
    ]


async def test_a_call_that_is_cancelled_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, "sleep 60 & sleep 60", monkeypatch)
    call = asyncio.create_task(virsh.virsh("", ["list"], seconds=30))
    await asyncio.sleep(0.3)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not _left(tmp_path)


def test_a_killed_qcompat_leaves_no_virsh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, f"echo > {tmp_path}/began; sleep 60 & sleep 60", monkeypatch)
    program = Path(sys.executable).with_name("qcompat")
    process = subprocess.Popen(
        [str(program), "carry", "--domain", "web", "--to", "any"], stderr=subprocess.DEVNULL
    )
    while not (tmp_path / "began").exists():
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not _left(tmp_path)
