"""A virtio device's section with other queue sizes in it, as the running guest has them.

The place of a size follows from the form of what virtio_save wrote (hw/virtio/virtio.c): the
queues stand behind the configuration and their number, each with its size first. The sizes after
a reset are a subsection of their own, sent where one of them is not the size in use.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.portrait.running.observed import QueueNow
from qcompat.stream.layout import leaves
from qcompat.stream.model import FieldDescription, Section
from qcompat.stream.virtio.state import QUEUE_MAX, Queue, VirtioState, decode, transport_of

_COUNT_BYTES = 4
_SIZE_BYTES = 4
_ADDRESS_AND_INDEX = 8 + 2
_ALIGNMENT = 4
_VECTOR = 2
_DEFAULTS = "virtio/ringsize"
_VERSION = 1


def arrived(former: Section, own: Section, *, adopts: bool) -> Section:
    """The former section as a build sends it on, whose own, fresh one is `own`.

    Sizes in use travel. A size after a reset does where it was sent and the build `adopts` it;
    else it is the build's own.
    """
    theirs = {queue.index: queue for queue in _queues(own)}
    queues = {
        queue.index: QueueNow(
            queue.num,
            queue.num_default
            if adopts and queue.num_default is not None
            else _default(theirs.get(queue.index, queue)),
        )
        for queue in _queues(former)
    }
    return with_queues(former, queues)


def _queues(section: Section) -> tuple[Queue, ...]:
    """The queues of a section; none of one that is not a virtio device's."""
    found = [leaf for leaf in leaves(section) if leaf.type == "virtio"]
    if len(found) != 1 or section.description is None:
        return ()
    return decode(found[0].data, transport_of(section.idstr), record=section.idstr).queues


def _default(queue: Queue) -> int:
    return queue.num if queue.num_default is None else queue.num_default


def with_queues(section: Section, queues: Mapping[int, QueueNow]) -> Section:
    """The section with these sizes of its queues, by index; raises StreamError as `decode`."""
    found = [leaf for leaf in leaves(section) if leaf.type == "virtio"]
    if len(found) != 1 or section.description is None:
        return section
    leaf = found[0]
    state = decode(leaf.data, transport_of(section.idstr), record=section.idstr)
    blob = _with_defaults(_with_sizes(leaf.data, state, queues), state, queues)
    payload = section.payload
    return msgspec.structs.replace(
        section,
        payload=payload[: leaf.offset] + blob + payload[leaf.offset + len(leaf.data) :],
        description=msgspec.structs.replace(
            section.description,
            fields=tuple(_sized(field, len(blob)) for field in section.description.fields),
        ),
    )


def _with_sizes(blob: bytes, state: VirtioState, queues: Mapping[int, QueueNow]) -> bytes:
    changed = bytearray(blob)
    for queue in state.queues:
        if queue.index in queues:
            start = _place(state, queue.index)
            changed[start : start + _SIZE_BYTES] = _word(queues[queue.index].size)
    return bytes(changed)


def _place(state: VirtioState, index: int) -> int:
    step = _SIZE_BYTES + _ADDRESS_AND_INDEX
    step += _ALIGNMENT if state.transport == "mmio" else 0
    step += _VECTOR if any(queue.vector is not None for queue in state.queues) else 0
    return state.config_offset + len(state.config) + _COUNT_BYTES + index * step


def _with_defaults(blob: bytes, state: VirtioState, queues: Mapping[int, QueueNow]) -> bytes:
    known = {queue.index: _default(queue) for queue in state.queues}
    known |= {index: queue.default for index, queue in queues.items()}
    body = b"".join(_word(known.get(index, 0)) for index in range(QUEUE_MAX))
    present = next((each for each in state.subsections if each.name == _DEFAULTS), None)
    if present is not None:
        return blob.replace(present.data, body, 1) if present.data != body else blob
    if all(queue.size == queue.default for queue in queues.values()):
        return blob
    name = _DEFAULTS.encode()
    return blob + b"\x05" + bytes([len(name)]) + name + _word(_VERSION) + body


def _sized(field: FieldDescription, size: int) -> FieldDescription:
    return msgspec.structs.replace(field, size=size) if field.type == "virtio" else field


def _word(value: int) -> bytes:
    return value.to_bytes(_SIZE_BYTES, "big")
