"""Firmware gets other SMBIOS structures on the target.

SMBIOS is copied into guest memory by firmware, so the running guest keeps its own; after a reset
firmware takes what the target offers (hw/smbios/smbios.c, through fw_cfg). Systems and licences
that are bound to the identity of the machine notice it.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.firmware.smbios import Structure, StructureDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import FIRMWARE

RULE = Rule(
    id="smbios_structure_changed",
    stage="reset",
    position=2,
    says={
        "": "The guest keeps its SMBIOS data while it runs. After its next reset it finds other "
        "contents in {structures}",
    },
)
TYPES = {
    0: "BIOS",
    1: "System",
    2: "Baseboard",
    3: "Chassis",
    4: "Processor",
    7: "Cache",
    8: "Port",
    9: "Slot",
    11: "OEM strings",
    16: "Memory array",
    17: "Memory device",
    19: "Memory array address",
    32: "Boot",
    41: "Onboard device",
    127: "End",
}
"""DMTF DSP0134, 7: the structure types that QEMU makes."""


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = comparison.of(StructureDiffers)
    if not differences:
        return
    yield Finding(
        rule=RULE.id,
        promise="unchanged",
        when="reset",
        certainty="certain",
        subject=FIRMWARE,
        args={"structures": tuple(dict.fromkeys(map(_name, differences)))},
        evidence=tuple(
            Evidence(f"SMBIOS {_name(each)}", _text(each.source), _text(each.target))
            for each in differences
        ),
    )


def _name(difference: StructureDiffers) -> str:
    number = f" #{difference.number + 1}" if difference.number else ""
    return f"{TYPES.get(difference.type, f'type {difference.type}')}{number}"


def _text(structure: Structure | None) -> str | None:
    if structure is None:
        return None
    strings = ", ".join(f'"{text}"' for text in structure.strings)
    return f"{structure.body.hex()} {strings}".rstrip()
