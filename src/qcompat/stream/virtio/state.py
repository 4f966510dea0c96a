"""The field `virtio` of a device: what virtio_save wrote, taken apart.

QEMU describes it as one blob (hw/virtio/virtio.c, virtio_save; the same from 5.2 to 10.0, 11.1
adds the subsection virtio/128bit_features). In order: the transport's part, the common registers,
the device's configuration space, the queues, the device's own state, and subsections.
The device's own state has no description in the stream and stays bytes here. What each part
means is in `decode.virtio`.
"""

from __future__ import annotations

import re

import msgspec

from qcompat.stream.cursor import Cursor
from qcompat.stream.decode.ccw import CONFIG_VECTOR, DEVICE_NUMBER, read_ccw
from qcompat.stream.pci_registers import Capability, capabilities
from qcompat.stream.virtio.subsections import Subsection, read_subsections

QUEUE_MAX = 1024
CONFIG_SIZE = 256
EXPRESS_CONFIG_SIZE = 4096

_PCI_VERSION = 2
_IRQ_STATE_SIZE = 16
_MSIX_ENTRY_SIZE = 16
_EXPRESS = 0x10
_MSIX = 0x11
_TRIES = 64
_VIRTIO_VENDOR = 0x1AF4
_MODERN = 0x1040  # device ids of devices that are not transitional begin here
_SUBSYSTEM = 0x2E


class Queue(msgspec.Struct, frozen=True):
    """A queue in use: `num` is its size now, `num_default` the size the device offers.

    `num_default` is None where the stream does not say: it is then `num`. `vector` is the
    MSI-X vector or ccw's indicator, None without. Addresses are guest physical, 0 before the
    driver sets them up; `avail` and `used` are None where they follow from `desc`.
    """

    index: int
    num: int
    desc: int
    last_avail_idx: int
    vector: int | None = None
    num_default: int | None = None
    avail: int | None = None
    used: int | None = None


class PciPart(msgspec.Struct, frozen=True):
    """What virtio-pci writes first: configuration space (`config`), MSI-X entries.

    `offset` is where `config` begins in the blob.
    """

    config: bytes
    offset: int
    msix_entries: int = 0
    config_vector: int | None = None


class VirtioState(msgspec.Struct, frozen=True):
    """A virtio device's state; offsets count from the beginning of the blob.

    `config` is the device's own configuration space (not that of PCI), `device_state` what the
    device's save function wrote. `undecoded` names what could not be taken apart.
    `device_number` is what kind of device it is (virtio 1.2, 5), 0 where the transport does not
    say; `config_vector` the vector or indicator of configuration changes.
    """

    transport: str
    status: int
    isr: int
    queue_sel: int
    guest_features: int
    config: bytes
    config_offset: int
    queues: tuple[Queue, ...]
    device_state: bytes
    device_state_offset: int
    subsections: tuple[Subsection, ...]
    pci: PciPart | None = None
    undecoded: tuple[str, ...] = ()
    device_number: int = 0
    config_vector: int | None = None


def decode(payload: bytes, transport: str = "pci", *, record: str = "virtio") -> VirtioState:
    """Take apart the bytes of a field of type `virtio`.

    Raises StreamError where they are not what `transport` (`pci`, `mmio` or `ccw`) writes.
    """
    cursor = Cursor(payload, record=record)
    match transport:
        case "pci":
            pci = _pci_part(cursor)
            return _common(cursor, transport, pci, _pci_device(pci.config), pci.config_vector)
        case "mmio":
            cursor.skip(12, "the selectors of virtio-mmio")
            return _common(cursor, transport, None, 0, None)
        case "ccw":
            found = read_ccw(cursor)
            vector = found[CONFIG_VECTOR]
            return _common(cursor, transport, None, found[DEVICE_NUMBER], vector)
    raise cursor.error(f"what virtio-{transport} writes is unknown")


def transport_of(idstr: str) -> str:
    """The transport of a device, from its section's name: `pci`, `mmio` or `ccw`.

    That name begins with what the bus calls the device (pcibus_get_dev_path in hw/pci/pci.c with
    spapr_phb_root_bus_path in hw/ppc/spapr_pci.c, virtual_css_bus_get_dev_path in
    hw/s390x/css-bridge.c, virtio_mmio_bus_get_dev_path).
    """
    if re.match(r"[^/]+(:[0-9a-f]{2}\.[0-7])+/", idstr):
        return "pci"
    return "ccw" if re.match(r"/?[0-9a-f]{2}\.[0-9a-f]\.[0-9a-f]{4}/", idstr) else "mmio"


