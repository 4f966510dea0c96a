"""PCI configuration space in a section: where it lies and whose it is.

An ordinary device has it as a field of type `pci config`; a virtio device inside its opaque
field. The names of registers are in `pci_registers`.
"""

from __future__ import annotations

import msgspec

from qcompat.errors import StreamError
from qcompat.stream.layout import Leaf, leaves
from qcompat.stream.model import Section
from qcompat.stream.virtio.state import decode, transport_of

_FIELD = "pci config"


class PciConfig(msgspec.Struct, frozen=True):
    """A function's configuration space: 256 bytes, or 4096 of a PCI Express function.

    `address` is the path of the function through its bridges, `0000:00:01.0:00.0`; `offset` is
    where `data` begins in the section's payload.
    """

    address: str
    data: bytes
    offset: int


def pci_config(section: Section, fields: tuple[Leaf, ...] | None = None) -> PciConfig | None:
    """The configuration space in `section`, or None for a section of no PCI function.

    None, too, for a section that the stream does not describe: nothing says where it is.
    `fields` are its leaves where the caller has them already. Raises StreamError where the
    section cannot be laid out.
    """
    if transport_of(section.idstr) != "pci":
        return None
    address = section.idstr.partition("/")[0]
    for leaf in leaves(section) if fields is None else fields:
        if leaf.type == _FIELD:
            return PciConfig(address, leaf.data, leaf.offset)
        if leaf.type == "virtio":
            return _in_virtio(section, address, leaf)
    return None


def _in_virtio(section: Section, address: str, leaf: Leaf) -> PciConfig:
    part = decode(leaf.data, record=f"{section.idstr}/{leaf.path}").pci
    if part is None:  # not reached: decode() reads the PCI part or raises
        raise StreamError("no PCI state", offset=section.offset, record=section.idstr)
    return PciConfig(address, part.config, leaf.offset + part.offset)
