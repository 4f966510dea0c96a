"""Machines that deny a sandbox something: all commands look at the same guest, or say why not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run import sandbox
from qcompat.local.home import data_home

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(sandbox.why_not()), reason="no bubblewrap here"),
]

TAP = (
    "-machine pc-q35-7.2 -m 16M -nodefaults -netdev tap,id=n -device virtio-net-pci,netdev=n,addr=8"
)
LOST = "no tap could be made here"
DENIES_TAPS = """case " $* " in *" --cap-add "*)
    echo "bwrap: No permissions to create new namespace" >&2; exit 1;;
esac
"""
FAILS = """case " $* " in *qemu-system*)
    echo "bwrap: Can't mount proc on /newroot/proc: Operation not permitted" >&2; exit 1;;
esac
"""
FAILS_LATE = """case " $* " in *" -qtest-log "*) exit 1;; esac
"""
Run = tuple[int, str, str]


class Machine:
    """The command as typed, where `bwrap` does what a script says before it does its work."""

    def __init__(self, place: Path, script: str) -> None:
        real = shutil.which("bwrap")
        wrapper = place / "bin" / "bwrap"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\n{script}exec {real} "$@"\n')
        wrapper.chmod(0o755)
        shutil.copytree(data_home() / "builds", place / "home" / "builds")
        (place / "home" / "roots").symlink_to(data_home() / "roots")
        self._environment = {
            **os.environ,
            "PATH": f"{wrapper.parent}:{os.environ['PATH']}",
            "QCOMPAT_HOME": str(place / "home"),
            "QCOMPAT_CACHE": str(place / "cache"),
        }

    def run(self, *words: str) -> Run:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("qcompat")), *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout, done.stderr

    def answer(self, *words: str) -> tuple[int, Any]:
        code, out, errors = self.run(*words)
        assert out, errors
        return code, json.loads(out)


@pytest.fixture
def ends(builds: Mapping[str, Build]) -> tuple[str, str]:
    try:
        return builds["7.2.22"].name, builds["10.0.2"].name
    except KeyError:
        pytest.skip("needs the builds 7.2.22 and 10.0.2")


def test_without_taps_every_command_answers_for_the_same_guest(
    tmp_path: Path, ends: tuple[str, str]
) -> None:
    machine = Machine(tmp_path, DENIES_TAPS)
    guest = TAP.split()
    code, checked = machine.answer("check", *ends, "--json", "--", *guest)
    assert (code, checked["forward"]["verdict"]) == (3, "unknown")
    assert LOST in checked["forward"]["findings"][0]["summary"]
    code, proven = machine.answer("prove", *ends, "--json", "--", *guest)
    assert (code, proven["hops"][0]["outcome"]["kind"]) == (3, "loaded")
    code, repaired = machine.answer(
        "repair", *ends, "--prove", "--promise", "loads", "--json", "--", *guest
    )
    assert (code, repaired["result"]) == (3, "unknown"), repaired
    file = tmp_path / "guest.args"
    file.write_text(TAP + "\n")
    code, tried = machine.answer("matrix", *ends, "--guest", str(file), "--json")
    assert {cell["outcome"]["kind"] for cell in tried["cells"]} == {"loaded"}
    assert code == 3
    code, carried = machine.answer(
        "carry", "--argv", str(file), "--from", ends[0], "--to", ends[1], "--json"
    )
    assert (code, carried["verdict"]) == (3, "unknown")


GUEST = ["-machine", "pc-q35-7.2", "-m", "16M", "-nodefaults"]
ASKED = {
    "check": ["check", "SOURCE", "TARGET", "--", *GUEST],
    "prove": ["prove", "SOURCE", "TARGET", "--", *GUEST],
    "prove live": ["prove", "SOURCE", "TARGET", "--live", "--", *GUEST],
    "repair": ["repair", "SOURCE", "TARGET", "--prove", "--", *GUEST],
    "matrix": ["matrix", "SOURCE", "TARGET", "--guest", "FILE"],
    "carry": ["carry", "--argv", "FILE", "--from", "SOURCE", "--to", "TARGET"],
    "portrait": ["portrait", "take", "TARGET", "--output", "PORTRAIT", "--", *GUEST],
}


@pytest.mark.parametrize("command", ASKED)
@pytest.mark.parametrize("script", [FAILS, FAILS_LATE], ids=["talking", "silent"])
def test_a_sandbox_that_fails_is_no_answer_about_a_guest(
    tmp_path: Path, ends: tuple[str, str], script: str, command: str
) -> None:
    machine = Machine(tmp_path, script)
    file = tmp_path / "guest.args"
    file.write_text(" ".join(GUEST))
    meant = dict(zip(("SOURCE", "TARGET"), ends, strict=True))
    meant |= {"FILE": str(file), "PORTRAIT": str(tmp_path / "guest.qcp")}
    code, out, errors = machine.run(*(meant.get(word, word) for word in ASKED[command]))
    assert (code, out) == (4, ""), (out, errors)
    assert "refuse" not in errors
    if script == FAILS:
        assert "Can't mount proc" in errors
