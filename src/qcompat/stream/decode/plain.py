"""Values without parts: times, bitmaps, empty lists, unused buffers.

What QEMU writes for each type: migration/vmstate-types.c and migration/savevm.c (5.2 to 10.2);
`ptr-marker` as in streams of 11.1.
"""

from __future__ import annotations

from qcompat.stream.decode.formatting import ranges, time
from qcompat.stream.layout import Scalar

_EMPTY_LISTS = {
    "qtailq": b"\0",
    "qlist": b"\0",
    "gtree": bytes(5),  # no nodes, end
    "scsi-requests": b"\0",  # hw/scsi/scsi-bus.c, put_scsi_requests
}
_KNOWN = {
    "avr": "",  # target/ppc/machine.c: 128 bits, the halves in the order of the host
    "slbe": "ESID and VSID, 64 bits each",  # target/ppc/machine.c, put_slbe
}
_STRUCTURES = ("struct", "vstruct", "tmp")
_NULL = b"0"  # VMS_NULLPTR_MARKER, include/migration/vmstate.h


def words(kind: str, data: bytes, value: Scalar | tuple[Scalar, ...]) -> str | None:
    """The meaning of a value of type `kind`, if it has one; None for bytes without a meaning."""
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
    if kind in _KNOWN:
        return _KNOWN[kind]
    if kind in _EMPTY_LISTS and data == _EMPTY_LISTS[kind]:
        return "empty"
    one = value[0] if isinstance(value, tuple) and value else value
    return None if isinstance(one, bytes) else ""


def _times(value: Scalar | tuple[Scalar, ...]) -> str:
    values = value if isinstance(value, tuple) else (value,)
    said = {time(each) for each in values if isinstance(each, int)}
    return said.pop() if len(said) == 1 else ""
