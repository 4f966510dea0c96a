"""`qcompat explain` prints the page of a rule."""

from __future__ import annotations

import pytest

from qcompat.cli import run

Captured = pytest.CaptureFixture[str]


def test_page_of_a_rule_is_printed(capsys: Captured) -> None:
    assert run(["explain", "queue_size_exceeded_on_target"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("queue_size_exceeded_on_target\n\nA virtio queue is larger than")
    assert "vring.num N exceeds allocated max M" in " ".join(out.split())


def test_unknown_rule_is_told_with_those_of_a_similar_name(capsys: Captured) -> None:
    assert run(["explain", "queue_size_exceeded"]) == 2
    told = capsys.readouterr().err
    assert "no rule is called 'queue_size_exceeded'" in told
    assert "queue_size_exceeded_on_target" in told


def test_rule_unlike_any_has_a_hint_all_the_same(capsys: Captured) -> None:
    assert run(["explain", "7"]) == 2
    assert "take the id from a finding" in capsys.readouterr().err
