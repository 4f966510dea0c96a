"""Firmware gets ACPI tables that say the same to an operating system in other words.

Other names of nodes, other code in methods, another edition of the standard: what `noticed.toml`
calls a note. It does not count in a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.firmware.acpi import changes_of
from qcompat.rules.firmware.noticed import finding_of, places
from qcompat.rules.rule import Rule

RULE = Rule(
    id="acpi_wording_changed",
    stage="notes",
    position=9,
    effect=Effect(
        "reset",
        "the tables in guest memory travel, and QEMU builds them again when firmware reads "
        "them after a reset (hw/i386/acpi-build.c `acpi_build_update`, `acpi_build_reset`)",
    ),
    says={
        "": "After its next reset the guest finds ACPI tables that say the same in other words "
        "({places})",
    },
    is_note=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    changes = changes_of(comparison, "note")
    yield from finding_of(RULE, "ACPI", changes, args={"places": places(changes)})
