"""Guests of POWER, RISC-V and s390x between real builds: as real loads of these pairs end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.portrait.portrait import Portrait
from qcompat.rules.section.minimum_version import minimum_versions
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]


@pytest.mark.parametrize(
    ("source", "target", "blocked_by"),
    [
        ("power@7.2.22", "power@10.0.13", "cpu_version_changed"),
        ("power@10.0.13", "power@7.2.22", "section_version_raised"),
        ("power@10.0.13", "power@11.1.3", ""),
        ("power-2-0@7.2.22", "power-2-0@10.0.13", ""),
        ("power-2-0@10.0.13", "power-2-0@7.2.22", "section_version_raised"),
        ("riscv@7.2.22", "riscv@10.0.13", "section_version_lowered"),
        ("riscv@10.0.13", "riscv@7.2.22", "section_version_raised"),
        ("s390@7.2.22", "s390@10.0.13", ""),
        ("s390@10.0.13", "s390@7.2.22", ""),
    ],
)
def test_a_guest_loads_or_is_blocked_by(
    recording: Recording, source: str, target: str, blocked_by: str
) -> None:
    verdict = judge(recording(source), recording(target)).forward
    assert verdict.verdict == ("blocked" if blocked_by else verdict.verdict)
    assert verdict.verdict != "unknown"
    assert not blocked_by or blocked_by in {each.rule for each in verdict.findings}
    assert blocked_by or verdict.verdict in ("ok", "drift")


def test_the_remedy_for_another_model_is_the_sources(recording: Recording) -> None:
    verdict = judge(recording("power@7.2.22"), recording("power@10.0.13")).forward
    (finding,) = [each for each in verdict.findings if each.rule == "cpu_version_changed"]
    assert finding.remedy == "-cpu power9_v2.0"


def test_a_device_tree_of_another_length_is_read(recording: Recording) -> None:
    """`spapr_dtb.fdt_blob` is a buffer whose length travels before it."""
    verdict = judge(recording("power@10.0.13"), recording("power@11.1.3")).forward
    assert "field_layout_changed" not in {each.rule for each in verdict.findings}


def test_versions_are_given_once_with_their_source() -> None:
    assert all(entry.source for entry in minimum_versions().values())
