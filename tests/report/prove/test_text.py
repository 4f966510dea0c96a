"""A trial at a terminal: the answer of every hop in a line, and no more than is needed."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec

from qcompat.app.prove.prove import Proved
from qcompat.guest.guest import Guest, Uncovered
from qcompat.qemu.outcome import Outcome
from qcompat.report.output import Output
from qcompat.report.prove.text import write
from qcompat.rules.finding import Finding
from qcompat.rules.subject import GUEST
from qcompat.trial.cause import cause_of
from qcompat.trial.perform import TrialPlan
from qcompat.trial.prediction import predicted_by
from qcompat.trial.trial import Check, Hop, Trial

LOADED = Outcome("loaded")
REFUSED = Outcome(
    "refused", "QEMU ended during query-migrate: VQ 0 vring.num 1024 exceeds allocated max 8\nand"
)
FINDING = Finding(
    "queue_size_exceeded_on_target",
    "loads",
    "certain",
    GUEST,
    {"sent": (1024,), "own": (8,)},
    (),
    "-device x",
)


OTHER = Finding("cpu_missing_on_target", "loads", "certain", GUEST, {"source": 2, "target": 1}, ())


def shown(trial: Trial, *, verbose: bool = False, kept: Path | None = None) -> str:
    out = io.StringIO()
    write(Proved(trial, TrialPlan((), "tcg"), kept), Output(out, width=80, verbose=verbose))
    return out.getvalue()


def trial(*hops: Hop, outcomes: dict[str, int] | None = None) -> Trial:
    names = (*(hop.source for hop in hops), hops[-1].target)
    return Trial(Guest("pc", ("-machine", "pc")), "live", "precopy", names, hops, outcomes or {})


LIVE = Hop(
    "one",
    "two",
    LOADED,
    "drift",
    downtime=34.4,
    total=210.0,
    checks=(
        Check("heartbeat", "same", "120 beats", "131 beats"),
        Check("memory pattern", "same"),
        Check("ACPI tables", "changed", "12 tables", "13 tables"),
    ),
    source_log="a word of one",
)


def test_a_live_hop_says_what_the_guest_saw_and_how_long_it_stood_still() -> None:
    text = shown(trial(LIVE))
    first = " ".join(text.splitlines()[:2])
    assert "one → two  loads, the guest sees 1 change, as predicted (drift)" in first
    assert "downtime 34 ms, total 210 ms" in " ".join(text.split())
    assert "  ACPI tables  changed  12 tables → 13 tables" in text
    assert "2 checks found no change" in text
    assert "heartbeat" not in text
    assert "a word of one" not in text


def test_a_guest_that_saw_nothing_takes_a_line() -> None:
    same = msgspec.structs.replace(LIVE, checks=LIVE.checks[:2])
    text = " ".join(shown(trial(same)).split())
    assert "what the guest saw, one → two: nothing changed (2 checks)" in text


def test_what_of_the_guest_was_not_tried_is_named() -> None:
    guest = Guest("pc", (), (Uncovered("-accel kvm", "it does not boot", "nothing"),))
    text = shown(msgspec.structs.replace(trial(LIVE), guest=guest))
    assert "not covered\n  -accel kvm  it does not boot" in text


def test_what_was_left_out_and_counts_follows_the_loads() -> None:
    guest = Guest("pc", (), (Uncovered("-device vfio-pci", "a host device is never opened"),))
    text = " ".join(shown(msgspec.structs.replace(trial(LIVE), guest=guest)).split())
    said = "proves nothing of what was left out: -device vfio-pci (a host device is never opened)"
    assert text.index("loads") < text.index(said) < text.index("what the guest saw")


def test_a_condition_under_which_it_is_refused_follows_the_loads() -> None:
    part = Uncovered("-virtfs t", "the guest has the share mounted", "condition")
    text = shown(msgspec.structs.replace(trial(LIVE), guest=Guest("pc", (), (part,))))
    assert "would be refused if this holds: -virtfs t: the guest has the share" in text
    assert "not covered" not in text


def test_verbose_leaves_nothing_out() -> None:
    text = shown(trial(LIVE), verbose=True)
    assert "heartbeat" in text
    assert "a word of one" in text
    assert "-machine pc" in text


def test_something_broken_is_why_the_trial_failed() -> None:
    broken = msgspec.structs.replace(
        LIVE, checks=(Check("heartbeat", "broken", "12 beats", "it stopped"),)
    )
    text = shown(trial(broken))
    assert "one → two  broken" in text
    assert "why      heartbeat: 12 beats → it stopped" in text


def test_a_refusal_is_explained_and_its_remedy_can_be_pasted() -> None:
    cause = cause_of(REFUSED)
    hop = Hop("a", "b", REFUSED, "blocked", (FINDING,), cause=cause)
    hop = msgspec.structs.replace(hop, finding=predicted_by(cause, (FINDING,)))
    assert shown(trial(hop, outcomes={"refused": 3})).splitlines() == [
        "a → b  refused, as predicted (blocked)",
        "the same 3 times out of 3",
        "",
        "why      its queue 0 arrives with 1024 entries, and the target allocates 8",
        "QEMU     VQ 0 vring.num 1024 exceeds allocated max 8",
        "finding  The target refuses the stream: the source's queues have size 1024, the",
        "         target allocates 8",
        "         certain, rule queue_size_exceeded_on_target",
        "remedy   set on the target:",
        "         -device x",
    ]


def test_a_contradiction_stands_out_with_the_place_of_its_archive() -> None:
    text = shown(trial(Hop("a", "b", REFUSED, "ok")), kept=Path("/kept/x.tar.zst"))
    assert "a → b  refused, which CONTRADICTS the verdict ok" in text
    assert "  qcompat prove --replay /kept/x.tar.zst\n" in text


def test_a_blocked_guest_that_failed_for_another_reason_is_told_apart() -> None:
    hop = Hop("a", "b", REFUSED, "blocked", (OTHER,))
    assert "finding  none predicted this; the first says: The target refuses" in shown(trial(hop))


def test_a_flaky_trial_says_how_often_it_ended_how() -> None:
    text = shown(trial(Hop("a", "b", REFUSED, "ok"), outcomes={"refused": 1, "loaded": 2}))
    assert "flaky: refused 1×, loaded 2×" in text


def test_what_qemu_says_cannot_steer_the_terminal() -> None:
    text = shown(trial(Hop("a", "b", Outcome("refused", "\x1b[2Jgone"))))
    assert "\x1b" not in text
    assert "\\x1b[2Jgone" in text
