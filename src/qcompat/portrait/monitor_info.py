"""Reading what the human monitor prints: `info qtree` and `info ramblock`.

`info qtree` gives every device of a machine with its effective properties. The text has had the
same shape since long before 5.2 (QEMU: qdev-monitor.c, qbus_print). PCI paths are built from
nesting, since the firmware assigns bus numbers.

`info ramblock` gives the blocks of guest memory; `query-ramblock` exists only from 6.2, the
monitor's table since 2.9. Its columns are block name, page size, offset, used length and total
length (QEMU: migration/ram-hmp or exec.c, ram_block_format), in 11 two more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qcompat.portrait.portrait import Device, MemoryBlock

_BUS = re.compile(r"^( *)bus: (.*)$")
_DEV = re.compile(r'^( *)dev: ([^,]+), id "(.*)"$')
_PROPERTY = re.compile(r"^( *)([A-Za-z0-9_.:\[\]-]+) = (.*)$")
_PCI_BUSES = ("PCI", "PCIE", "CXL", "pxb-pcie-bus", "pxb-pci-bus", "pxb-cxl-bus")
# Expander bridges bring a host bridge and a root bus named after them (hw/pci-bridge/
# pci_expander_bridge.c); addresses behind begin with its number (`pxb_host_root_bus_path`).
_EXTRA_HOST = re.compile(r"^pxb(-pcie|-cxl)?-host$")
_EXTRA_ROOT = "extra root "
_AT = re.compile(r"^[0-9a-f]{1,2}\.[0-7]$")

_ROW = re.compile(
    r"^\s*(?P<name>\S.*?)\s+(?P<page>\d+) (?P<unit>[KMG]iB|B)\s+0x[0-9a-f]+"
    r"\s+(?P<used>0x[0-9a-f]+)\s+(?P<total>0x[0-9a-f]+)"
)
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@dataclass
class _Node:
    indent: int
    type: str
    id: str
    path: str
    bus: str
    on_pci: bool
    parent_address: str
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        at = self.properties.get("addr", "")
        if not self.on_pci or not _AT.match(at):
            return ""
        slot, _, function = at.partition(".")
        return f"{self.parent_address}:{int(slot, 16):02x}.{function}"

    @property
    def full_path(self) -> str:
        """Unique on its bus: by id, else by address, else by type (`_devices` adds numbers)."""
        at = self.properties.get("addr", "") if self.on_pci else ""
        name = self.id or self.type
        return f"{self.path}/{at}/{name}" if at else f"{self.path}/{name}"


@dataclass
class _Bus:
    indent: int
    path: str
    name: str
    is_pci: bool
    address: str


def read_qtree(text: str) -> tuple[Device, ...]:
    """The devices in the order in which QEMU lists them, root bus first."""
    nodes: list[_Node] = []
    buses: list[_Bus] = []
    open_nodes: list[_Node] = []
    for line in text.splitlines():
        if match := _BUS.match(line):
            indent = len(match[1])
            _close(buses, open_nodes, indent)
            owner = open_nodes[-1] if open_nodes else None
            path = f"{owner.full_path}/{match[2]}" if owner else match[2]
            address = _root(owner, match[2]) or (owner.address if owner else "") or "0000:00"
            buses.append(_Bus(indent, path, match[2], False, address))
        elif match := _DEV.match(line):
            indent = len(match[1])
            _close(buses, open_nodes, indent)
            bus = buses[-1]
            node = _Node(indent, match[2], match[3], bus.path, bus.name, bus.is_pci, bus.address)
            nodes.append(node)
            open_nodes.append(node)
        elif line.strip().startswith("type ") and buses and not _owns(open_nodes, buses[-1], line):
            buses[-1].is_pci = line.strip().removeprefix("type ") in _PCI_BUSES
        elif (match := _PROPERTY.match(line)) and open_nodes:
            open_nodes[-1].properties.setdefault(match[2], match[3].strip())
    return _devices(nodes)


def _root(owner: _Node | None, bus: str) -> str:
    """What addresses on an extra root bus begin with until `_numbered` knows its number."""
    return f"{_EXTRA_ROOT}{bus}" if owner and _EXTRA_HOST.match(owner.type) else ""


def _numbered(address: str, nodes: list[_Node]) -> str:
    """An address on an extra root bus, by the number that the expander device `bus` gives it."""
    if not address.startswith(_EXTRA_ROOT):
        return address
    name, _, rest = address.removeprefix(_EXTRA_ROOT).partition(":")
    numbers = [n.properties["bus_nr"] for n in nodes if n.id == name and "bus_nr" in n.properties]
    return f"0000:{int(numbers[0].split()[0]):02x}:{rest}" if numbers else ""


def _owns(open_nodes: list[_Node], bus: _Bus, line: str) -> bool:
    """Whether a `type` line belongs to a device rather than to the bus just opened."""
    indent = len(line) - len(line.lstrip())
    return bool(open_nodes) and open_nodes[-1].indent > bus.indent and indent > bus.indent + 2


def _close(buses: list[_Bus], open_nodes: list[_Node], indent: int) -> None:
    while buses and buses[-1].indent >= indent:
        buses.pop()
    while open_nodes and open_nodes[-1].indent >= indent:
        open_nodes.pop()


def _devices(nodes: list[_Node]) -> tuple[Device, ...]:
    seen: dict[str, int] = {}
    devices = []
    for node in nodes:
        path = node.full_path
        number = seen.get(path, 0)
        seen[path] = number + 1
        devices.append(
            Device(
                path=f"{path}[{number}]" if number else path,
                type=node.type,
                id=node.id,
                bus=node.bus,
                address=_numbered(node.address, nodes),
                properties=node.properties,
            )
        )
    return tuple(devices)


def read_ramblock(text: str) -> tuple[MemoryBlock, ...]:
    """The blocks of guest memory in the order of the table."""
    return tuple(
        MemoryBlock(
            name=match["name"],
            used=int(match["used"], 16),
            maximum=int(match["total"], 16),
            page_size=int(match["page"]) * _UNITS[match["unit"]],
        )
        for match in map(_ROW.match, text.splitlines())
        if match
    )
