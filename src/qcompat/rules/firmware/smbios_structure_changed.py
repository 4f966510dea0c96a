"""Firmware gets other SMBIOS structures on the target, and the guest can tell.

SMBIOS is copied into guest memory by firmware, so the running guest keeps its own; after a reset
firmware takes what the target offers (hw/smbios/smbios.c, through fw_cfg). Systems and licences
that are bound to the identity of the machine notice it. What does not count (`noticed.toml`) is
`smbios_detail_changed`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.firmware.noticed import finding_of, places
from qcompat.rules.firmware.smbios import changes_of
from qcompat.rules.rule import Rule

RULE = Rule(
    id="smbios_structure_changed",
    stage="reset",
    position=2,
    effect=Effect(
        "reset",
        "firmware copies the structures from fw_cfg into guest memory when it starts, and "
        "that memory travels (hw/i386/fw_cfg.c `fw_cfg_build_smbios`)",
    ),
    says={
        "": "The guest keeps its SMBIOS data while it runs. After its next reset they say "
        "something else of {places}",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    changes = changes_of(comparison, "drift")
    yield from finding_of(RULE, "SMBIOS", changes, args={"places": places(changes)})
