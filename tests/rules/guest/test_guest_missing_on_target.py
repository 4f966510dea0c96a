"""A target that refuses a guest, and one that would take it from a migration."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from qcompat.portrait.portrait import Portrait, Refusal
from qcompat.verdict.judge import judge


def test_a_guest_started_only_to_await_a_migration_is_left_open(
    recording: Callable[[str], Portrait],
) -> None:
    judgement = judge(recording("empty@7.2.22"), recording("read-only-disk@7.2.22"))
    assert judgement.forward.verdict == "unknown"
    assert judgement.back.verdict == "blocked"


def test_a_machine_type_of_proxmox_is_called_that_on_a_target_that_does_not_know_it(
    recording: Callable[[str], Portrait],
) -> None:
    taken = recording("empty@7.2.22")
    said = 'unsupported machine type: "pc-q35-7.2+pve1"\nUse -machine help'
    source, target = (
        msgspec.structs.replace(
            taken, guest=msgspec.structs.replace(taken.guest, machine="pc-q35-7.2+pve1"), refusal=no
        )
        for no in (None, Refusal("start", said))
    )
    (finding, *_) = judge(source, target).forward.findings
    assert (finding.case, finding.args["base"]) == ("revision", "pc-q35-7.2")
    other = msgspec.structs.replace(target, refusal=Refusal("start", "no such disk"))
    assert judge(source, other).forward.findings[0].case == "start"
