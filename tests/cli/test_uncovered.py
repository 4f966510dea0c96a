"""A part of the guest that no twin has: every command comes to the same answer, and says why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.guest.given.forms.shell import split_words

pytestmark = pytest.mark.lab

BASE = "-machine pc-q35-5.2 -m 64M -nodefaults"
VFIO = "-device vfio-pci,host=01:00.0"
CASES = {
    "a host device": (VFIO, 3, VFIO),
    "a TPM": ("-tpmdev passthrough,id=t -device tpm-tis,tpmdev=t", 3, "tpm-tis,tpmdev=t"),
    "virtiofs, which the source cannot migrate": (
        "-chardev socket,id=c,path=/s -device vhost-user-fs-pci,chardev=c,tag=t",
        1,
        "vhost-user-fs",
    ),
    "a disk in VMware's format": ("-drive file=/d,format=vmdk,if=virtio", 1, "format=vmdk"),
}
ASKED = {
    "check": ["check", "SOURCE", "TARGET", "--", "GUEST"],
    "check of a portrait": ["check", "PORTRAIT", "TARGET"],
    "prove": ["prove", "SOURCE", "TARGET", "--", "GUEST"],
    "repair": ["repair", "SOURCE", "TARGET", "--prove", "--", "GUEST"],
    "matrix": ["matrix", "SOURCE", "TARGET", "--guest", "FILE"],
    "matrix of a portrait": ["matrix", "SOURCE", "TARGET", "--guest", "PORTRAIT"],
    "carry": ["carry", "--argv", "FILE", "--from", "SOURCE", "--to", "TARGET"],
    "carry of a portrait": ["carry", "--portrait", "PORTRAIT", "--to", "TARGET"],
}


@pytest.fixture(scope="module")
def ends(builds: Mapping[str, Build]) -> tuple[str, str]:
    try:
        return builds["7.2.22"].name, builds["10.0.13"].name
    except KeyError:
        pytest.skip("needs the builds 7.2.22 and 10.0.13")


@pytest.mark.parametrize("case", CASES)
def test_every_command_agrees(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, ends: tuple[str, str], case: str
) -> None:
    given, expected, reason = CASES[case]
    words = split_words(f"{BASE} {given}")
    file, portrait = tmp_path / "guest.args", tmp_path / "guest.qcp"
    file.write_text(f"qemu-system-x86_64 {BASE} {given}\n")
    assert run(["portrait", "take", ends[0], "--output", str(portrait), "--", *words]) == 0
    meant = {"SOURCE": [ends[0]], "TARGET": [ends[1]], "GUEST": words}
    meant |= {"FILE": [str(file)], "PORTRAIT": [str(portrait)]}
    answers: dict[str, tuple[int, bool]] = {}
    for name, command in ASKED.items():
        capsys.readouterr()
        asked = [word for each in command for word in meant.get(each, [each])]
        at = asked.index("--") if "--" in asked else len(asked)
        code = run([*asked[:at], "--json", *asked[at:]])
        answers[name] = code, reason in capsys.readouterr().out
    assert answers == dict.fromkeys(ASKED, (expected, True))


def test_a_condition_leaves_the_answer_and_is_named(
    capsys: pytest.CaptureFixture[str], ends: tuple[str, str]
) -> None:
    share = split_words(f"{BASE} -virtfs local,path=/srv,mount_tag=t,security_model=none")
    assert run(["check", *ends, "--promise", "loads", "--json", "--", *share]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    found = [f for f in answer["forward"]["findings"] if f["rule"] == "migration_blocker_added"]
    assert [f["certainty"] for f in found] == ["possible"]
    assert "mounted" in found[0]["summary"]
    assert run(["prove", *ends, "--", *share]) == 0
