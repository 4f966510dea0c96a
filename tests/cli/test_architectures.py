"""Guests of aarch64 on real builds, asked about as users do."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run

Capture = pytest.CaptureFixture[str]
GUEST = ["-machine", "virt-7.2", "-cpu", "cortex-a57", "-m", "128", "-nodefaults"]


def ends(builds: Mapping[str, Build]) -> list[str]:
    names = [build.name for build in builds.values()]
    assert all(name.endswith("-aarch64") for name in names)
    return names[:2]


def test_check_names_the_register_that_the_target_does_not_have(
    arm_builds: Mapping[str, Build], capsys: Capture
) -> None:
    assert run(["check", *ends(arm_builds), "--json", "--", *GUEST]) == 1
    told = json.loads(capsys.readouterr().out)
    for way in ("forward", "back"):
        assert told[way]["verdict"] == "blocked"
        rules = [finding["rule"] for finding in told[way]["findings"]]
        assert "cpu_register_missing_on_target" in rules


def test_a_portrait_has_what_the_board_keeps_in_memory(
    arm_builds: Mapping[str, Build], capsys: Capture
) -> None:
    device = [*GUEST, "-device", "virtio-rng-pci"]
    for name in ends(arm_builds):
        assert run(["check", name, name, "--json", "--", *device]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["forward"]["verdict"] == "ok"
        assert not told["gaps"]


def test_builds_of_two_architectures_have_no_guest_in_common(
    arm_builds: Mapping[str, Build], builds: Mapping[str, Build], capsys: Capture
) -> None:
    arm, usual = next(iter(arm_builds.values())), next(iter(builds.values()))
    assert run(["check", arm.name, usual.name, "--", *GUEST]) == 2
    said = capsys.readouterr().err
    assert "virt-7.2 is a machine type of aarch64" in said
    assert f"{usual.name} runs guests of {usual.architecture}" in said
    assert run(["check", arm.name, usual.name, "--", "-machine", "none"]) == 2
    assert "different architectures" in capsys.readouterr().err
