"""How much memory a domain has, and what lies behind it, as far as the guest's line tells."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.arch.architecture import board_of
from qcompat.errors import GuestError
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import count, kibibytes, number, numbers, part

_MEBIBYTE = 1024
_MODULE = 2048
"""What libvirt rounds memory devices to, in KiB."""


def cells(domain: Domain) -> list[int]:
    """The size of each NUMA cell, in KiB; none without NUMA."""
    return [size for size, _ in _cells(domain)]


def cell_processors(domain: Domain) -> list[tuple[int, ...]]:
    """The processors of each NUMA cell; those that no cell names are in the first."""
    from qcompat.guest.given.domain.processors import most_processors

    given = [cpus for _, cpus in _cells(domain)]
    named = {cpu for cpus in given for cpu in cpus}
    missing = [cpu for cpu in range(most_processors(domain)) if cpu not in named]
    if given and missing:
        given[0] = tuple(sorted({*given[0], *missing}))
    return given


def has_cells(domain: Domain) -> bool:
    return bool(_cells(domain))


def _cells(domain: Domain) -> list[tuple[int, tuple[int, ...]]]:
    listed = domain.element.findall("cpu/numa/cell")
    ordered = sorted(enumerate(listed), key=_number_of_cell)
    found = [
        (_rounded(kibibytes(each, "KiB", "memory") or 0, _MEBIBYTE), numbers(each.get("cpus", "")))
        for _, each in ordered
    ]
    if not found and maximum(domain):  # one node for all of it
        found = [(_rounded(_total(domain) - devices(domain), _MEBIBYTE), ())]
    return found


def _number_of_cell(listed: tuple[int, Element]) -> int:
    number_ = count(listed[1], "id")
    return listed[0] if number_ is None else number_


def initial(domain: Domain) -> int:
    """The memory at the start, without that of memory devices, in KiB."""
    if sizes := cells(domain):
        return sum(sizes)
    return _rounded(_total(domain) - devices(domain), _MEBIBYTE)


def _total(domain: Domain) -> int:
    total = kibibytes(domain.part("memory"))
    if not total and domain.element.find("cpu/numa/cell") is None:
        raise GuestError("the domain has no <memory>", "write it with: virsh dumpxml NAME")
    return total or 0


def devices(domain: Domain) -> int:
    """The memory of all memory devices as it is given, in KiB."""
    return sum(each.size for each in domain.all("memory"))


def maximum(domain: Domain) -> int:
    """<maxMemory> in KiB; 0: none can be added."""
    return _rounded(kibibytes(domain.part("maxMemory")) or 0, _MEBIBYTE)


def module(size: int) -> int:
    """The size of a memory device as libvirt rounds it, in KiB."""
    return _rounded(size, _MODULE)


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step


def default_block(domain: Domain) -> str:
    """The id of the memory of a machine without NUMA."""
    return board_of(domain.machine).memory


def takes_sizes_of_cells(domain: Domain) -> bool:
    """Whether the machine type still takes `-numa node,mem=` (up to 5.0: hw/core/numa.c)."""
    version = domain.machine.rpartition("-")[2].split(".")
    if domain.machine == "isapc" or len(version) < 2 or not all(v.isdigit() for v in version):
        return False
    return (int(version[0]), int(version[1])) <= (5, 0)


def node_of(domain: Domain, path: str, cell: int) -> str:
    """The attribute-bearing <memnode> of a cell, or the <memory> of all."""
    for each in domain.element.iterfind(f"{path}/memnode"):
        if number(each.get("cellid"), "cellid") == cell:
            return each.get("nodeset", "")
    return part(domain.element, f"{path}/memory").get("nodeset", "")
