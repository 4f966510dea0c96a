"""What a guest's line wants of its host, and what each host has of it.

    -object memory-backend-file,mem-path=/dev/hugepages,size=4G,…   2048 huge pages of 2M
    -object memory-backend-ram,host-nodes=1,…                       NUMA node 1
    -overcommit mem-lock=on                                         all its memory locked
    -device vhost-vsock-pci,…                                       /dev/vhost-vsock
    -machine q35,smm=on                                             KVM's system management mode

The words are the user's own (`Guest.own`), since a twin has stand-ins for these parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from qcompat.compare.hosts.differences import HostPagesDiffer, HostPair, HostPart, HostPartsDiffer
from qcompat.guest import command_line, sugar
from qcompat.guest.option import Option, format_size, parse_size
from qcompat.guest.stand_ins.objects import page_size
from qcompat.hosts.machine import UNLIMITED, Machine
from qcompat.portrait.portrait import Portrait

_SMALL = 4 << 10
_LEAST_BLOCK = 1 << 20
"""VIRTIO_MEM_MIN_BLOCK_SIZE (hw/virtio/virtio-mem.c, 7.2 to 11.1)."""
_ON = frozenset({"on", "true", "yes", "on-fault"})


class _Want(msgspec.Struct, frozen=True):
    """`what` the guest wants, the option that says so, and what a host has of it."""

    what: str
    option: str
    of: Callable[[Machine], HostPart]


def compare_host_parts(
    source: Portrait, hosts: HostPair
) -> Iterator[HostPartsDiffer | HostPagesDiffer]:
    """Where one host has what the guest wants, and the other has not or does not tell."""
    here, there = hosts.source.machine, hosts.target.machine
    options = sugar.expand(command_line.read(source.guest.own or source.guest.arguments))
    memory = sum(block.used for block in source.memory)
    for want in (*_huge_pages(options), *_others(options, memory)):
        one, other = want.of(here), want.of(there)
        if one.has is not other.has:
            yield HostPartsDiffer(what=want.what, option=want.option, source=one, target=other)
    yield from _blocks(source, options, here, there)


def _huge_pages(options: Iterable[Option]) -> Iterator[_Want]:
    wanted: dict[int, int] = {}
    written: dict[int, str] = {}
    for option in options:
        size = parse_size(option.get("size"), "M") or 0
        if option.name == "object" and (page := page_size(option)) > _SMALL and size:
            wanted[page] = wanted.get(page, 0) + -(-size // page)
            written.setdefault(page, option.written)
    for page, count in wanted.items():
        yield _Want(
            f"{count} huge pages of {format_size(page)}",
            written[page],
            lambda machine, page=page, count=count: _pool(machine, page, count),  # type: ignore[misc]
        )


def _pool(machine: Machine, page: int, count: int) -> HostPart:
    if machine.pools is None:
        return HostPart(None, "not reported")
    pool = machine.pool(page)
    total, free = (pool.total, pool.free) if pool else (0, 0)
    return HostPart(total >= count, f"{total} of {format_size(page)}, {free} free")


def _others(options: Iterable[Option], memory: int) -> Iterator[_Want]:
    for option in options:
        if nodes := _nodes(option):
            numbers = ", ".join(map(str, sorted(nodes)))
            yield _Want(f"the NUMA node {numbers}", option.written, lambda m, n=nodes: _has(m, n))  # type: ignore[misc]
        if option.name == "overcommit" and option.get("mem-lock") in _ON:
            yield _Want("its memory locked", option.written, lambda m: _locks(m, memory))
        driver = option.get("driver") if option.name == "device" else ""
        if device := re.match(r"(vhost-vsock|vhost-scsi)(?:-|$)", driver):
            path = f"/dev/{device[1]}"
            yield _Want(path, option.written, lambda m, p=path: _file(m, p))  # type: ignore[misc]
        if option.name == "machine" and option.get("smm") in _ON:
            yield _Want("system management mode", option.written, lambda m: _kvm(m, "smm"))
        if option.name == "cpu" and re.search(r",\+?hv[-_](?!passthrough|[\w-]+=off)", option.text):
            yield _Want("Hyper-V enlightenments", option.written, lambda m: _kvm(m, "hyperv"))


def _nodes(option: Option) -> frozenset[int]:
    values = [value for key, value in option.pairs if key.partition(".")[0] == "host-nodes"]
    spans = [re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", value) for value in values]
    return frozenset(
        node for span in spans if span for node in range(int(span[1]), int(span[2] or span[1]) + 1)
    )


def _has(machine: Machine, wanted: frozenset[int]) -> HostPart:
    if machine.nodes is None:
        return HostPart(None, "not reported")
    known = {node.number for node in machine.nodes}
    return HostPart(wanted <= known, f"nodes {', '.join(map(str, sorted(known)))}")


def _locks(machine: Machine, memory: int) -> HostPart:
    if machine.locked is None:
        return HostPart(None, "not reported")
    if machine.locked == UNLIMITED:
        return HostPart(True, "no limit")
    return HostPart(machine.locked >= memory, f"at most {format_size(machine.locked)}")


def _file(machine: Machine, path: str) -> HostPart:
    has = machine.devices.get(path)
    return HostPart(has, {True: "there", False: "not there", None: "not reported"}[has])


def _kvm(machine: Machine, name: str) -> HostPart:
    answer = machine.kvm.get(name)
    if answer is None:
        return HostPart(None, "not reported")
    return HostPart(answer > 0, "KVM has it" if answer else "KVM lacks it")


def _blocks(
    source: Portrait, options: Iterable[Option], here: Machine, there: Machine
) -> Iterator[HostPagesDiffer]:
    """virtio-mem takes the size of transparent huge pages for its blocks, where it names none."""
    sizes = [machine.transparent_page for machine in (here, there)]
    if None in sizes or len({max(size or 0, _LEAST_BLOCK) for size in sizes}) < 2:
        return
    large = {o.get("id") for o in options if o.name == "object" and page_size(o) > _SMALL}
    for option in options:
        driver = option.get("driver") if option.name == "device" else ""
        is_sized = option.has("block-size") or option.get("memdev") in large
        if driver.startswith("virtio-mem") and not is_sized:
            found = next((d for d in source.devices if d.type == driver), None)
            yield HostPagesDiffer(
                device=driver,
                address=found.address if found else "",
                source=max(sizes[0] or 0, _LEAST_BLOCK),
                target=max(sizes[1] or 0, _LEAST_BLOCK),
            )
