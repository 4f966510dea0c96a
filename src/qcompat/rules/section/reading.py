"""How the target would read a row of fields that the source wrote.

QEMU reads by its own description: no names, lengths or types are on the wire
(migration/vmstate.c `vmstate_load_state`). So two rows fit when every field takes the same
bytes, with three liberties that the reader really has: lists carry their own end, arrays and
buffers may take their length from a field sent before them, and neighbouring plain fields may
share one block of bytes.

Of a section in an older version the target expects fewer fields. `vmstate_field_exists`
(migration/vmstate.c): a field with a test function is there when that says so, any other when
the section's version is at least the field's. The test functions are not known; a target at the
same moment of the same guest is assumed to decide as it did when it wrote its own state. States
where that is wrong are in `inner_version`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.compare.stream.layout import ENCODED_BY_DEVICE, LayoutDiffers, is_alike
from qcompat.compare.stream.sections import Leaves
from qcompat.portrait.portrait import Portrait
from qcompat.rules.section.states import description_of, field_named
from qcompat.stream.layout import UNDESCRIBED, Leaf, value

ENDS_ITSELF = frozenset({"qtailq", "qlist", "gtree", "virtio", "scsi-requests"})
"""Encodings that say themselves where they end (migration/vmstate-types.c; hw/scsi/scsi-bus.c).
What a virtio device encodes has rules of its own."""

BUFFER = "buffer"
"""Plain bytes, of a length that a field may say (VMSTATE_VBUFFER_ALLOC_UINT32)."""

Row = Sequence[Leaf]


def first_misfit(source: Row, target: Row) -> tuple[int, int] | None:
    """The positions in both rows from which the target misreads; None where all of it fits."""
    i = j = 0
    while i < len(source) and j < len(target):
        step = _step(source, target, i, j)
        if step is None:
            return (i, j)
        i, j = i + step[0], j + step[1]
    while i < len(source) and _is_announced(source, target, i, j):
        i += 1
    while j < len(target) and _is_announced(target, source, j, i):
        j += 1
    return None if i == len(source) and j == len(target) else (i, j)


def _step(source: Row, target: Row, i: int, j: int) -> tuple[int, int] | None:
    one, other = source[i], target[j]
    if _is_announced(source, target, i, j):
        return (1, 0)
    if _is_announced(target, source, j, i):
        return (0, 1)
    if is_alike(one, other) or (one.type == other.type and one.type in ENDS_ITSELF):
        return (1, 1)
    if one.type == other.type == BUFFER and _announces(
        source[:i], target[:j], len(one.data), len(other.data)
    ):
        return (1, 1)
    is_same_array = one.type == other.type and one.size == other.size
    if is_same_array and _announces(source[:i], target[:j], one.count, other.count):
        return (1, 1)
    return _block(source, target, i, j)


def _is_announced(having: Row, lacking: Row, i: int, j: int) -> bool:
    """Whether a leaf is of an array element that the other end has fewer of, as a field said."""
    name, bracket, rest = having[i].path.partition("[")
    index = rest.partition("]")[0]
    more, fewer = _elements(having, name), _elements(lacking, name)
    is_surplus = int(index) >= fewer if bracket and index.isdigit() else fewer == 0
    if not is_surplus or more <= fewer or (not bracket and more == having[i].size == 1):
        return False
    return _announces(having[:i], lacking[:j], more, fewer)


def _elements(row: Row, name: str) -> int:
    """How many elements the array `name` has: its count, or the structures of that name."""
    indices = [leaf.path[len(name) + 1 :].partition("]")[0] for leaf in row if _of(leaf, name)]
    numbers = [int(index) for index in indices if index.isdigit()]
    if numbers:
        return max(numbers) + 1
    return next((leaf.count for leaf in row if leaf.path == name), 0)


def _of(leaf: Leaf, name: str) -> bool:
    return leaf.path.startswith(f"{name}[")


def _announces(source: Row, target: Row, one: int, other: int) -> bool:
    """Whether a field sent before says these two lengths."""
    return any(
        value(before) == one and value(after) == other
        for before, after in zip(source, target, strict=False)
        if before.count == 1 and before.data != after.data
    )


def _block(source: Row, target: Row, i: int, j: int) -> tuple[int, int] | None:
    """The shortest stretch of plain fields from here that takes the same bytes on both ends."""
    m, n = 0, 0
    sent = read = 0
    while True:
        grows_source = sent <= read
        row, at = (source, i + m) if grows_source else (target, j + n)
        if at >= len(row) or row[at].type in ENCODED_BY_DEVICE | ENDS_ITSELF:
            return None
        if grows_source:
            sent, m = sent + len(row[at].data), m + 1
        else:
            read, n = read + len(row[at].data), n + 1
        if sent == read and m and n:
            return (m, n) if m == 1 or n == 1 else None


def expecting(difference: LayoutDiffers, target: Portrait) -> Leaves:
    """The target's fields without those that came later than the source's version."""
    return of_version(
        difference.target.leaves,
        difference.source.version,
        difference.target.version,
        None if difference.path else (target, difference.idstr),
    )


def of_version(
    own: Leaves, version: int, newest: int, described: tuple[Portrait, str] | None
) -> Leaves:
    """`own` as the build writes it in version `newest`, as it would read version `version`."""
    if version == newest or described is None:
        return own
    description = description_of(*described)
    if description is None:
        return own
    fields = ((leaf, field_named(description, leaf.path)) for leaf in own)
    return tuple(
        leaf
        for leaf, field in fields
        if field is None or field.conditional or field.version <= version
    )


def is_open(difference: LayoutDiffers, target: Portrait) -> bool:
    """Whether the expectation may be wrong: undescribed bytes, an older version of a state that
    the build did not describe."""
    rows = (*difference.source.leaves, *difference.target.leaves)
    if any(leaf.type == UNDESCRIBED for leaf in rows):
        return True
    if difference.source.version == difference.target.version:
        return False
    return bool(difference.path) or description_of(target, difference.idstr) is None
