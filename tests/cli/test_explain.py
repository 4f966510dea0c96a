"""`qcompat explain`: a file, standard input, a line in quotes, the page of a rule or advisory."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from qcompat.cli import run

Captured = pytest.CaptureFixture[str]
FOOTER = "kvm: Missing section footer for 0000:00:1f.0/ICH9LPC"
RNG = (
    "kvm: VQ 0 vring.num 1024 exceeds allocated max 8\n"
    "kvm: error while loading state for instance 0x0 of device '0000:00:01.0/virtio-blk'\n"
)


def test_page_of_a_rule_is_printed(capsys: Captured) -> None:
    assert run(["explain", "queue_size_exceeded_on_target"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("queue_size_exceeded_on_target\n\nA virtio queue is larger than")
    assert "vring.num N exceeds allocated max M" in " ".join(out.split())


def test_page_of_an_advisory_is_printed(capsys: Captured) -> None:
    assert run(["explain", "q35_smram"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "remedy update the target to 10.0.8 or later" in out and "383bbd2ca7" in out


def test_unknown_name_is_told_with_those_like_it(capsys: Captured) -> None:
    assert run(["explain", "queue_size_exceeded"]) == 2
    told = capsys.readouterr().err
    assert "no file, rule or advisory is called 'queue_size_exceeded'" in told
    assert "queue_size_exceeded_on_target" in told


def test_name_unlike_any_has_a_hint_all_the_same(capsys: Captured) -> None:
    assert run(["explain", "7"]) == 2
    assert "take the name of a rule from a finding" in capsys.readouterr().err


def test_a_line_in_quotes_is_explained(capsys: Captured) -> None:
    assert run(["explain", FOOTER]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "line 1 Missing section footer for 0000:00:1f.0/ICH9LPC" in out
    assert "1. Maxcpus differs between the two command lines" in out


def test_a_file_and_standard_input_are_read(
    capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "guest.log"
    log.write_text(FOOTER)
    assert run(["explain", str(log)]) == 0
    told = capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FOOTER.encode())))
    assert run(["explain", "-"]) == 0
    assert capsys.readouterr().out == told


def test_of_a_text_too_long_the_end_is_read(capsys: Captured, tmp_path: Path) -> None:
    log = tmp_path / "guest.log"
    log.write_text("Unknown ramblock 'a', cannot accept migration\n" + "x\n" * 210_000 + FOOTER)
    assert run(["explain", str(log), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["said"]["family"] for each in told["problems"]] == ["section_footer"]
    assert told["is_cut"]


def test_the_end_of_a_file_of_any_size_is_read_at_once(capsys: Captured, tmp_path: Path) -> None:
    log = tmp_path / "sparse.log"
    with log.open("wb") as file:
        file.truncate(1 << 42)
        file.seek(0, io.SEEK_END)
        file.write(f"\n{FOOTER}\n".encode())
    assert run(["explain", str(log)]) == 0
    assert "Missing section footer" in capsys.readouterr().out


def test_an_unknown_text_says_what_to_collect(capsys: Captured) -> None:
    assert run(["explain", "the frobnicator was not amused"]) == 3
    assert "qcompat host capture" in " ".join(capsys.readouterr().out.split())


def test_a_report_has_no_names_in_it(capsys: Captured) -> None:
    assert run(["explain", f"kvm -name guest=payroll {FOOTER}", "--report"]) == 0
    out = capsys.readouterr().out
    assert "payroll" not in out and "guest=NAME-1" in out and "0000:00:1f.0/ICH9LPC" in out


def test_control_characters_do_not_reach_the_terminal(capsys: Captured) -> None:
    run(["explain", f"\x1b]0;owned\x07 {FOOTER}\x1b[2J \x9b31m"])
    run(["explain", "\x1b]0;owned\x07 is all that failed here", "--report"])
    assert not {"\x1b", "\x07", "\x9b"} & set(capsys.readouterr().out)


def test_document_has_the_details(capsys: Captured) -> None:
    assert run(["explain", RNG, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "qcompat.explain/1"
    (problem,) = told["problems"]
    assert problem["details"]["sent"] == "1024" and problem["device"] == "0000:00:01.0/virtio-blk"


def test_a_check_needs_the_guest_and_both_builds(capsys: Captured, source: str) -> None:
    assert run(["explain", FOOTER, "--guest", source]) == 2
    assert "--source BUILD and --target BUILD" in capsys.readouterr().err


@pytest.mark.usefixtures("bare_machine")
def test_with_a_guest_a_check_tells_the_cause(capsys: Captured, source: str) -> None:
    builds = ["--source", "debian-10.0.13", "--target", "debian-11.1.3", "--guest", source]
    text = RNG.replace("max 8", "max 256")
    assert run(["explain", text, *builds]) == 0
    out = capsys.readouterr().out
    assert "(A check of the guest finds this.)" in " ".join(out.split())
    assert "queue-size=1024" in out
