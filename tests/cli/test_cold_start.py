"""A guest whose machine type the target has not: no migration, and what a start there changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qcompat.builds.build import Build
from qcompat.cli import run

pytestmark = pytest.mark.lab
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "check.schema.json"
GUEST = ("-m", "128M", "-nodefaults", "-device", "virtio-net-pci")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def ends(builds: Mapping[str, Build]) -> tuple[str, str]:
    """The newest and the oldest build."""
    order = sorted(builds, key=lambda version: [int(part) for part in version.split(".")])
    return builds[order[-1]].name, builds[order[0]].name


def answer(ends: tuple[str, str], machine: str, capsys: Capture) -> Mapping[str, Any]:
    capsys.readouterr()
    assert run(["check", *ends, "--json", "--", "-machine", machine, *GUEST]) == 1
    found: Mapping[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    return found


def test_type_newer_than_the_target_has(ends: tuple[str, str], capsys: Capture) -> None:
    """The last of the target's is the nearest, and the guest finds a change."""
    found = answer(ends, "pc-q35-10.0", capsys)
    assert found["forward"]["verdict"] == "blocked"
    start = found["cold_start"]
    assert start["machine"] == "pc-q35-5.2"
    assert start["tried"] == ["pc-q35-5.2", "pc-q35-5.1"]
    assert {"smbios_structure_changed"} <= {each["rule"] for each in start["findings"]}
    assert {each["promise"] for each in start["findings"]} == {"unchanged"}
    assert start["gained"] + start["lost"] + len(start["properties"]) > 0


def test_text_says_what_the_guest_finds(ends: tuple[str, str], capsys: Capture) -> None:
    assert run(["check", *ends, "--", "-machine", "pc-q35-10.0", *GUEST]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert f"cold start on {ends[1]}, as pc-q35-5.2" in told
    assert "after a power-off the guest finds" in told


def test_type_that_both_have_or_none_has_needs_no_other(
    ends: tuple[str, str], capsys: Capture
) -> None:
    run(["check", *ends, "--json", "--", "-machine", "pc-q35-5.2", *GUEST])
    assert "cold_start" not in json.loads(capsys.readouterr().out)
    assert run(["check", *ends, "--", "-machine", "pc-q35-noble", *GUEST]) == 2
    assert "pc-q35-noble" in capsys.readouterr().err
