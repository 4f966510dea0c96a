"""One finding alone: all that it stands on, where that was read, its rule and its advisory."""

from __future__ import annotations

import io

import msgspec
import pytest
from hypothesis import given

from qcompat.errors import UsageError
from qcompat.report.check.answers import CheckAnswer
from qcompat.report.check.text import write
from qcompat.report.output import Output
from qcompat.rules.finding import Evidence
from qcompat.verdict.judgement import Judgement, Verdict
from tests.report.check.judgements import BLOCKED, QUEUE, judgements

PROPERTY = "property virtio-blk-device.queue-size"
KNOWN = msgspec.structs.replace(
    QUEUE,
    evidence=(*QUEUE.evidence, Evidence(PROPERTY, "1024", "256")),
    advisories=("virtio_queue_size_10_0_13",),
)


def shown(judgement: Judgement, number: int, *, width: int = 80) -> str:
    file = io.StringIO()
    out = Output(file, width=width)
    out.why = number
    write(CheckAnswer(judgement), out)
    return file.getvalue()


def test_a_finding_is_told_with_all_that_it_stands_on() -> None:
    judgement = msgspec.structs.replace(BLOCKED, forward=Verdict("blocked", (KNOWN,)))
    text = shown(judgement, 1)
    assert "forward, debian-10.0.13 → debian-11.1.3" in text
    assert "entries of queue 0" in text
    assert "the device tree of the twin" in text
    trace = "qcompat machine resolve debian-11.1.3 pc-q35-10.0 virtio-blk-device --property"
    assert f"{trace} queue-size\n" in text
    assert "rule queue_size_exceeded_on_target (certain)" in text
    assert "hw/virtio/virtio.c" in text
    assert "CVE-2026-50626" in text


def test_a_finding_of_the_way_back_names_its_own_ends() -> None:
    judgement = msgspec.structs.replace(BLOCKED, back=Verdict("blocked", (KNOWN,)))
    assert "back, debian-11.1.3 → debian-10.0.13" in shown(judgement, 2)


def test_a_number_that_no_finding_has_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no finding 9, there are 2"):
        shown(BLOCKED, 9)


@given(judgement=judgements())
def test_any_finding_can_be_asked_for(judgement: Judgement) -> None:
    if judgement.forward.findings or judgement.back.findings:
        text = shown(judgement, 1, width=40)
        assert all(character.isprintable() for character in text if character != "\n")
