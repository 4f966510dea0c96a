"""Asking the kernel what this host is: huge pages, NUMA nodes, limits, devices, what KVM can.

The files are those of sysfs and proc(5), the numbers of linux/kvm.h. Nothing is changed, no device
but /dev/kvm is opened.
"""

from __future__ import annotations

import fcntl
import os
import re
import resource
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from qcompat.hosts.machine import UNLIMITED, HugePages, Machine, Node
from qcompat.local.kvm import has_kvm

_CHECK_EXTENSION = 0xAE03
"""KVM_CHECK_EXTENSION: _IO(KVMIO, 3)."""
CAPABILITIES: Mapping[str, int] = {
    "hyperv": 44,
    "tsc-deadline": 72,
    "smm": 117,
    "split-irqchip": 121,
    "x2apic": 129,
    "nested-state": 157,
    "dirty-log-ring": 192,
    "xsave2": 208,
}
"""KVM_CAP_…, of those that decide whether QEMU starts a guest or can save its state."""
DEVICES = ("/dev/vhost-net", "/dev/vhost-vsock", "/dev/vhost-scsi", "/dev/userfaultfd", "/dev/vfio")
_MEMORY = re.compile(r"MemTotal:\s+(\d+) kB")
_POOL = re.compile(r"hugepages-(\d+)kB$")


def machine(root: Path = Path("/")) -> Machine:
    """This host; `root` is where its sysfs and proc lie. What cannot be read is left out."""
    pages = root / "sys/kernel/mm/transparent_hugepage"
    size, mode = _text(pages / "hpage_pmd_size"), re.search(r"\[(\w+)\]", _text(pages / "enabled"))
    return Machine(
        page=os.sysconf("SC_PAGE_SIZE"),
        transparent_page=int(size) if size.isdecimal() else None,
        transparent=mode[1] if mode else "",
        pools=tuple(_pools(root / "sys/kernel/mm/hugepages")),
        nodes=tuple(_nodes(root / "sys/devices/system/node")) or None,
        locked=_limit(resource.RLIMIT_MEMLOCK),
        files=_limit(resource.RLIMIT_NOFILE),
        devices={name: (root / name.lstrip("/")).exists() for name in DEVICES},
        kvm=_capabilities() if has_kvm() else {},
        userfaultfd=_may_fault(root),
    )


def _pools(directory: Path) -> Iterator[HugePages]:
    """A kernel without huge pages has no such directory, which is a pool of none."""
    found = ((_POOL.search(each.name), each) for each in directory.glob("hugepages-*kB"))
    for named, each in sorted((int(name[1]), each) for name, each in found if name):
        total, free = _text(each / "nr_hugepages"), _text(each / "free_hugepages")
        if total.isdecimal() and free.isdecimal():
            yield HugePages(named << 10, int(total), int(free))


def _nodes(directory: Path) -> Iterator[Node]:
    for each in sorted(directory.glob("node[0-9]*"), key=lambda each: int(each.name[4:])):
        memory = _MEMORY.search(_text(each / "meminfo"))
        kilobytes = int(memory[1]) if memory else 0
        yield Node(int(each.name[4:]), kilobytes << 10, _text(each / "cpulist"))


def _limit(kind: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return UNLIMITED if hard == resource.RLIM_INFINITY else hard


def _may_fault(root: Path) -> bool | None:
    allowed = _text(root / "proc/sys/vm/unprivileged_userfaultfd")
    return allowed == "1" if allowed else None


def _capabilities() -> dict[str, int]:
    found: dict[str, int] = {}
    device = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    try:
        for name, number in CAPABILITIES.items():
            with suppress(OSError):
                found[name] = fcntl.ioctl(device, _CHECK_EXTENSION, number)
    finally:
        os.close(device)
    return found


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("utf-8", "replace").strip()
    return ""
