"""A section's payload as the wire sees it: a flat row of fields with offset, size and bytes.

Names are not on the wire; they only serve to name a field. QEMU loads by position, size and
type. A value that one encoder wrote as a whole (`virtio`, `pci config`, `timer`, a list) is one
leaf: what is in it is found by `virtio` and `decode`. Arrays that QEMU describes once and
arrays that it describes element by element come out alike (migration/vmstate.c,
vmsd_can_compress decides, and does so differently between releases).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.stream.cursor import Cursor
from qcompat.stream.model import FieldDescription, Section, SectionDescription
from qcompat.stream.record import Record

UNDESCRIBED = "undescribed"

_DEEPEST = 32  # nested structures; QEMU's deepest has 6
_MOST_LEAVES = 250_000
_STRUCTURES = ("struct", "vstruct", "tmp")

_SIGNED = ("int8", "int16", "int32", "int32 equal", "int32 le", "int64", "timer")
_UNSIGNED = (
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uint8 equal",
    "uint16 equal",
    "uint32 equal",
    "int64 equal",
    "CPU_Double_U",
    "uint16_from_uint8",
    "int32_as_uint16",
    # registers that a put hook of target/*/machine.c writes as one number
    "cpsr",
    "cpu/altivec/vscr",
    "eind",
    "fpcr",
    "fpr",
    "fpscr",
    "fpsr",
    "fsr",
    "msr",
    "psr",
    "psw",
    "rampD",
    "rampX",
    "rampY",
    "rampZ",
    "sr",
    "sreg",
    "vsr",
    "xcc",
)
_WIDEST = 8  # an `fpr` of mips has two halves

Scalar = int | bool | str | bytes | None


class Leaf(msgspec.Struct, frozen=True):
    """One field, or one array of plain values, as it lies on the wire.

    `path` is `vq[0].num`, or `<cpu/xcrs>.env.xcr0` inside a subsection; `size` the bytes of one
    element, `count` the elements, `offset` the place in the payload; `data` all its bytes.
    A subsection begins with a leaf of type `subsection`, whose value is its version.
    """

    path: str
    type: str
    size: int
    count: int
    offset: int
    data: bytes


def leaves(section: Section) -> tuple[Leaf, ...]:
    """The fields of `section` in wire order; their `data` joined is its payload.

    Without a description the payload is one leaf of type `undescribed`. Raises StreamError
    where payload and description contradict each other.
    """
    if section.description is None:
        whole = Leaf("", UNDESCRIBED, len(section.payload), 1, 0, section.payload)
        return (whole,)
    cursor = Cursor(
        section.payload, record=f"{section.idstr}[{section.instance_id}]", base=section.offset
    )
    found: list[Leaf] = []
    _walk(cursor, section.description, "", found, 0)
    if cursor.left:
        raise cursor.error(f"{cursor.left} bytes more than the description accounts for")
    return tuple(found)


def value(leaf: Leaf) -> Scalar | tuple[Scalar, ...]:
    """The value of a leaf: int, bool or None (null pointer), a tuple of these for an array.

    Bytes for whatever QEMU's own description gives no meaning to.
    """
    if leaf.count == 1:
        return _scalar(leaf.type, leaf.data)
    step = leaf.size
    parts = (leaf.data[at : at + step] for at in range(0, len(leaf.data), step))
    return tuple(_scalar(leaf.type, part) for part in parts)


def skip_described(cursor: Cursor, description: SectionDescription, depth: int = 0) -> None:
    """Step over the bytes that `description` accounts for. Raises StreamError.

    A field's size includes what is nested in it, so this looks at the outermost fields and the
    headers of the subsections only.
    """
    if depth > _DEEPEST:
        raise cursor.error(f"subsections more than {_DEEPEST} deep")
    skip_fields(cursor, description)
    for subsection in description.subsections:
        subsection_header(cursor, subsection)
        skip_described(cursor, subsection, depth + 1)


def skip_fields(cursor: Cursor, description: SectionDescription) -> None:
    """Step over the fields of `description` itself, without its subsections."""
    for field in description.fields:
        cursor.skip(field.size * field.count, field.name)


def subsection_header(cursor: Cursor, description: SectionDescription) -> bytes:
    """Read a subsection's header and compare it with its description. Raises StreamError."""
    name = description.vmsd_name.encode()
    expected = Record.SUBSECTION.mark + bytes([len(name) & 0xFF]) + name
    start = cursor.offset
    if cursor.peek(len(expected)) != expected:
        raise cursor.error(f"subsection {description.vmsd_name!r} is described but not here")
    cursor.skip(len(expected) + 4, "the header of a subsection")
    header = cursor.buffer[start : cursor.offset]
    if int.from_bytes(header[-4:], "big") != description.version & 0xFFFFFFFF:
        raise cursor.error(
            f"subsection {description.vmsd_name!r} is not of version {description.version}"
        )
    return header


