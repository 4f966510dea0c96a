"""Memory: `-m`, and memory devices (libvirt: qemuBuildMemCommandLine and …DeviceCommandLine)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.backing import (
    Wanted,
    backend_of,
    in_bytes,
    is_immediate,
    page_of,
)
from qcompat.guest.given.domain.line.virtio import virtio
from qcompat.guest.given.domain.line.words import (
    Value,
    Words,
    device,
    option,
    placed,
    positive,
)
from qcompat.guest.given.domain.memory import (
    cells,
    default_block,
    initial,
    maximum,
    module,
)
from qcompat.guest.given.domain.values import (
    count,
    kibibytes,
    number,
    part,
    switch,
    text,
)


def memory(domain: Domain) -> Words:
    """`-m`, and the memory of a machine without NUMA."""
    size, most = initial(domain), maximum(domain)
    slots = count(domain.part("maxMemory"), "slots")
    said = [f"size={size if most else size & ~0x1FF}k"]
    said += [f"slots={slots}"] if most and slots else []
    said += [f"maxmem={most}k"] if most else []
    yield from ("-m", ",".join(said))
    if not cells(domain):
        block = default_block(domain)
        wanted = Wanted(block, size, None, Element("memory"), is_system=True)
        yield from option("object", backend_of(domain, wanted)[0])


def memory_devices(domain: Domain) -> Words:
    """DIMMs, NVDIMMs, virtio-mem and virtio-pmem, each behind its memory."""
    for each in domain.all("memory"):
        wanted = Wanted(f"mem{each.alias}", module(each.size), each.node, each.element, each.model)
        backend, _ = backend_of(domain, wanted)
        yield from option("object", backend)
        if each.model != "sgx-epc":
            yield from device(domain, _memory_device(domain, each))


def _memory_device(domain: Domain, each: Device) -> dict[str, Value]:
    target = part(each.element, "target")
    sizes = {
        name: kibibytes(part(target, path))
        for name, path in (("label", "label/size"), ("block", "block"), ("asked", "requested"))
    }
    first: dict[str, Value] = (
        virtio(each, each.model)
        if each.model.startswith("virtio")
        else {"driver": {"dimm": "pc-dimm"}.get(each.model, each.model)}
    )
    is_virtio_mem = each.model == "virtio-mem"
    return {
        **first,
        "node": each.node,
        "label-size": in_bytes(sizes["label"]),
        "block-size": in_bytes(sizes["block"]),
        "requested-size": in_bytes(sizes["asked"]) if is_virtio_mem else None,
        "uuid": text(each.element, "uuid") or None,
        "unarmed": True if target.find("readonly") is not None else None,
        "memdev": f"mem{each.alias}",
        "prealloc": True if is_virtio_mem and _is_preallocated(domain, each) else None,
        "memaddr": positive(number(part(target, "address").get("base"), "base")),
        "dynamic-memslots": switch(target, "dynamicMemslots"),
        "id": each.alias,
        **placed(domain, each),
    }


def _is_preallocated(domain: Domain, each: Device) -> bool:
    wanted = Wanted("", 0, each.node, each.element, each.model)
    return is_immediate(domain) or page_of(domain, wanted)[0] > 0
