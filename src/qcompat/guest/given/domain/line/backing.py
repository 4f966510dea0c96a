"""What lies behind a piece of the guest's memory (libvirt: qemuBuildMemoryBackendProps)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec

from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.words import Value, positive
from qcompat.guest.given.domain.memory import cells, node_of
from qcompat.guest.given.domain.values import count, kibibytes, number, numbers, part, switch, text

_DEFAULT_PAGE = 2048
_SYSTEM_PAGE = 4
_POLICIES = {"strict": "bind", "preferred": "preferred", "interleave": "interleave"}


class Wanted(msgspec.Struct, frozen=True):
    """A piece of memory: its size in KiB, the guest's node (None: none), and what a memory device
    says of its own. `is_system` is that of a machine without NUMA.
    """

    name: str
    size: int
    node: int | None
    element: Element
    model: str = ""
    is_system: bool = False


def cell_of(domain: Domain, number_: int) -> Element:
    listed = domain.element.findall("cpu/numa/cell")
    own = [each for each in listed if count(each, "id") == number_]
    return own[0] if own else (listed[number_] if number_ < len(listed) else Element("cell"))


def page_of(domain: Domain, wanted: Wanted) -> tuple[int, bool]:
    """The size of the huge pages behind it in KiB (0: none), and whether they are for it alone."""
    own = kibibytes(part(wanted.element, "source/pagesize"))
    if own:
        return (0, False) if own == _SYSTEM_PAGE else (own, True)
    found = 0
    for page in domain.element.iterfind("memoryBacking/hugepages/page"):
        size = kibibytes(page, "KiB", "size") or 0
        nodes = page.get("nodeset")
        if nodes is None or (not cells(domain) and numbers(nodes) == (0,)):
            found = size
        elif wanted.node is not None and wanted.node in numbers(nodes):
            return (0, False) if size == _SYSTEM_PAGE else (size, True)
    if not found and domain.element.find("memoryBacking/hugepages/page") is None:
        present = domain.element.find("memoryBacking/hugepages") is not None
        found = _DEFAULT_PAGE if present else 0
    return (0, False) if found == _SYSTEM_PAGE else (found, False)


def _access(domain: Domain, wanted: Wanted) -> str:
    """`shared`, `private`, or empty: nothing is said."""
    usual = domain.part("memoryBacking/access").get("mode", "")
    usual = "shared" if wanted.model == "virtio-pmem" else usual
    cell = cell_of(domain, wanted.node) if wanted.node is not None else Element("cell")
    own = wanted.element.get("access") if wanted.model else wanted.element.get("memAccess")
    return own or cell.get("memAccess") or usual


def backend_of(domain: Domain, wanted: Wanted) -> tuple[dict[str, Value], bool]:
    """The object behind a piece of memory, and whether it is needed."""
    page, is_own_page = page_of(domain, wanted)
    path = text(wanted.element, "source/path")
    access = _access(domain, wanted)
    source = domain.part("memoryBacking/source").get("type", "")
    fields = dict(_kind(domain, wanted, page, path, access, source))
    if wanted.model == "virtio-mem":
        fields["reserve"] = False
    else:
        is_pmem = wanted.element.find("source/pmem") is not None
        by_page = wanted.model == "nvdimm" and not is_pmem if path else bool(page)
        if is_immediate(domain) or by_page:
            fields["prealloc"] = True
            threads = number(domain.part("memoryBacking/allocation").get("threads"), "threads")
            fields["prealloc-threads"] = positive(threads)
    fields["size"] = wanted.size * 1024
    fields["align"] = in_bytes(kibibytes(part(wanted.element, "source/alignsize")))
    if wanted.element.find("source/pmem") is not None:
        fields["pmem"] = True
    nodes = text(wanted.element, "source/nodemask")
    policy = _host_nodes(domain, wanted, nodes)
    fields |= policy
    is_needed = bool(
        is_own_page or nodes or access or path or source in {"file", "memfd"} or wanted.model
    )
    return fields, is_needed or _has_memnode(domain, wanted)


def _kind(
    domain: Domain, wanted: Wanted, page: int, path: str, access: str, source: str
) -> Iterator[tuple[str, Value]]:
    discards = domain.element.find("memoryBacking/discard") is not None
    own = switch(wanted.element, "discard")
    if wanted.model == "sgx-epc":
        yield from (("qom-type", "memory-backend-epc"), ("id", wanted.name))
    elif not path and source == "memfd":
        yield from (("qom-type", "memory-backend-memfd"), ("id", wanted.name))
        if page:
            yield from (("hugetlb", True), ("hugetlbsize", page << 10))
        yield from _shared(access)
        if wanted.is_system:
            yield "x-use-canonical-path-for-ramblock-id", False
    elif page or path or access or source == "file":
        yield from (("qom-type", "memory-backend-file"), ("id", wanted.name))
        huge = f"/dev/hugepages{'1G' if page >= 1 << 20 else '2M'}/libvirt/qemu"
        yield "mem-path", path or (huge if page else f"/var/lib/libvirt/qemu/ram/{wanted.name}")
        if not path and (discards or own is not None):
            yield "discard-data", discards if own is None else own
        yield from _shared(access)
        if wanted.is_system:
            yield "x-use-canonical-path-for-ramblock-id", False
    else:
        yield from (("qom-type", "memory-backend-ram"), ("id", wanted.name))


def _shared(access: str) -> Iterator[tuple[str, Value]]:
    if access in {"shared", "private"}:
        yield "share", access == "shared"


def _has_memnode(domain: Domain, wanted: Wanted) -> bool:
    return wanted.node is not None and any(
        count(each, "cellid") == wanted.node for each in domain.element.iterfind("numatune/memnode")
    )


def _host_nodes(domain: Domain, wanted: Wanted, own: str) -> dict[str, Value]:
    mode = part(domain.element, "numatune/memory").get("mode", "strict")
    for each in domain.element.iterfind("numatune/memnode"):
        if wanted.node is not None and count(each, "cellid") == wanted.node:
            mode = each.get("mode", mode)
    at = -1 if wanted.node is None else wanted.node
    nodes = own or node_of(domain, "numatune", at)
    if not nodes or mode not in _POLICIES:
        return {}
    return {"host-nodes": list(numbers(nodes)), "policy": _POLICIES[mode]}


def in_bytes(size: int | None) -> int | None:
    return size * 1024 if size else None


def is_immediate(domain: Domain) -> bool:
    return domain.part("memoryBacking/allocation").get("mode") == "immediate"
