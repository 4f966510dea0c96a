"""Which bits of PCI configuration space the target compares while it loads.

A load fails on the first byte with `(received ^ own) & cmask & ~wmask & ~w1cmask`
(hw/pci/pci.c `get_pci_config_device`). None of the three masks can be asked of QEMU. `wmask` is
measured (`PciFunction.writable`); `cmask` and `w1cmask` are modelled here from hw/pci/pci.c,
pcie.c, pcie_aer.c, slotid_cap.c and pci_bridge.c of 5.2.0, 7.2.0 and 10.0.13, from the target's
own configuration space. Sparse where QEMU's are: outside the header and the capabilities
nothing is compared. Whether a build makes one of the checks follows from its age, which the
machine types that it knows show.
"""

from __future__ import annotations

from qcompat.arch.machine_type import parse_machine_type
from qcompat.builds.facts import BuildFacts
from qcompat.compare.pci import ConfigDiffers
from qcompat.portrait.portrait import Portrait
from qcompat.rules.pci.registers import without
from qcompat.stream.pci_registers import Capability, capabilities

HEADER = (
    (0x00, 0xFF),  # vendor id
    (0x01, 0xFF),
    (0x02, 0xFF),  # device id
    (0x03, 0xFF),
    (0x06, 0x10),  # status: there is a capability list
    (0x08, 0xFF),  # revision
    (0x09, 0xFF),  # class
    (0x0A, 0xFF),
    (0x0B, 0xFF),
    (0x0E, 0xFF),  # header type
    (0x34, 0xFF),  # capability pointer
)
"""`pci_init_cmask`."""

BRIDGE = (
    (0x1C, 0x0F),  # I/O base and limit: 16 or 32 bits
    (0x1D, 0x0F),
    (0x24, 0x0F),  # prefetchable base and limit: 32 or 64 bits
    (0x26, 0x0F),
)
"""`pci_init_mask_bridge`."""

WRITABLE = (
    (0x04, 0x07),  # command: I/O, memory, bus master
    (0x05, 0x05),  # command: SERR, INTx disable
    (0x0C, 0xFF),  # cache line size
    (0x3C, 0xFF),  # interrupt line
)
"""`pci_init_wmask`."""

WRITABLE_OF_BRIDGE = ((0x18, 0xFF), (0x19, 0xFF), (0x1A, 0xFF), (0x1B, 0xFF), (0x3E, 0x7F))
"""Bus numbers and bridge control, which cannot be measured without losing what is behind."""

EXPRESS, MSI, MSIX, AER = 0x10, 0x05, 0x11, 0x0001
DEVICE_STATUS, LINK_STATUS, SLOT_CONTROL, SLOT_STATUS = 0x0A, 0x12, 0x18, 0x1A
PRESENCE = 0xC0  # presence detect and interlock; the other bits are events, write one to clear
BAR_FIRST, ROM_OF_DEVICE, ROM_OF_BRIDGE = 0x10, 0x30, 0x38


def fatal_bits(own: bytes, writable: bytes, *, checks_presence: bool = False) -> bytes:
    """The bits that must be equal for the target to accept, `cmask & ~wmask & ~w1cmask`.

    `own` is the target's configuration space; `writable` its measured write mask, or empty,
    which leaves registers that a guest writes out of the comparison. `checks_presence` says
    that the build compares whether a PCI Express slot is occupied, as those before 8.1 do
    (commit 625b370c45; seen with 5.2.0 and 7.2.22, not with 10.0.13 and 11.1.3).
    """
    is_bridge = own[0x0E] & 0x7F == 1
    mask = bytearray(len(own))
    for at, bits in HEADER + (BRIDGE if is_bridge else ()):
        mask[at] = bits
    _bars(mask, own, writable, is_bridge)
    for capability in capabilities(own):
        _capability(mask, capability, is_measured=bool(writable))
        if capability.id == EXPRESS and not capability.is_extended and capability.size > 0x1B:
            mask[capability.offset + SLOT_STATUS] = PRESENCE if checks_presence else 0
    for at, bits in WRITABLE + (WRITABLE_OF_BRIDGE if is_bridge else ()):
        mask[at] &= ~bits & 0xFF
    return without(bytes(mask), writable)


def _bars(mask: bytearray, own: bytes, writable: bytes, is_bridge: bool) -> None:
    """All bits of registered BARs are compared (`pci_register_bar`); unmeasured, only the kind."""
    if not writable:
        for at in range(BAR_FIRST, BAR_FIRST + (8 if is_bridge else 24), 4):
            mask[at] = 0x01 if own[at] & 1 else 0x0F
        return
    index, last = 0, 2 if is_bridge else 6
    while index < last:
        at = BAR_FIRST + 4 * index
        is_wide = own[at] & 0x05 == 0x04
        width = 8 if is_wide else 4
        if any(writable[at : at + width]):
            mask[at : at + width] = b"\xff" * width
        index += width // 4
    rom = ROM_OF_BRIDGE if is_bridge else ROM_OF_DEVICE
    if any(writable[rom : rom + 4]):
        mask[rom : rom + 4] = b"\xff" * 4


def _capability(mask: bytearray, capability: Capability, is_measured: bool) -> None:
    start = capability.offset
    end = min(start + capability.size, len(mask))
    mask[start:end] = b"\xff" * (end - start)
    if capability.is_extended:
        if capability.id == AER:
            _clear(mask, start + 0x04, 4)  # uncorrectable status: write one to clear
            _clear(mask, start + 0x10, 4)  # correctable status
            _clear(mask, start + 0x30, 4)  # root status
    elif capability.id == EXPRESS:
        _clear(mask, start + DEVICE_STATUS, 2)
        _clear(mask, start + LINK_STATUS, 2)  # `pcie_cap_v1_fill`
        _clear(mask, start + SLOT_CONTROL, 2)  # cannot be measured: it powers slots off
        _clear(mask, start + SLOT_STATUS, 2)
    elif not is_measured and capability.id == MSI:
        mask[start + 2 : end] = bytes(end - start - 2)
        mask[start + 2] = 0x8E
    elif not is_measured and capability.id == MSIX:
        mask[start + 3] = 0x3F


def _clear(mask: bytearray, at: int, size: int) -> None:
    mask[at : at + size] = bytes(max(0, min(size, len(mask) - at)))


PRESENCE_IGNORED_SINCE = (8, 1)


def fatal_bits_of(portrait: Portrait, difference: ConfigDiffers) -> bytes:
    """The bits of this function that must arrive equal on the target, `portrait`."""
    measured = (each.writable for each in portrait.pci if each.address == difference.address)
    writable = next(measured, b"")
    return fatal_bits(
        difference.target,
        writable[: len(difference.target)],
        checks_presence=is_before(portrait.facts, PRESENCE_IGNORED_SINCE),
    )


_BOARDS = ("pc-q35", "pc-i440fx", "virt", "pseries", "s390-ccw-virtio")
"""Boards that get a machine type with every release."""

Generation = tuple[int, int]


def generation(facts: BuildFacts) -> Generation | None:
    """The newest upstream machine type that the build knows, None where it knows none."""
    found = (parse_machine_type(machine.name) for machine in facts.machines)
    known = [each for each in found if each.is_upstream and each.board in _BOARDS]
    return max(((each.version[0], each.version[1]) for each in known), default=None)


def is_before(facts: BuildFacts, since: Generation) -> bool:
    """Whether the build is known to be older than the release `since`."""
    reached = generation(facts)
    return reached is not None and reached < since
