"""Debian's 10.0.13, which reports its tables: what is recovered without them says the same.

The recording holds what devices said under all 60 machine types of the boards pc-i440fx and
pc-q35, with the build's types and reported tables.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest
import zstandard

from qcompat.machine.model import CompatEntry, MachineFacts
from qcompat.machine.recover import Reach, Recovered, recover
from tools.table_agreement import Agreement, Reason, agreement

RECORDING = Path(__file__).parent / "data" / "debian-10.0.13.facts.json.zst"

CAUSES = {
    (Reason.COMPUTED, "disable-legacy"),  # a device that is always modern (virtio-gpu-pci)
    (Reason.COMPUTED, "eim"),  # follows from intremap
    (Reason.COMPUTED, "hpet-intcap"),  # set by the board: pc-i440fx has one of its own
    (Reason.COMPUTED, "intremap"),  # default_kernel_irqchip_split of pc-q35-4.0
    (Reason.COMPUTED, "romsize"),  # follows from romfile
    (Reason.COMPUTED, "sas_address"),  # follows from the PCI slot
    (Reason.COMPUTED, "unplugged-inaccessible"),  # auto in the table of 8.0
    (Reason.COMPUTED, "vectors"),  # follows from num-queues
    (Reason.COMPUTED, "xres"),  # follows from edid
    (Reason.COMPUTED, "yres"),
    (Reason.OVERRULED, "disable-modern"),  # a device that is always modern
    (Reason.UNSPOKEN, "any_layout"),  # follows from disable-modern (virtio_blk_get_features)
    (Reason.UNSPOKEN, "eui64"),  # follows from eui64-default
    (Reason.UNSPOKEN, "io-reserve"),  # board code of pc-q35-6.1
    (Reason.UNSPOKEN, "msi"),  # follows from shpc
    (Reason.UNSPOKEN, "ver"),  # hw_version of the machine class
    (Reason.UNSPOKEN, "x-do-not-expose-native-hotplug-cap"),  # board code of pc-q35-6.1
}


@cache
def facts() -> MachineFacts:
    return msgspec.json.decode(zstandard.decompress(RECORDING.read_bytes()), type=MachineFacts)


@cache
def recovered() -> Recovered:
    return recover(facts().observed, facts().types, tuple(facts().observed))


@cache
def judged() -> Agreement:
    return agreement(recovered(), facts().tables, facts().observed, facts().types)


def test_recovered_tables_agree_with_the_reported_ones() -> None:
    assert judged().total > 180_000
    assert judged().share > 0.995
    assert judged().spoken_share > 0.98


def test_every_disagreement_has_a_known_cause() -> None:
    assert {(each.reason, each.property) for each in judged().disagreements} == CAUSES


def test_recovered_tables_reproduce_what_devices_said() -> None:
    reach = Reach(facts().types, recovered().base)
    for machine, each in facts().observed.items():
        undecided = recovered().configured[machine]
        for type, values in each.devices.items():
            base, table = recovered().base[type], recovered().tables[machine]
            said = reach.apply(type, base, table)
            for property, value in values.items():
                assert said.get(property) == value or (type, property) in undecided


@pytest.mark.parametrize(
    ("machine", "entry"),
    [
        ("pc-q35-9.1", CompatEntry("pci-device", "x-pcie-ext-tag", "off")),
        ("pc-q35-7.2", CompatEntry("pci-device", "x-pcie-err-unc-mask", "off")),
        ("pc-q35-7.1", CompatEntry("virtio-device", "queue_reset", "off")),
        ("pc-q35-5.2", CompatEntry("virtio-net-pci-base", "vectors", "3")),
        ("pc-q35-5.2", CompatEntry("nvme", "msix-exclusive-bar", "on")),
        ("pc-q35-5.1", CompatEntry("virtio-blk-device", "num-queues", "1")),
    ],
)
def test_an_entry_of_the_source_is_recovered_as_it_stands_there(
    machine: str, entry: CompatEntry
) -> None:
    """As in hw/core/machine.c of 10.0."""
    assert entry in facts().tables[machine]
    assert entry in recovered().steps[machine]