def _walk(
    cursor: Cursor, description: SectionDescription, prefix: str, found: list[Leaf], depth: int
) -> None:
    if depth > _DEEPEST:
        raise cursor.error(f"structures nested more than {_DEEPEST} deep")
    for run in _runs(description.fields):
        _run(cursor, run, prefix, found, depth)
    for subsection in description.subsections:
        path = f"{prefix}<{subsection.vmsd_name}>"
        start = cursor.offset
        header = subsection_header(cursor, subsection)
        found.append(Leaf(path, "subsection", len(header), 1, start, header))
        _walk(cursor, subsection, path + ".", found, depth + 1)


def _runs(fields: tuple[FieldDescription, ...]) -> Iterator[list[FieldDescription]]:
    """Neighbouring fields of one name: the elements or the pieces of one array."""
    run: list[FieldDescription] = []
    for field in fields:
        if run and field.name == run[-1].name:
            run.append(field)
            continue
        if run:
            yield run
        run = [field]
    if run:
        yield run


def _run(
    cursor: Cursor, run: list[FieldDescription], prefix: str, found: list[Leaf], depth: int
) -> None:
    first = run[0]
    path = prefix + first.name
    if len(run) == 1 and first.type not in _STRUCTURES:  # nearly all: no need to look closer
        _emit(cursor, found, path, first, first.count)
        return
    is_array = len(run) > 1 or first.array_len is not None or first.index is not None
    if all(_is_plain(field, first) for field in run):
        count = sum(field.count for field in run)
        _emit(cursor, found, path, first, count)
        return
    position = 0
    for field in run:
        for _ in range(field.count if field.size else min(field.count, 1)):
            _element(cursor, field, f"{path}[{position}]" if is_array else path, found, depth)
            position += 1


def _is_plain(field: FieldDescription, first: FieldDescription) -> bool:
    return field.type == first.type and field.size == first.size and not _is_structure(field)


def _is_structure(field: FieldDescription) -> bool:
    # The elements of a list (qtailq, qlist, gtree) share one object in the description, each
    # overwriting the one before: it cannot be used, and the list stays one value.
    if field.type not in _STRUCTURES:
        return False
    nested = field.nested
    return nested is not None and bool(nested.fields or nested.subsections)


def _element(
    cursor: Cursor, field: FieldDescription, path: str, found: list[Leaf], depth: int
) -> None:
    nested = field.nested if _is_structure(field) else None
    if nested is None:
        _emit(cursor, found, path, field, 1)
        return
    start = cursor.offset
    _walk(cursor, nested, path + ".", found, depth + 1)
    if cursor.offset - start != field.size:
        raise cursor.error(
            f"{path} is {cursor.offset - start} bytes by its parts, {field.size} as a whole"
        )


def _emit(
    cursor: Cursor, found: list[Leaf], path: str, field: FieldDescription, count: int
) -> None:
    if len(found) >= _MOST_LEAVES:
        raise cursor.error(f"more than {_MOST_LEAVES} fields")
    start = cursor.offset
    data = cursor.take(field.size * count, path)
    found.append(Leaf(path, field.type, field.size, count if field.size else 1, start, data))


def _scalar(kind: str, data: bytes) -> Scalar:
    if kind in _UNSIGNED and len(data) <= _WIDEST:
        return int.from_bytes(data, "big")
    if kind in _SIGNED:
        return int.from_bytes(data, "big", signed=True)
    if kind in ("bool", "powered_off"):
        return any(data)
    if kind == "nullptr":
        return None
    if kind == "subsection":
        return int.from_bytes(data[-4:], "big")
    return data
