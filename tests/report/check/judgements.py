"""Judgements to render: one as it occurs, and arbitrary ones."""

from __future__ import annotations

import string
from typing import Any, get_args

from hypothesis import strategies as st

from qcompat.guest.guest import Guest, Uncovered
from qcompat.portrait.portrait import Gap
from qcompat.rules.effect import WHENS
from qcompat.rules.finding import Certainty, Evidence, Finding, Promise
from qcompat.rules.registry import RULES
from qcompat.rules.subject import Kind, Subject
from qcompat.verdict.judgement import Answer, Judgement, Verdict

QUEUE = Finding(
    rule="queue_size_exceeded_on_target",
    promise="loads",
    certainty="certain",
    subject=Subject("device", "virtio-blk-pci", address="0000:00:02.0"),
    args={"sent": (1024,), "own": (256,)},
    evidence=(Evidence("entries of queue 0", "1024", "256"),),
    remedy="-device virtio-blk-pci,queue-size=1024",
)
NOTE = Finding(
    rule="device_added_on_target",
    promise="unchanged",
    certainty="possible",
    subject=Subject("device", "isa-debug", path="main-system-bus/isa-debug"),
    args={"type": "isa-debug", "bus": "main-system-bus"},
    evidence=(),
)
RISK = Finding(
    rule="state_unproven_on_target",
    promise="loads",
    certainty="possible",
    subject=Subject("device", "virtio-blk-pci", address="0000:00:02.0"),
    case="save",
    args={"message": "it does not say"},
    evidence=(),
)
BLOCKED = Judgement(
    source="debian-10.0.13",
    target="debian-11.1.3",
    guest=Guest("pc-q35-10.0", ("-machine", "pc-q35-10.0", "-device", "virtio-blk-pci")),
    forward=Verdict("blocked", (QUEUE, NOTE)),
    back=Verdict("ok", ()),
    uncovered=(Uncovered("-boot splash=a.jpg", "a splash picture is not read", "nothing"),),
    gaps=(Gap("firmware", "fw_cfg is not readable"),),
    accel="tcg",
)

_TEXT = st.text(max_size=30)
_EVIDENCE = st.builds(Evidence, what=_TEXT, source=st.none() | _TEXT, target=st.none() | _TEXT)
_SUBJECTS = st.builds(
    Subject,
    kind=st.sampled_from(get_args(Kind)),
    type=_TEXT,
    id=_TEXT,
    address=_TEXT,
    section=_TEXT,
)
_ARGS = st.one_of(_TEXT, st.integers(0, 9), st.lists(_TEXT, max_size=3).map(tuple), _SUBJECTS)


@st.composite
def _findings(draw: st.DrawFn) -> Finding:
    """Every sentence of every rule, with arbitrary words in it."""
    rule = draw(st.sampled_from(list(RULES.values())))
    case = draw(st.sampled_from(list(rule.says)))
    words = string.Formatter().parse(rule.says[case])
    specs = {name: spec for _, name, spec, _ in words if name}
    return Finding(
        rule=rule.id,
        promise=draw(st.sampled_from(get_args(Promise))),
        certainty=draw(st.sampled_from(get_args(Certainty))),
        subject=draw(_SUBJECTS),
        case=case,
        args={name: draw(_arg(spec)) for name, spec in specs.items()},
        evidence=tuple(draw(st.lists(_EVIDENCE, max_size=9))),
        remedy=draw(st.none() | _TEXT),
        undecided=draw(st.booleans()),
        no_property=draw(st.booleans()),
        was_reset=draw(st.booleans()),
        when=draw(st.sampled_from(WHENS)),
        advisories=tuple(draw(st.lists(_TEXT, max_size=2))),
    )


def _arg(spec: str | None) -> st.SearchStrategy[Any]:
    """What fits behind a format: `{size:#x}` is a number, `{names:or}` a list."""
    if not spec:
        return _ARGS
    return st.integers(0, 9) if "x" in spec else st.lists(_TEXT, max_size=3).map(tuple)


_VERDICTS = st.builds(
    Verdict,
    verdict=st.sampled_from(get_args(Answer)),
    findings=st.lists(_findings(), max_size=5).map(tuple),
)


def judgements() -> st.SearchStrategy[Judgement]:
    """Judgements with arbitrary text in every place that can hold text."""
    return st.builds(
        Judgement,
        source=_TEXT,
        target=_TEXT,
        guest=st.builds(Guest, machine=_TEXT, arguments=st.lists(_TEXT, max_size=3).map(tuple)),
        forward=_VERDICTS,
        back=_VERDICTS,
        uncovered=st.lists(st.builds(Uncovered, _TEXT, _TEXT), max_size=2).map(tuple),
        gaps=st.lists(st.builds(Gap, _TEXT, _TEXT), max_size=2).map(tuple),
        accel=st.sampled_from(["kvm", "tcg"]),
        hosts=st.just(()) | st.tuples(_TEXT, _TEXT),
    )
