"""The field `scsi-requests`: what a disk has begun for its guest, and not ended.

No length is sent; it follows from the commands (hw/scsi/scsi-bus.c put_scsi_requests and
hw/scsi/scsi-disk.c scsi_disk_save_request of 7.2.22 and 10.0.13). Reads and writes alone are sent
alike by all builds: of other commands 10.0.13 sends more than others
(scsi_disk_emulate_save_request), and a bus such as virtio-scsi adds its own.

    1 or 2 (1: it will be tried again), command, tag, lun    for each request
        sector, sectors, bytes of buffer; of a write those bytes, of a read not tried again how
        many are there, and they
    0
"""

from __future__ import annotations

from qcompat.stream.cursor import Cursor

TYPE = "scsi-requests"
_COMMAND_BYTES = 16
_BLOCK = 512
_READS = frozenset({0x08, 0x28, 0x88, 0xA8})
_WRITES = frozenset({0x0A, 0x2A, 0x8A, 0xAA})
_RETRY, _OTHER = 1, 2
_MOST = 1 << 12


def skip_requests(cursor: Cursor) -> None:
    """Step over the requests to behind their end. Raises StreamError for any other command."""
    for _ in range(_MOST):
        kind = cursor.u8("a request")
        if kind == 0:
            return
        if kind not in (_RETRY, _OTHER):
            raise cursor.error(f"{kind} is no kind of request")
        _skip_request(cursor, is_retry=kind == _RETRY)
    raise cursor.error(f"more than {_MOST} requests")


def _skip_request(cursor: Cursor, *, is_retry: bool) -> None:
    command = cursor.take(_COMMAND_BYTES, "a command")[0]
    cursor.skip(4 + 4, "tag and lun")
    if command not in _READS | _WRITES:
        raise cursor.error(f"how much is sent of the command {command:#04x} depends on the build")
    cursor.skip(8, "the sector")
    sectors, buffer = cursor.u32("the sectors"), cursor.u32("the bytes of the buffer")
    if not buffer:
        return
    if command in _WRITES:
        cursor.skip(min(sectors * _BLOCK, buffer), "what is written")
    elif not is_retry:
        cursor.skip(cursor.u32("the bytes read"), "what was read")
