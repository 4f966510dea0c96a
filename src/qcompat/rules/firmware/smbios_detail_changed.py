"""Firmware gets SMBIOS structures that differ in what nothing binds to: notes of `noticed.toml`."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.effect import Effect
from qcompat.rules.finding import Finding
from qcompat.rules.firmware.noticed import finding_of, places
from qcompat.rules.firmware.smbios import changes_of
from qcompat.rules.rule import Rule

RULE = Rule(
    id="smbios_detail_changed",
    stage="notes",
    position=10,
    effect=Effect(
        "reset",
        "firmware copies the structures from fw_cfg into guest memory when it starts, and "
        "that memory travels (hw/i386/fw_cfg.c `fw_cfg_build_smbios`)",
    ),
    says={
        "": "After its next reset the guest finds SMBIOS data that differ in {places}, to which "
        "nothing binds",
    },
    is_note=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    changes = changes_of(comparison, "note")
    yield from finding_of(RULE, "SMBIOS", changes, args={"places": places(changes)})
