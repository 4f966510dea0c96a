"""The JSON form is the documented one, whole, and the same every time."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError

from qcompat.app.cold_start import ColdStart
from qcompat.app.repair import Found, Repaired
from qcompat.compare.devices import PropertyDiffers
from qcompat.portrait.portrait import Refusal
from qcompat.qemu.outcome import Outcome
from qcompat.remedy.setting import Setting
from qcompat.report.check.answers import CheckAnswer
from qcompat.report.check.document import SCHEMA, write
from qcompat.report.finding import subject_text, summary_text
from qcompat.report.output import Output
from qcompat.rules.finding import Finding
from qcompat.verdict.detour import Detour, PowerOff
from qcompat.verdict.gate import Exit, Gate
from qcompat.verdict.judgement import Judgement
from qcompat.verdict.proof import Contradiction, Proof
from qcompat.verdict.remedy import Reason, Remedy, Spent, Tried, Unrepairable
from tests.report.check.judgements import BLOCKED, judgements

SCHEMA_FILE = Path(__file__).parents[3] / "docs" / "reference" / "check.schema.json"
DOCUMENTED: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
VALIDATOR = Draft202012Validator(DOCUMENTED)


DISK = Setting("virtio-blk-pci", "queue-size", "1024", path="pcie.0/01.0/disk0", kind="uint16")
WORDS = (("-device", "virtio-blk-pci,id=disk0,queue-size=1024"),)
REPAIRED = Remedy((DISK,), ("-S",), BLOCKED.back, before=BLOCKED.forward, words=WORDS)
REFUSED = Outcome("refused", "VQ 0")
BEYOND = Unrepairable(
    (Reason(BLOCKED.forward.findings[0], Tried("device", 41, 36)),),
    detours=(
        Detour("a", "b", "c", False, "proven", "size of queue 0", Outcome("refused", "VQ 0")),
    ),
    power_off=PowerOff("c", helps=True),
    settings=(DISK,),
    proof=Proof(REFUSED),
    contradictions=(Contradiction("without", "ok", REFUSED),),
    spent=Spent("seconds", 60),
)
UNSENT = Unrepairable(unsent=Refusal("save", "no migration"), is_proven=True)
COLD_START = ColdStart(
    "pc-q35-8.2",
    ("pc-q35-8.2",),
    BLOCKED.forward.findings,
    (PropertyDiffers(path="0", device="e1000", address="", name="a", source="1", target="2"),),
    lost=1,
    gained=2,
)
REPAIRS = [None, REPAIRED, Remedy((), (), BLOCKED.back), BEYOND, UNSENT]


def answered(answer: CheckAnswer) -> str:
    out = io.StringIO()
    write(answer, Output(out, exit_=Exit(0, Gate())))
    return out.getvalue()


def document(judgement: Judgement = BLOCKED) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(answered(CheckAnswer(judgement)))
    return result


def repaired(found: Found) -> dict[str, Any]:
    answer = CheckAnswer(BLOCKED, Repaired(BLOCKED.source, BLOCKED.target, found))
    result: dict[str, Any] = json.loads(answered(answer))
    return result


def test_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(DOCUMENTED)


@given(judgements())
def test_any_judgement_fits_the_schema(judgement: Judgement) -> None:
    VALIDATOR.validate(document(judgement))


def test_document_names_its_schema_first() -> None:
    assert next(iter(document())) == "schema"
    assert document()["schema"] == SCHEMA == DOCUMENTED["$id"]


@pytest.mark.parametrize("member", ["source", "forward", "back", "uncovered", "gaps"])
def test_schema_refuses_a_document_without(member: str) -> None:
    crippled = document()
    del crippled[member]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(crippled)


@pytest.mark.parametrize("found", REPAIRS)
def test_a_repair_fits_the_schema(found: Found) -> None:
    VALIDATOR.validate(repaired(found))


def test_schema_refuses_a_setting_without_its_value() -> None:
    crippled = repaired(REPAIRED)
    del crippled["repair"]["remedy"]["settings"][0]["value"]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(crippled)


def test_schema_describes_every_member_of_a_repair() -> None:
    parts = DOCUMENTED["$defs"]
    for found, key in ((REPAIRED, "remedy"), (REPAIRS[3], "unrepairable")):
        written = repaired(found)["repair"]
        assert set(written) <= set(parts["repair"]["properties"])
        assert set(written[key]) == set(parts[key]["properties"]) == set(parts[key]["required"])
        assert set(written[key]["settings"][0]) == set(parts["setting"]["properties"])
        assert set(written["forms"]) == set(parts["repair"]["properties"]["forms"]["required"])


def test_schema_describes_every_member_that_is_written() -> None:
    repair = Repaired(BLOCKED.source, BLOCKED.target, REPAIRED)
    written = json.loads(answered(CheckAnswer(BLOCKED, repair, COLD_START)))
    VALIDATOR.validate(written)
    parts = DOCUMENTED["$defs"]
    assert set(written) == set(DOCUMENTED["properties"])
    start = DOCUMENTED["properties"]["cold_start"]
    assert set(written["cold_start"]) == set(start["properties"]) == set(start["required"])
    assert set(written["guest"]) == set(parts["guest"]["properties"])
    assert set(written["forward"]["findings"][0]) == set(parts["finding"]["properties"])


@given(judgements())
def test_nothing_of_a_verdict_is_lost(judgement: Judgement) -> None:
    written = document(judgement)
    for verdict, way in (
        (judgement.forward, written["forward"]),
        (judgement.back, written["back"]),
    ):
        assert way["verdict"] == verdict.verdict
        for finding, told in zip(verdict.findings, way["findings"], strict=True):
            assert told["summary"] == summary_text(finding)
            assert told["subject"]["text"] == subject_text(finding.subject)
            assert msgspec.convert(told, Finding) == finding


def test_output_ends_in_one_newline() -> None:
    assert answered(CheckAnswer(BLOCKED)).endswith("}\n")
