"""Firmware gets other ACPI tables on the target.

The running guest keeps what it has: the tables' memory is migrated (`/rom@etc/acpi/tables`). At
its next reset QEMU builds them again with the target's code (hw/i386/acpi-build.c
`acpi_build_reset`, `acpi_build_update`), and from then on the guest sees the target's.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.firmware.acpi import Table, TableDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import FIRMWARE

RULE = Rule(
    id="acpi_table_changed",
    stage="reset",
    position=1,
    says={
        "": "The guest keeps its ACPI tables while it runs. After its next reset it finds other "
        "ACPI tables ({tables}): it may detect devices again, and systems bound to ACPI paths may "
        "need to be reconfigured",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = comparison.of(TableDiffers)
    if not differences:
        return
    yield Finding(
        rule=RULE.id,
        promise="unchanged",
        when="reset",
        certainty="certain",
        subject=FIRMWARE,
        args={"tables": tuple(difference.label for difference in differences)},
        evidence=tuple(_evidence(difference) for difference in differences),
    )


def _evidence(difference: TableDiffers) -> Evidence:
    at = f", first difference at byte {difference.offset}" if difference.offset else ""
    what = f"ACPI table {difference.label}{at}"
    return Evidence(what, _text(difference.source), _text(difference.target))


def _text(table: Table | None) -> str | None:
    return None if table is None else f"{len(table.data)} bytes"
