"""Firmware gets other ACPI tables on the target, and the guest can tell.

The running guest keeps what it has: the tables' memory is migrated (`/rom@etc/acpi/tables`). At
its next reset QEMU builds them again with the target's code (hw/i386/acpi-build.c
`acpi_build_reset`, `acpi_build_update`), and from then on the guest sees the target's. Only what
an operating system binds to counts (`noticed.toml`); the rest is `acpi_wording_changed`.
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
    id="acpi_table_changed",
    stage="reset",
    position=1,
    effect=Effect(
        "reset",
        "the tables in guest memory travel, and QEMU builds them again when firmware reads "
        "them after a reset (hw/i386/acpi-build.c `acpi_build_update`, `acpi_build_reset`)",
    ),
    says={
        "": "The guest keeps its ACPI tables while it runs. After its next reset they say "
        "something else of {places}: it may find other devices or resources there",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    changes = changes_of(comparison, "drift")
    yield from finding_of(RULE, "ACPI", changes, args={"places": places(changes)})
