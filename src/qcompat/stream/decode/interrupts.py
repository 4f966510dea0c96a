"""How PCI functions interrupt: `pci irq state` and `msix state`.

hw/pci/pci.c put_pci_irq_state, hw/pci/msix.c msix_save; the same from 5.2 to 10.2. The MSI-X
table is in the guest's byte order, which PCI defines as little-endian.
"""

from __future__ import annotations

from qcompat.stream.decode.formatting import hexadecimal, ranges
from qcompat.stream.decode.pieces import Group, Pieces

PINS = ("INTA", "INTB", "INTC", "INTD")
PINS_SIZE = 16
MOST_VECTORS = 2048

_ENTRY_SIZE = 16
_MASKED = 1


def decode_pins(pieces: Pieces) -> str:
    """Four 32-bit levels; returns the pins that are raised."""
    if pieces.left != PINS_SIZE:
        raise pieces.error(f"levels of {pieces.left} bytes, expected {PINS_SIZE}")
    return add_pins(pieces)


def add_pins(pieces: Pieces) -> str:
    levels = [pieces.number(pin, 4, meaning=_level) for pin in PINS]
    raised = [pin for pin, level in zip(PINS, levels, strict=True) if level]
    return ", ".join(raised) + " raised" if raised else "none raised"


def decode_msix(pieces: Pieces) -> str:
    """A whole table with its pending bits: 16 bytes an entry and one bit."""
    vectors = pieces.left * 8 // (_ENTRY_SIZE * 8 + 1)
    if not pieces.left:
        return "no vectors"
    if vectors > MOST_VECTORS or pieces.left != _ENTRY_SIZE * vectors + (vectors + 7) // 8:
        raise pieces.error(f"{pieces.left} bytes are not an MSI-X table")
    return add_msix(pieces, vectors)


def add_msix(pieces: Pieces, vectors: int) -> str:
    """Cut a table of `vectors` entries and the pending bits; returns how many are masked."""
    masked = 0
    for index in range(vectors):
        with pieces.group(f"vector {index}") as about:
            masked += _entry(pieces, about)
    pending = (vectors + 7) // 8
    bits = pieces.data[pieces.at : pieces.at + pending]
    pieces.plain("pending", pending, "bitmap", ranges(bits))
    return f"{vectors} vectors, {masked} masked"


def _entry(pieces: Pieces, about: Group) -> int:
    address = pieces.number("address", 8, "little", hexadecimal)
    data = pieces.number("data", 4, "little", hexadecimal)
    control = pieces.number("control", 4, "little", _control)
    target = f"{data:#x} to {address:#x}" if address else "unset"
    about.meaning = target + (", masked" if control & _MASKED else "")
    return control & _MASKED


def _control(value: int) -> str:
    return "masked" if value & _MASKED else "unmasked"


def _level(value: int) -> str:
    return "raised" if value else "low"
