"""ACPI on the target says that hardware answers elsewhere, and the running guest does not know.

The tables that a guest holds travel with its memory, the hardware that they speak of does not:
ports, addresses and interrupt numbers of fixed hardware are the target's from the load on. Drivers,
and the methods of the guest's own tables (hot plug of processors, memory and PCI), go on using the
source's. Which kinds of changes these are is in `noticed.toml` (`moved`); whatever else an
operating system binds to is `acpi_table_changed`.
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
    id="acpi_address_changed",
    stage="running",
    position=17,
    effect=Effect(
        "now",
        "ports, addresses and interrupts are those of the device that the target made; the tables "
        "that name them travel with the memory (hw/i386/acpi-build.c `acpi_build`, "
        "`acpi_build_update`)",
    ),
    says={
        "": "The running guest looks for hardware where its ACPI tables say that it is, and the "
        "target has it elsewhere: {places}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    changes = changes_of(comparison, "moved")
    yield from finding_of(RULE, "ACPI", changes, args={"places": places(changes)})
