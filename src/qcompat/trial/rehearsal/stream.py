"""The stream that a rehearsal loads: that of the running guest, beside memory that is zero.

Sections that look into memory, or into another process, are left out (`parts`). The indexes of
virtio's rings are set to what is in memory that is zero: virtio_load compares them, and where they
do not fit 5.2 refuses the load, later releases mark the device broken (hw/virtio/virtio.c). A queue
in the stream (virtio_save):

    u32 size │ u32 alignment (mmio alone) │ u64 address │ u16 last_avail_idx │ u16 vector, if any
"""

from __future__ import annotations

import msgspec

from qcompat.errors import StreamError
from qcompat.stream.model import Section, Stream
from qcompat.stream.virtio.state import VirtioState, decode, transport_of
from qcompat.stream.writer.writer import pieces
from qcompat.trial.rehearsal.parts import all_parts, is_left_out

_PACKED = 1 << 34
"""VIRTIO_F_RING_PACKED: such a ring has no indexes in memory, and nothing is compared."""
_RINGS = next(part for part in all_parts() if part.handling == "adjusted")


def loadable(now: Stream) -> Stream:
    """What a target can load of the stream of a running guest without the guest's memory."""
    kept = (section for section in now.sections if not is_left_out(section.idstr))
    return msgspec.structs.replace(
        now, page_size=0, sections=tuple(_beside_zero_memory(section) for section in kept)
    )


def write_loadable(now: Stream) -> bytes:
    """Its bytes, as long as its device state, whatever memory the guest has.

    Machine types that send no configuration have no section footers either (up to 2.3).
    """
    has_footers = now.configuration is not None
    records = pieces(loadable(now), has_footers=has_footers, has_pages=False)
    return b"".join(data for _, data in records)


def _beside_zero_memory(section: Section) -> Section:
    if not _RINGS.has_section(section.idstr):
        return section
    transport = transport_of(section.idstr)
    try:
        state = decode(section.payload, transport)
    except StreamError:
        return section
    if state.guest_features & _PACKED:
        return section
    payload = bytearray(section.payload)
    for at in _index_places(state):
        payload[at : at + 2] = b"\0\0"
    return msgspec.structs.replace(section, payload=bytes(payload))


def _index_places(state: VirtioState) -> range:
    """Where the queues' `last_avail_idx` are in the blob."""
    first = state.config_offset + len(state.config) + 4
    index = 16 if state.transport == "mmio" else 12
    has_vector = any(queue.vector is not None for queue in state.queues)
    size = index + (4 if has_vector else 2)
    return range(first + index, first + index + size * len(state.queues), size)
