"""Detours, proofs and reasons are values; here they become sentences."""

from __future__ import annotations

import msgspec
import pytest

from qcompat.portrait.portrait import Refusal
from qcompat.qemu.outcome import Outcome
from qcompat.remedy.setting import Setting
from qcompat.report.finding import sentence
from qcompat.report.repair.words import (
    contradiction_text,
    instead_of,
    open_text,
    proof_lines,
    reasons_of,
)
from qcompat.rules.finding import Finding
from qcompat.rules.subject import GUEST, Subject
from qcompat.verdict.detour import Detour, PowerOff
from qcompat.verdict.proof import Contradiction, Proof
from qcompat.verdict.remedy import Reason, Spent, Tried, Unrepairable

DISK = Subject("device", "virtio-blk-pci", address="0000:00:01.0")
FINDING = Finding(
    "queue_size_exceeded_on_target",
    "loads",
    "certain",
    DISK,
    {"sent": ("8",), "own": ("4",)},
    (),
    no_property=True,
)
SAID = sentence(FINDING)
REFUSED = Outcome("refused", "QEMU ended during query-migrate: VQ 0 is too large\nmore")


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (
            Reason(FINDING, Tried("device", 41, 36)),
            f"virtio-blk-pci at 0000:00:01.0: {SAID}. None of the 41 properties that "
            "the target has for it changes that (36 other values, each tried alone)",
        ),
        (
            Reason(msgspec.structs.replace(FINDING, subject=GUEST), Tried("guest", 9)),
            f"the whole guest: {SAID}. None of the 9 properties that the target has "
            "for the guest's devices changes that (tried in groups)",
        ),
        (
            Reason(FINDING, Tried("device", 0)),
            f"virtio-blk-pci at 0000:00:01.0: {SAID}. The target has no property for it",
        ),
        (
            Reason(FINDING),
            f"virtio-blk-pci at 0000:00:01.0: {SAID}. No property changes that",
        ),
        (
            Reason(msgspec.structs.replace(FINDING, undecided=True, no_property=False)),
            f"virtio-blk-pci at 0000:00:01.0: {SAID}",
        ),
    ],
)
def test_a_reason_says_what_bars_and_what_was_tried(reason: Reason, text: str) -> None:
    assert reasons_of(Unrepairable((reason,))) == (text,)


@pytest.mark.parametrize(
    ("stage", "text", "is_open"),
    [
        ("save", "The source cannot send this guest, whatever the target is given: x", False),
        ("unread", "What the source sends is not known: x", True),
    ],
)
def test_a_source_that_sends_nothing_is_the_reason(stage: str, text: str, is_open: bool) -> None:
    refusal = Refusal(stage, "x")  # type: ignore[arg-type]
    found = Unrepairable(unsent=refusal, is_proven=not is_open)
    assert reasons_of(found) == (text,)
    assert found.is_open == is_open
    assert open_text(found) == ("nothing was tried" if is_open else "")


@pytest.mark.parametrize(
    ("detour", "text"),
    [
        (Detour("a", "b", "c", True, "likely"), "by way of b it works: a → b → c (likely)"),
        (
            Detour("a", "b", "c", True, "proven", outcome=Outcome("loaded")),
            "by way of b it works: a → b → c (proven)",
        ),
        (
            Detour("a", "b", "c", False, "proven", "size of queue 0", REFUSED),
            "a → b → c does not help: b keeps and sends on what the target refuses "
            "(size of queue 0) (proven: VQ 0 is too large)",
        ),
    ],
)
def test_a_detour_helps_or_not(detour: Detour, text: str) -> None:
    assert instead_of(Unrepairable(detours=(detour,))) == (text,)


@pytest.mark.parametrize(
    ("power_off", "text"),
    [
        (PowerOff("c", True), "a power-off: shut the guest down and start it on c"),
        (
            PowerOff("c", True, (Setting("d", "x", "1", removes=True),)),
            "a power-off: shut the guest down and start it on c without x=1",
        ),
        (PowerOff("c", False), "a power-off does not help either: c does not start this guest"),
    ],
)
def test_a_power_off_comes_last(power_off: PowerOff, text: str) -> None:
    found = Unrepairable(detours=(Detour("a", "b", "c", True, "likely"),), power_off=power_off)
    assert instead_of(found)[1:] == (text,)


def test_a_proof_tells_every_load() -> None:
    proof = Proof(REFUSED, Outcome("loaded"), Outcome("crashed"), (False, True))
    assert proof_lines(proof) == (
        "without it: refused: VQ 0 is too large",
        "with it: loaded",
        "loaded without it the guest finds other processor features, with it the source's",
        "and back on the source: crashed",
    )


def test_contradictions_and_the_bound_are_told() -> None:
    found = Unrepairable(
        contradictions=(Contradiction("back", "ok", REFUSED),), spent=Spent("seconds", 60.0)
    )
    assert contradiction_text(found) == (
        "on the way back the verdict is ok, but a real load ended as refused: VQ 0 is too large"
    )
    assert open_text(found) == "the search ended after 60 s"
