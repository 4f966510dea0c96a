"""The fields of a section with decoded values: what `layout` lays out, taken apart and named.

`layout` finds where a field is; `decode` takes apart the values that a stream describes as one
piece, and names registers; this file joins the two. A value that no decoder can take apart, or
that is not what it should be, stays bytes, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable

from qcompat.errors import StreamError
from qcompat.stream.decode.arm import with_system_registers
from qcompat.stream.decode.field import Field
from qcompat.stream.decode.formatting import ranges, time
from qcompat.stream.decode.interrupts import decode_msix, decode_pins
from qcompat.stream.decode.pci_config import decode_config
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.sections import Names, Row, element, names_of, title
from qcompat.stream.decode.virtio.field import decode_virtio
from qcompat.stream.decode.virtio.gpu import decode_gpu
from qcompat.stream.layout import Leaf, Scalar, leaves, value
from qcompat.stream.model import Section

__all__ = ["Field", "fields"]

_MOST_VALUES = 1 << 16  # elements of an array that are worth numbers of their own

_EMPTY_LISTS = {
    "qtailq": b"\0",
    "qlist": b"\0",
    "gtree": bytes(5),  # no nodes, end
    "scsi-requests": b"\0",  # hw/scsi/scsi-bus.c, put_scsi_requests
}
_KNOWN_TYPES = {
    "avr": "",  # target/ppc/machine.c: 128 bits, the halves in the order of the host
    "slbe": "ESID and VSID, 64 bits each",  # target/ppc/machine.c, put_slbe
}
_STRUCTURES = ("struct", "vstruct", "tmp")
_NULL = b"0"  # VMS_NULLPTR_MARKER, include/migration/vmstate.h

_DECODERS: dict[str, Callable[[Pieces, str], str]] = {
    "pci config": lambda pieces, _: decode_config(pieces),
    "pci irq state": lambda pieces, _: decode_pins(pieces),
    "msix state": lambda pieces, _: decode_msix(pieces),
    "virtio": decode_virtio,
    "virtio-gpu": lambda pieces, _: decode_gpu(pieces),
}


def fields(section: Section) -> tuple[Field, ...]:
    """The fields of `section` in wire order, with values and what these mean.

    Raises StreamError only where payload and description contradict each other, as
    `layout.leaves` does.
    """
    found = leaves(section)
    names = names_of(section, found)
    return with_system_registers(tuple(_field(section, leaf, names) for leaf in found))


def _field(section: Section, leaf: Leaf, names: Names | None) -> Field:
    decoder = _DECODERS.get(leaf.type)
    if decoder is not None and leaf.count == 1:
        return _decoded(section, leaf, decoder)
    if leaf.count > _MOST_VALUES:
        return _uncounted(section, leaf)
    plain = _plain(section, leaf)
    row = names.row(leaf.path) if names else None
    return _named(plain, names, *row) if names and row else plain


def _decoded(section: Section, leaf: Leaf, decoder: Callable[[Pieces, str], str]) -> Field:
    pieces = Pieces(leaf.data, section.offset + leaf.offset)
    try:
        meaning = decoder(pieces, section.idstr)
        if pieces.left:
            raise pieces.error(f"{pieces.left} bytes are left over")
    except StreamError as error:
        return _opaque(section, leaf, error.message)
    return Field(
        leaf.path, leaf.type, pieces.base, leaf.size, 1, None, meaning, pieces.parts
    )  # fmt: skip


def _plain(section: Section, leaf: Leaf) -> Field:
    found = value(leaf)
    said = _meaning(leaf.type, leaf.data, found)
    if said is None:
        return _opaque(section, leaf, "")
    return Field(
        leaf.path, leaf.type, section.offset + leaf.offset, leaf.size, leaf.count, found, said
    )


def _uncounted(section: Section, leaf: Leaf) -> Field:
    """An array with so many elements that they stay the bytes they are."""
    said = f"{leaf.count} values"
    at = section.offset + leaf.offset
    return Field(leaf.path, leaf.type, at, leaf.size, leaf.count, leaf.data, said)


def _opaque(section: Section, leaf: Leaf, why: str) -> Field:
    at = section.offset + leaf.offset
    is_opaque = bool(leaf.data)
    return Field(
        leaf.path, leaf.type, at, leaf.size, leaf.count, leaf.data, why, (), is_opaque
    )  # fmt: skip


def _named(plain: Field, names: Names, row: Row, indices: tuple[int, ...]) -> Field:
    name = title(row, indices)
    if isinstance(plain.value, tuple):
        parts = _elements(plain, names, row)
        return _with(plain, name or plain.meaning, parts)
    said = names.meaning(row, plain.value) or plain.meaning
    is_clear = row.unit == "unused" or (row.unit == "text" and bool(said))
    return _with(plain, f"{name}: {said}" if name and said else name or said, (), is_clear)


def _elements(plain: Field, names: Names, row: Row) -> tuple[Field, ...]:
    """The elements of an array by name; none where they have no names."""
    values = plain.value if isinstance(plain.value, tuple) else ()
    if not (row.elements or row.each):
        return ()
    return tuple(_element(plain, names, row, index, one) for index, one in enumerate(values))


def _element(plain: Field, names: Names, row: Row, index: int, one: Scalar) -> Field:
    path = element(row, index) or f"[{index}]"
    at = plain.offset + index * plain.size
    return Field(path, plain.type, at, plain.size, 1, one, names.meaning(row, one))


def _with(plain: Field, meaning: str, parts: tuple[Field, ...], is_clear: bool = False) -> Field:
    return Field(
        plain.path,
        plain.type,
        plain.offset,
        plain.size,
        plain.count,
        plain.value,
        meaning,
        parts,
        plain.is_opaque and not is_clear,
    )


def _meaning(kind: str, data: bytes, value: Scalar | tuple[Scalar, ...]) -> str | None:
    """The meaning of a value without parts, if it has one; None for bytes without a meaning.

    What QEMU writes for each type: migration/vmstate-types.c and migration/savevm.c (5.2 to 10.2);
    `ptr-marker` as in streams of 11.1.
    """
    if kind == "timer":
        return _times(value)
    if kind == "bitmap":
        return ranges(data, word=8)
    if kind == "unused_buffer":
        return "unused"
    if kind == "nullptr" or (kind in _STRUCTURES and data == _NULL):
        return "null pointer"
    if kind == "ptr-marker":  # QEMU 11: before every element of an array of pointers
        return "null pointer" if data == _NULL else "pointer"
    if kind in _KNOWN_TYPES:
        return _KNOWN_TYPES[kind]
    if kind in _EMPTY_LISTS and data == _EMPTY_LISTS[kind]:
        return "empty"
    one = value[0] if isinstance(value, tuple) and value else value
    return None if isinstance(one, bytes) else ""


def _times(value: Scalar | tuple[Scalar, ...]) -> str:
    values = value if isinstance(value, tuple) else (value,)
    said = {time(each) for each in values if isinstance(each, int)}
    return said.pop() if len(said) == 1 else ""
