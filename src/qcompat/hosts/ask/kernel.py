"""Asking the host's kernel: its release, the processor as it knows it, and the clock.

The files are those of proc(5) and sysfs; KVM is asked whether it can scale the clock
(KVM_CHECK_EXTENSION of linux/kvm.h).
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from qcompat.hosts.capture import BuildCapture, Processor, Tsc
from qcompat.local.kvm import has_kvm

_CHECK_EXTENSION = 0xAE03
"""KVM_CHECK_EXTENSION: _IO(KVMIO, 3)."""
_TSC_CONTROL = 60
"""KVM_CAP_TSC_CONTROL."""
_CPU0 = Path("/sys/devices/system/cpu/cpu0/cache")


def processor() -> Processor:
    """The first processor, by /proc/cpuinfo and sysfs."""
    fields = _cpuinfo()
    width = re.match(r"(\d+) bits physical", fields.get("address sizes", ""))
    return Processor(
        vendor=fields.get("vendor_id", ""),
        family=_number(fields.get("cpu family")),
        model=_number(fields.get("model")),
        stepping=_number(fields.get("stepping")),
        name=fields.get("model name", ""),
        microcode=fields.get("microcode", ""),
        physical_bits=int(width[1]) if width else None,
        caches=tuple(_cache(index) for index in sorted(_CPU0.glob("index*"))),
    )


def kernel() -> str:
    """The release, as `uname -r` prints it."""
    return os.uname().release


def clock(builds: Sequence[BuildCapture]) -> Tsc:
    """The frequency that KVM gave a guest which asked for none, and whether it can scale it."""
    told = (build.values.get("tsc-frequency") for build in builds if build.accelerator == "kvm")
    hertz = next((int(value) for value in told if value), None)
    return Tsc(None if hertz is None else hertz // 1000, _has_scaling())


def _has_scaling() -> bool | None:
    if not has_kvm():
        return None
    device = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    try:
        return fcntl.ioctl(device, _CHECK_EXTENSION, _TSC_CONTROL) > 0
    except OSError:
        return None
    finally:
        os.close(device)


def _cpuinfo() -> Mapping[str, str]:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return {}
    rows = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in rows}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _cache(index: Path) -> str:
    kind = {"Data": "data", "Instruction": "instruction"}.get(_told(index, "type"), "unified")
    ways, line = _told(index, "ways_of_associativity"), _told(index, "coherency_line_size")
    return f"L{_told(index, 'level')} {kind} {_told(index, 'size')}, {ways} ways, {line}-byte lines"


def _told(index: Path, name: str) -> str:
    try:
        return (index / name).read_text().strip()
    except OSError:
        return "?"
