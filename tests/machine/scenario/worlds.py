"""A small world as TOML, with something changed for a test."""

from __future__ import annotations

from pathlib import Path

from qcompat.machine.scenario.read import read
from qcompat.machine.scenario.work_out import Worked, work_out

PAGES = Path(__file__).parents[3] / "docs" / "explanation" / "scenarios"

WORLD = """
title = "a world"
[types.net-pci]
ancestors = ["pci-device"]
parts = ["net-device"]
[visible.offload]
of = "net-device"
property = "offload"
words = "offload"
check = "{check}"
travels = "{travels}"
feature = "tap-offload"
[builds."1.0"]
machines = ["pc-1.0"]
defaults.net-device.offload = "off"
[builds."2.0"]
machines = ["pc-1.0", "pc-2.0"]
defaults.net-device.offload = "on"
{more}
[guests.net]
machine = "pc-1.0"
cpus = 2
devices = [{{ id = "nic", type = "net-pci"{properties} }}]
"""


def world(
    *, check: str = "equal", travels: str = "no", more: str = "", properties: str = ""
) -> Worked:
    return work_out(
        read(WORLD.format(check=check, travels=travels, more=more, properties=properties))
    )


def example(name: str) -> Worked:
    """A scenario of the documentation."""
    return work_out(read((PAGES / f"{name}.toml").read_text()))
