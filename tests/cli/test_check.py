"""`qcompat check` on real portraits: the answer, its exit code, and questions put wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

import qcompat.app.check
from qcompat.cli import run
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.verdict.judgement import Answer, Judgement, Verdict
from tests.report.check.judgements import BLOCKED

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "check.schema.json"

Captured = pytest.CaptureFixture[str]


def test_broken_promise_is_said_first_and_explained(
    source: str, target: str, capsys: Captured
) -> None:
    assert run(["check", source, target]) == 1
    text = capsys.readouterr().out
    assert text.startswith("forward  blocked: does not load [exit 1: --promise running]\n")
    assert "debian-10.0.13 → debian-11.1.3, with kvm, hosts not compared\n" in text
    assert "1024 → 256" in text
    assert "queue-size=1024" in text


def test_first_line_says_what_the_exit_code_counted(
    source: str, target: str, capsys: Captured
) -> None:
    assert run(["check", target, source, "--strict", "--promise", "unchanged"]) == 1
    head = " ".join(capsys.readouterr().out.partition("\nback")[0].split())
    said = "forward drift at reset: loads, changes at a reset"
    assert head.startswith(f"{said} [exit 1: --promise unchanged --strict]")
    assert run(["check", target, source, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["forward"]["when"] == "reset"
    assert document["exit"] == {"code": 0, "promise": "running", "strict": False}


def test_one_finding_is_shown_alone(source: str, target: str, capsys: Captured) -> None:
    assert run(["check", source, target, "--why", "1"]) == 1
    assert capsys.readouterr().out.startswith("  1. virtio-blk-pci at 0000:00:01.0")
    assert run(["check", source, target, "--why", "99"]) == 2
    assert "there is no finding 99" in capsys.readouterr().err
    assert run(["check", "--qmp", "x.sock", "--to", "y", "--why", "1"]) == 2
    assert "--why is for a check between two builds" in capsys.readouterr().err


def test_way_back_loads(source: str, target: str, capsys: Captured) -> None:
    run(["check", source, target, "--json"])
    assert json.loads(capsys.readouterr().out)["back"]["verdict"] in ("ok", "drift")


def test_real_json_answer_fits_the_documented_schema(
    source: str, target: str, capsys: Captured
) -> None:
    assert run(["check", "--json", source, target]) == 1
    document = json.loads(capsys.readouterr().out)
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["forward"]["verdict"] == "blocked"
    assert document["guest"]["machine"] == "pc-q35-10.0"


def test_a_build_and_itself_keep_the_promise(source: str, capsys: Captured) -> None:
    assert run(["check", source, source]) == 0
    assert "blocked" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("promise", "answer", "code"),
    [
        ("unchanged", "ok", 0),
        ("unchanged", "drift", 1),
        ("unchanged", "blocked", 1),
        ("unchanged", "unknown", 3),
        ("loads", "ok", 0),
        ("loads", "drift", 0),
        ("loads", "blocked", 1),
        ("loads", "unknown", 3),
        ("running", "ok", 0),
        ("running", "drift", 1),
        ("running", "unknown", 3),
    ],
)
@pytest.mark.parametrize("back", ["ok", "blocked"])
def test_exit_code_speaks_of_the_way_forward_and_of_the_promise_asked_for(
    promise: str,
    answer: Answer,
    code: int,
    back: Answer,
    source: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judgement = msgspec.structs.replace(
        BLOCKED, forward=Verdict(answer, ()), back=Verdict(back, ())
    )

    def judge(*_: object) -> Judgement:
        return judgement

    monkeypatch.setattr(qcompat.app.check, "judge", judge)
    assert run(["check", source, source, "--promise", promise]) == code


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["a", "b"], "no guest"),
        (["a", "b", "--device", "e1000"], "machine type"),
        (["a", "b", "--machine", "q35", "--device", "e1000", "--", "-m", "1G"], "given twice"),
        (["nosuch", "other", "--machine", "q35", "--device", "e1000"], "nosuch"),
        (["missing.qcp", "missing.qcp"], "missing.qcp"),
        (["a", "b", "--machine", "q35", "--device", "e1000", "--device", "ne2k_pci"], "one device"),
        (["a", "b", "--machine", "q35", "--device", ""], "empty"),
    ],
)
@pytest.mark.usefixtures("bare_machine")
def test_question_put_wrongly_is_2_with_a_hint(
    arguments: list[str], word: str, capsys: Captured
) -> None:
    assert run(["check", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert word in err.splitlines()[0]


def test_portrait_file_and_guest_contradict(source: str, capsys: Captured) -> None:
    assert run(["check", source, source, "--machine", "q35"]) == 2
    assert "contains its guest" in capsys.readouterr().err


@pytest.mark.parametrize("length", [0, 7, 20, 5000])
def test_truncated_portrait_is_refused_in_one_message(
    length: int, source: str, tmp_path: Path, capsys: Captured
) -> None:
    broken = tmp_path / "broken.qcp"
    broken.write_bytes(Path(source).read_bytes()[:length])
    assert run(["check", str(broken), source]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"error: {broken}")
    assert "bug" not in err


def test_a_file_brings_its_guest_to_a_build(source: str, bare_machine: Path) -> None:
    """The build is asked for the file's guest, so an unknown build is all that is wrong."""
    assert bare_machine.is_dir()
    assert run(["check", source, "nosuch"]) == 2


def test_portraits_of_different_accelerators_are_not_compared(
    source: str, tmp_path: Path, capsys: Captured
) -> None:
    other = msgspec.structs.replace(read_portrait(Path(source)), accel="tcg")
    write_portrait(other, tmp_path / "tcg.qcp")
    assert run(["check", source, str(tmp_path / "tcg.qcp")]) == 2
    assert "kvm on debian-10.0.13, tcg on debian-10.0.13" in capsys.readouterr().err


def test_portraits_of_different_moments_are_not_compared(
    source: str, tmp_path: Path, capsys: Captured
) -> None:
    later = tmp_path / "later.qcp"
    portrait = read_portrait(Path(source))
    write_portrait(msgspec.structs.replace(portrait, moment="firmware"), later)
    assert run(["check", source, str(later)]) == 2
    assert "different moments" in capsys.readouterr().err