def _common(
    cursor: Cursor, transport: str, pci: PciPart | None, number: int, vector: int | None
) -> VirtioState:
    status, isr = cursor.u8("the status"), cursor.u8("the interrupt status")
    queue_sel, features = cursor.u16("the queue selector"), cursor.u32("the features")
    config_len = cursor.u32("the length of the configuration")
    config_offset = cursor.offset
    config = cursor.take(config_len, "the configuration")
    queues = _queues(cursor, transport == "mmio", vector is not None)
    device_state_offset = cursor.offset
    subsections, undecoded = _find_subsections(cursor)
    end = subsections[0].offset if subsections else cursor.end
    bodies = {subsection.name: subsection.data for subsection in subsections}
    if (high := bodies.get("virtio/64bit_features")) is not None:
        features = int.from_bytes(high, "big")
    if (higher := bodies.get("virtio/128bit_features")) is not None:
        features |= int.from_bytes(higher, "big") << 64
    return VirtioState(
        transport=transport,
        status=status,
        isr=isr,
        queue_sel=queue_sel,
        guest_features=features,
        config=config,
        config_offset=config_offset,
        queues=tuple(_completed(queue, bodies) for queue in queues),
        device_state=cursor.buffer[device_state_offset:end],
        device_state_offset=device_state_offset,
        subsections=subsections,
        pci=pci,
        undecoded=undecoded,
        device_number=number,
        config_vector=vector,
    )


def _pci_part(cursor: Cursor) -> PciPart:
    # vmstate_pci_device: version, configuration space, four interrupt pins (hw/pci/pci.c).
    if (version := cursor.u32("the version of the PCI state")) > _PCI_VERSION:
        raise cursor.error(f"version {version} of the PCI state is unknown", offset=0)
    offset = cursor.offset
    listed = {c.id: c for c in capabilities(cursor.peek(CONFIG_SIZE)) if not c.is_extended}
    # A function on a root bus is not express and saves 256 bytes, whatever its bus is.
    size = EXPRESS_CONFIG_SIZE if _EXPRESS in listed else CONFIG_SIZE
    config = cursor.take(size, "configuration space")
    cursor.skip(_IRQ_STATE_SIZE, "the interrupt pins")
    if _MSIX not in listed:
        return PciPart(config, offset)
    entries = _msix_entries(config, listed[_MSIX])
    cursor.skip(entries * _MSIX_ENTRY_SIZE + (entries + 7) // 8, "the MSI-X table")
    return PciPart(config, offset, entries, cursor.u16("the configuration vector"))


def _msix_entries(config: bytes, msix: Capability) -> int:
    control = config[msix.offset + 2 : msix.offset + 4]
    return (int.from_bytes(control, "little") & 0x7FF) + 1


def _pci_device(config: bytes) -> int:
    # Modern devices are 0x1040 and their number; transitional ones say it in the subsystem id
    # (virtio_pci_device_plugged in hw/virtio/virtio-pci.c).
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    if vendor != _VIRTIO_VENDOR:
        return 0
    if device >= _MODERN:
        return device - _MODERN
    return int.from_bytes(config[_SUBSYSTEM : _SUBSYSTEM + 2], "little")


def _queues(cursor: Cursor, has_alignment: bool, has_vector: bool) -> list[Queue]:
    count = cursor.u32("the number of queues")
    if count > QUEUE_MAX:
        raise cursor.error(f"{count} queues, a device has at most {QUEUE_MAX}")
    return [_queue(cursor, index, has_alignment, has_vector) for index in range(count)]


def _queue(cursor: Cursor, index: int, has_alignment: bool, has_vector: bool) -> Queue:
    with cursor.within(f"queue {index}"):
        num = cursor.u32("its size")
        if has_alignment:
            cursor.skip(4, "its alignment")
        desc, last_avail_idx = cursor.u64("its address"), cursor.u16("its index")
        vector = cursor.u16("its vector") if has_vector else None
    return Queue(index, num, desc, last_avail_idx, vector)


def _completed(queue: Queue, bodies: dict[str, bytes]) -> Queue:
    """`queue` with what the subsections say of it; they hold all 1024 queues."""

    def entry(name: str, size: int, at: int = 0, length: int | None = None) -> int | None:
        start = queue.index * size + at
        raw = bodies.get(name, b"")[start : start + (length or size)]
        return int.from_bytes(raw, "big") if raw else None

    return msgspec.structs.replace(
        queue,
        num_default=entry("virtio/ringsize", 4),
        avail=entry("virtio/virtqueues", 16, 0, 8),
        used=entry("virtio/virtqueues", 16, 8, 8),
    )


def _find_subsections(cursor: Cursor) -> tuple[tuple[Subsection, ...], tuple[str, ...]]:
    """The subsections behind the device's state, which has no length: found by their names.

    The first place from which they lead to the very end is theirs. If none does, the first
    place where one begins is used, and what follows the known ones is undecoded.
    """
    first: tuple[Subsection, ...] = ()
    rest = ""
    behind = cursor.buffer[cursor.offset : cursor.end]
    for number, match in enumerate(_BEGINNING.finditer(behind)):
        attempt = Cursor(cursor.buffer, cursor.offset + match.start(), record=cursor.record)
        found = read_subsections(attempt)
        if not attempt.left:
            return found, ()
        if found and not first:
            first = found
            rest = f"{attempt.left} bytes behind {found[-1].name}"
        if number >= _TRIES:
            break
    return first, (rest,) if rest else ()


_BEGINNING = re.compile(rb"\x05[\x08-\x40]virtio/")
