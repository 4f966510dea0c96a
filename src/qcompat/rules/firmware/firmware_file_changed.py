"""Firmware finds another file, or another version of one, in fw_cfg.

Firmware reads it at the next reset. What is not guest-visible hardware by itself (boot order,
option ROMs, feature flags of firmware) is only noted; ACPI, SMBIOS and the memory map have rules
of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.firmware.files import FileDiffers
from qcompat.portrait.portrait import FirmwareFile
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import FIRMWARE

RULE = Rule(
    id="firmware_file_changed",
    stage="reset",
    position=4,
    effect=Effect(
        "reset",
        "firmware reads the files of fw_cfg when it starts (hw/nvram/fw_cfg.c)",
    ),
    says={
        "": "After its next reset the guest's firmware finds other files: {names}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    differences = comparison.of(FileDiffers)
    if not differences:
        return
    yield Finding(
        rule=RULE.id,
        promise="unchanged",
        certainty="possible",
        subject=FIRMWARE,
        args={"names": tuple(difference.name for difference in differences)},
        evidence=tuple(
            Evidence(f"firmware file {each.name}", _text(each.source), _text(each.target))
            for each in differences
        ),
    )


def _text(file: FirmwareFile | None) -> str | None:
    return None if file is None else f"{file.size} bytes, SHA-256 {file.sha256[:16]}"
