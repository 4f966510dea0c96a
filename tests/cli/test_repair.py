"""`qcompat repair` as it is typed: questions put wrongly, and what needs no search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.cli.repair import exit_code
from qcompat.qemu.outcome import Outcome
from qcompat.rules.finding import Finding
from qcompat.rules.subject import GUEST
from qcompat.verdict.gate import Gate
from qcompat.verdict.goal import Goal
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.proof import Contradiction
from qcompat.verdict.remedy import Remedy, Spent, Unrepairable

Captured = pytest.CaptureFixture[str]
REFUSED = Contradiction("with", "ok", Outcome("refused"))
SEEN = Finding("pci_read_changed", "unchanged", "certain", GUEST, {"registers": ("BAR 0",)}, ())
DRIFT = Verdict("drift", (SEEN,))


def test_target_must_be_a_build(source: str, target: str, capsys: Captured) -> None:
    assert run(["repair", source, target]) == 2
    assert "candidates are tried on a real build" in capsys.readouterr().err


def test_unknown_target_is_named(source: str, capsys: Captured) -> None:
    assert run(["repair", source, "no-such-build"]) == 2
    assert "no-such-build" in capsys.readouterr().err


def test_check_repairs_only_towards_a_build(source: str, target: str, capsys: Captured) -> None:
    assert run(["check", source, target, "--repair"]) == 2
    assert "candidates are tried on a real build" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "promise", "code"),
    [
        (None, "unchanged", 0),
        (Remedy((), (), DRIFT), "unchanged", 1),
        (Remedy((), (), DRIFT), "loads", 0),
        (Remedy((), (), Verdict("ok", ())), "unchanged", 0),
        (Remedy((), (), Verdict("ok", ()), contradictions=(REFUSED,)), "unchanged", 1),
        (Unrepairable(), "unchanged", 1),
        (Unrepairable(spent=Spent("seconds", 60)), "loads", 3),
    ],
)
def test_exit_code_speaks_of_the_way_with_the_remedy(
    found: Remedy | Unrepairable | None, promise: Goal, code: int
) -> None:
    assert exit_code(found, Gate(promise)) == code


@pytest.mark.lab
def test_portrait_is_repaired_and_every_form_is_shown(
    source: str, newest: Build, capsys: Captured
) -> None:
    assert run(["repair", source, newest.name, "--form", "all"]) == 1
    text = capsys.readouterr().out
    assert f"as it is debian-10.0.13 → {newest.name}  blocked" in text
    assert "queue-size=1024" in text
    assert '{ "virtio-blk-pci", "queue-size", "1024" },' in text
    assert "<qemu:" in text
    assert "args: " in text


@pytest.mark.lab
def test_json_holds_the_remedy_and_its_forms(source: str, newest: Build, capsys: Captured) -> None:
    assert run(["repair", source, newest.name, "--json", "--promise", "loads"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "qcompat.repair/3"
    assert document["result"] == "repaired"
    assert document["remedy"]["settings"][0]["name"] == "queue-size"
    assert document["forms"]["qemu"]["text"].endswith("queue-size=1024")


@pytest.mark.lab
def test_check_tells_the_remedy_after_its_answer(
    source: str, newest: Build, capsys: Captured
) -> None:
    assert run(["check", source, newest.name, "--repair", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["forward"]["verdict"] == "blocked"
    assert document["repair"]["result"] == "repaired"


@pytest.mark.lab
def test_build_and_itself_need_no_repair(newest: Build, capsys: Captured) -> None:
    assert run(["repair", newest.name, newest.name, "--machine", "q35"]) == 0
    assert "nothing to repair" in capsys.readouterr().out


@pytest.mark.lab
def test_source_of_a_file_brings_its_arguments_along(
    source: str, newest: Build, capsys: Captured
) -> None:
    assert run(["repair", source, newest.name, "--on-source", "-smp 2"]) == 2
    assert "--on-source" in capsys.readouterr().err


@pytest.mark.lab
def test_proof_needs_the_sources_build(
    source: str, newest: Build, bare_machine: Path, capsys: Captured
) -> None:
    from qcompat.builds.registry import Registry
    from qcompat.local.home import data_home

    assert bare_machine
    Registry(data_home()).add(newest)
    assert run(["repair", source, newest.name, "--prove"]) == 2
    assert "is not on this machine" in capsys.readouterr().err
