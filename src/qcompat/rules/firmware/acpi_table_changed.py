"""Firmware is handed other ACPI tables on the target.

The running guest keeps what it has: the tables' memory is migrated (`/rom@etc/acpi/tables`).
At its next reset QEMU builds them anew with the target's code (hw/i386/acpi-build.c
`acpi_build_reset`, `acpi_build_update`), and from then on the guest sees the target's.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.acpi import Table, TableDiffers
from qcompat.compare.comparison import Comparison
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.subject import FIRMWARE

RULE = "acpi_table_changed"
AT_RESET = "after its next reset the guest finds "


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = comparison.of(TableDiffers)
    if not differences:
        return
    labels = ", ".join(difference.label for difference in differences)
    yield Finding(
        rule=RULE,
        promise="unchanged",
        when="reset",
        certainty="certain",
        subject=FIRMWARE,
        summary=f"The guest keeps its ACPI tables while it runs; {AT_RESET}the target's {labels}, "
        "which differ: devices may be found anew, and systems bound to ACPI paths reconfigured",
        evidence=tuple(_evidence(difference) for difference in differences),
    )


def _evidence(difference: TableDiffers) -> Evidence:
    at = f", first difference at byte {difference.offset}" if difference.offset else ""
    what = f"ACPI table {difference.label}{at}"
    return Evidence(what, _text(difference.source), _text(difference.target))


def _text(table: Table | None) -> str | None:
    return None if table is None else f"{len(table.data)} bytes"
