"""The memory of a guest: `-m`, NUMA nodes, and the modules that hot plug makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.document import whole
from qcompat.guest.given.proxmox.line import Line
from qcompat.guest.given.proxmox.processor import counts, hotplug

_STATIC = 1024
_SLOTS = 255
_SIZES, _EACH = 8, 32
"""Modules come in eight sizes, each double the one before, and in 32 of each (Memory.pm)."""
_MOST = 4 << 20
_USUAL_BITS = 40
_NODES = 8
_SET = re.compile(r"\d{1,4}(-\d{1,4})?(;\d{1,4}(-\d{1,4})?)*", re.ASCII)


def memory(line: Line) -> None:
    """All of it. Errors: GuestError."""
    conf = line.conf
    size = whole(conf.properties("memory", "current").get("current", ""), "memory") or 512
    static = _static(line, size)
    if conf.get("hugepages") and not conf.flag("numa"):
        raise GuestError("hugepages need NUMA", "set numa: 1")
    shares_files = any(conf.get(f"virtiofs{number}") for number in range(10))
    if conf.flag("numa"):
        _nodes(line, static, shares_files)
    elif shares_files:
        line.option("object", f"memory-backend-memfd,id=virtiofs-mem,size={size}M,share=on")
        line.flags.append("memory-backend=virtiofs-mem")
    if static != size:
        _modules(line, static, size)


def _static(line: Line, size: int) -> int:
    """Writes `-m`, and returns the MiB that are there without modules."""
    if "memory" not in hotplug(line):
        line.option("m", str(size))
        return size
    if not line.conf.flag("numa"):
        raise GuestError("hot plug of memory needs NUMA", "set numa: 1")
    sockets, _ = counts(line)
    static = _STATIC * (sockets if line.conf.get("hugepages") == "1024" else 1)
    if size < static:
        raise GuestError(f"hot plug of memory needs {static} MiB at least", "correct the memory")
    line.option("m", f"size={static},slots={_SLOTS},maxmem={_limit(line)}M")
    return static


def _limit(line: Line) -> int:
    """The MiB that may be plugged: half of what the processor addresses, 4 TiB at most."""
    given = line.conf.properties("cpu", "cputype")
    bits = given.get("phys-bits", "")
    if not bits.isdecimal():
        line.open(
            "-m maxmem", f"the host's processor is taken to address {_USUAL_BITS} bits or more"
        )
        bits = str(_USUAL_BITS)
    return min(1 << max(0, (min(int(bits[:3]), 64) & ~1) - 21), _MOST)


def _backend(line: Line, name: str, size: int) -> str:
    if line.conf.get("hugepages"):
        page = _page(line, size)
        place = f"mem-path=/run/hugepages/kvm/{page * 1024}kB,share=on,prealloc=yes"
        return f"memory-backend-file,id={name},size={size}M,{place}"
    if name.startswith("virtiofs-mem"):
        return f"memory-backend-memfd,id={name},size={size}M,share=on"
    return f"memory-backend-ram,id={name},size={size}M"


def _page(line: Line, size: int) -> int:
    """The MiB of a huge page; `any` is the larger kind where it fits."""
    given = line.conf.get("hugepages")
    if given == "any":
        return 2 if size % 1024 else 1024
    return whole(given, "hugepages")


def _nodes(line: Line, static: int, shares_files: bool) -> None:
    name = "virtiofs-mem" if shares_files else "ram-node"
    own = [number for number in range(_NODES) if line.conf.get(f"numa{number}")]
    for number in own:
        _own_node(line, number, f"{name}{number}")
    if own:
        return
    sockets, cores = counts(line)
    if static % sockets:
        raise GuestError("the memory is not the same for each socket", "correct the memory")
    for number in range(sockets):
        first = cores * number
        cpus = f"{first}-{first + cores - 1}" if cores > 1 else str(first)
        line.option("object", _backend(line, f"{name}{number}", static // sockets))
        line.option("numa", f"node,nodeid={number},cpus={cpus},memdev={name}{number}")


def _own_node(line: Line, number: int, name: str) -> None:
    key = f"numa{number}"
    given = line.conf.properties(key)
    size, cpus = whole(given.get("memory", ""), key), given.get("cpus", "")
    if not size or not _SET.fullmatch(cpus):
        raise GuestError(f"{key} is {shown(line.conf.get(key))}", "write cpus=0-1,memory=1024")
    written = _backend(line, name, size)
    if hosts := given.get("hostnodes"):
        written += f",host-nodes={hosts.split(';')[0]},policy={given.get('policy', 'bind')}"
    line.option("object", written)
    members = ",cpus=".join(cpus.split(";"))
    line.option("numa", f"node,nodeid={number},cpus={members},memdev={name}")


def _modules(line: Line, static: int, size: int) -> None:
    sockets, _ = counts(line)
    for number, (module, reached) in enumerate(_sizes(line, static, size)):
        if reached > size:
            raise GuestError(f"{size} MiB cannot be made of modules", f"{reached} can")
        line.option("object", _backend(line, f"mem-dimm{number}", module))
        node = number % _EACH % sockets
        line.option("device", f"pc-dimm,id=dimm{number},memdev=mem-dimm{number},node={node}")


def _sizes(line: Line, static: int, size: int) -> Iterator[tuple[int, int]]:
    """The size of each module, and the memory up to it."""
    module = 1024 if line.conf.get("hugepages") == "1024" else 512
    for _ in range(_SIZES):
        for _ in range(_EACH):
            static += module
            yield module, static
            if static >= size:
                return
        module *= 2
