"""The field `virtio` of a device: transport, registers, queues, state, subsections.

`stream.virtio` finds what is where, this file cuts it in that order (hw/virtio/virtio.c,
virtio_save). What the device itself saved is `state`.
"""

from __future__ import annotations

from qcompat.stream.decode.ccw import add_ccw
from qcompat.stream.decode.formatting import flags, hexadecimal
from qcompat.stream.decode.interrupts import add_msix, add_pins
from qcompat.stream.decode.pci_config import add_config, identity
from qcompat.stream.decode.pieces import Pieces
from qcompat.stream.decode.virtio.config import add_device_config, byte_order, device_number, kinds
from qcompat.stream.decode.virtio.features import named
from qcompat.stream.decode.virtio.state import add_state
from qcompat.stream.decode.virtio.subsections import add_subsections
from qcompat.stream.virtio.state import PciPart, Queue, VirtioState, decode, transport_of

STATUS = {
    0: "ACKNOWLEDGE",
    1: "DRIVER",
    2: "DRIVER_OK",
    3: "FEATURES_OK",
    6: "NEEDS_RESET",
    7: "FAILED",
}

_INTERRUPTS = {0: "queue", 1: "configuration"}
_NO_VECTOR = 0xFFFF
_LOW = 0xFFFFFFFF


def decode_virtio(pieces: Pieces, idstr: str) -> str:
    """Cut the whole; returns the kind of device and its driver's progress."""
    state = decode(pieces.data, transport_of(idstr), record=f"{idstr}/virtio")
    number = device_number(state, idstr)
    _add_transport(pieces, state)
    _add_registers(pieces, state, number)
    _add_queues(pieces, state)
    _add_end(pieces, state, number)
    kind = kinds().get(number)
    name = kind.name if kind else "device of an unknown kind"
    return f"{name}, {_status(state.status)}"


def _add_transport(pieces: Pieces, state: VirtioState) -> None:
    if state.pci is not None:
        with pieces.group("pci") as about:
            about.meaning = identity(state.pci.config)
            _add_pci(pieces, state.pci)
    elif state.transport == "ccw":
        add_ccw(pieces)
    else:
        with pieces.group("mmio"):
            pieces.number("device feature select", 4)
            pieces.number("driver feature select", 4)
            pieces.number("guest page shift", 4)


def _add_pci(pieces: Pieces, pci: PciPart) -> None:
    pieces.number("version", 4)
    add_config(pieces, pci.config)
    with pieces.group("interrupt pins") as about:
        about.meaning = add_pins(pieces)
    if pci.config_vector is not None:
        with pieces.group("msix") as about:
            about.meaning = add_msix(pieces, pci.msix_entries)
        pieces.number("configuration vector", 2, meaning=_vector)


def _add_registers(pieces: Pieces, state: VirtioState, number: int) -> None:
    pieces.number("status", 1, meaning=_status)
    pieces.number("interrupt status", 1, meaning=lambda value: flags(value, _INTERRUPTS))
    pieces.number("queue select", 2)
    low = ", ".join(named(number, state.guest_features & _LOW))
    pieces.number("features, bits 0 to 31", 4, meaning=low)
    length = pieces.number("configuration length", 4)
    with pieces.group("configuration"):
        add_device_config(pieces, number, length, byte_order(state))


def _add_queues(pieces: Pieces, state: VirtioState) -> None:
    pieces.number("queues", 4)
    for queue in state.queues:
        with pieces.group(f"queue {queue.index}") as about:
            about.meaning = _queue_words(queue)
            _add_queue(pieces, queue, state.transport == "mmio")


def _add_queue(pieces: Pieces, queue: Queue, has_alignment: bool) -> None:
    pieces.number("size", 4)
    if has_alignment:
        pieces.number("alignment", 4)
    pieces.number("address", 8, meaning=hexadecimal)
    pieces.number("last available index", 2)
    if queue.vector is not None:
        pieces.number("vector", 2, meaning=_vector)


def _add_end(pieces: Pieces, state: VirtioState, number: int) -> None:
    """The device's own state and the subsections; the rest of them where one is not known."""
    if state.device_state:
        with pieces.group("device state"):
            add_state(pieces, state, number)
    add_subsections(pieces, state.subsections, number, len(state.queues))
    pieces.opaque("unknown subsections", pieces.left, ", ".join(state.undecoded))


def _queue_words(queue: Queue) -> str:
    default = "" if queue.num_default in (None, queue.num) else f" of {queue.num_default}"
    place = f"at {queue.desc:#x}" if queue.desc else "not set up"
    return f"size {queue.num}{default}, {place}"


def _status(value: int) -> str:
    return flags(value, STATUS) or "no driver"


def _vector(value: int) -> str:
    return "none" if value == _NO_VECTOR else ""
