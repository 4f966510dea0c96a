"""The target's PCI masks, against what QEMU's own messages show of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.portrait.portrait import Portrait
from qcompat.rules.pci.cmask import fatal_bits
from qcompat.stream.pci_registers import capabilities
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]


def mask_of(portrait: Portrait, address: str, *, measured: bool = True) -> tuple[bytes, bytes]:
    function = next(each for each in portrait.pci if each.address == address)
    return function.config, fatal_bits(function.config, function.writable if measured else b"")


@pytest.mark.parametrize("measured", [True, False])
def test_identity_is_fatal_and_subsystem_is_not(recording: Recording, measured: bool) -> None:
    _, mask = mask_of(recording("blk@7.2.22"), "0000:00:08.0", measured=measured)
    assert mask[0x00:0x04] == b"\xff" * 4
    assert mask[0x08:0x0C] == b"\xff" * 4
    assert mask[0x2C:0x30] == b"\0" * 4


def test_command_and_interrupt_line_may_differ(recording: Recording) -> None:
    _, mask = mask_of(recording("blk@7.2.22"), "0000:00:08.0")
    assert mask[0x04:0x06] == b"\0\0"
    assert mask[0x3C] == 0


def test_bar_is_fatal_below_its_size_only(recording: Recording) -> None:
    """virtio-blk's I/O BAR of 128 bytes: `i=0x10 … wmask: 80` in QEMU's words."""
    config, mask = mask_of(recording("blk@7.2.22"), "0000:00:08.0")
    assert config[0x10] & 1
    assert mask[0x10:0x14] == bytes([0x7F, 0, 0, 0])


def test_absent_bar_is_not_compared(recording: Recording) -> None:
    _, mask = mask_of(recording("blk@7.2.22"), "0000:00:08.0")
    assert mask[0x18:0x1C] == b"\0" * 4


def test_vector_count_is_fatal_and_vector_enable_is_not(recording: Recording) -> None:
    config, mask = mask_of(recording("blk@7.2.22"), "0000:00:08.0")
    msix = next(each for each in capabilities(config) if each.name == "MSI-X")
    assert mask[msix.offset : msix.offset + 4] == bytes([0xFF, 0xFF, 0xFF, 0x3F])


def test_bytes_outside_capabilities_are_not_compared(recording: Recording) -> None:
    _, mask = mask_of(recording("blk@7.2.22"), "0000:00:00.0")
    assert mask[0x9D] == 0


def test_bus_numbers_of_a_bridge_may_differ(recording: Recording) -> None:
    _, mask = mask_of(recording("net-express@7.2.22"), "0000:00:07.0")
    assert mask[0x18:0x1C] == b"\0" * 4
    assert mask[0x1C] == 0x0F


def test_link_status_may_differ(recording: Recording) -> None:
    config, mask = mask_of(recording("net-express@7.2.22"), "0000:00:07.0")
    express = next(each for each in capabilities(config) if each.id == 0x10)
    assert mask[express.offset + 0x12 : express.offset + 0x14] == b"\0\0"
    assert mask[express.offset + 0x0C] == 0xFF


@pytest.mark.parametrize(("version", "expected"), [("7.2.22", "blocked"), ("10.0.13", "drift")])
def test_occupied_slot_is_refused_by_builds_before_8_1(
    recording: Recording, version: str, expected: str
) -> None:
    judgement = judge(recording(f"port@{version}"), recording(f"port-occupied@{version}"))
    assert judgement.forward.verdict == expected
    fatal = [each for each in judgement.forward.findings if each.rule == "pci_register_changed"]
    named = {evidence.what for finding in fatal for evidence in finding.evidence}
    assert ("PCI PCIe slot status (offset 0x6e)" in named) is (expected == "blocked")
