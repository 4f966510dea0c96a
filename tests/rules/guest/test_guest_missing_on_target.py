"""A target that refuses a guest, and one that would take it from a migration."""

from __future__ import annotations

from collections.abc import Callable

from qcompat.portrait.portrait import Portrait
from qcompat.verdict.judge import judge


def test_a_guest_started_only_to_await_a_migration_is_left_open(
    recording: Callable[[str], Portrait],
) -> None:
    judgement = judge(recording("empty@7.2.22"), recording("read-only-disk@7.2.22"))
    assert judgement.forward.verdict == "unknown"
    assert judgement.back.verdict == "blocked"
