"""How the parts of a machine are reached that only its guest would see: its PCI, its fw_cfg.

An architecture's table has the ports, or the names of regions in memory, whose places the build
tells (`memory_map`).
"""

from __future__ import annotations

import msgspec

from qcompat.arch.architecture import Architecture
from qcompat.portrait.config_space import ConfigSpace
from qcompat.portrait.fw_cfg import DmaPlace, FwCfg
from qcompat.portrait.memory_map import main_memory, read_memory_map, start_of
from qcompat.qemu.process import Qemu


class Access(msgspec.Struct, frozen=True):
    """Configuration space and fw_cfg of one paused machine; None for what it has not, or hides."""

    pci: ConfigSpace | None = None
    fw_cfg: FwCfg | None = None


async def access_to(qemu: Qemu, architecture: Architecture | None) -> Access:
    """What is reached of a machine; nothing of an architecture without a table.

    Errors: as asking the monitor.
    """
    if architecture is None:
        return Access()
    pci = ConfigSpace(qemu.qtest, architecture.pci) if architecture.pci else None
    ports = architecture.fw_cfg
    fw_cfg = FwCfg(qemu.qtest, DmaPlace(ports.dma_port, is_port=True)) if ports else None
    regions = architecture.regions
    if not (regions.pci or regions.fw_cfg):
        return Access(pci, fw_cfg)
    ranges = read_memory_map(await qemu.monitor("info mtree -f"))
    window, register = start_of(ranges, regions.pci), start_of(ranges, regions.fw_cfg)
    memory = main_memory(ranges)
    if window is not None:
        pci = ConfigSpace(qemu.qtest, None, window)
    if register is not None and memory is not None:
        fw_cfg = FwCfg(qemu.qtest, DmaPlace(register, is_port=False, memory=memory))
    return Access(pci, fw_cfg)
