"""What a portrait holds, for a reader at a terminal: one line a part, counts before contents."""

from __future__ import annotations

from rich.text import Text

from qcompat.guest.guest import Loss
from qcompat.portrait.portrait import Cpu, Portrait
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, plain
from qcompat.report.terminal.plain import counted

_LABELS: dict[Loss, str] = {
    "migration": "bars migration",
    "state": "left out",
    "view": "left out",
    "condition": "refused if",
    "nothing": "not covered",
}


def write(portrait: Portrait, out: Output) -> None:
    """Print the summary; parts that could not be learned come last, with the reason."""
    rows = [(name, value) for name, value in _rows(portrait) if value]
    rows += [(_LABELS[u.loses], f"{u.subject}: {u.reason}") for u in portrait.guest.uncovered]
    rows += [("not known", f"{gap.part}: {gap.reason}") for gap in portrait.gaps]
    columns(out.console, 0, [(Text(name, "bold"), plain(value)) for name, value in rows])


def _rows(portrait: Portrait) -> list[tuple[str, str]]:
    identity, refusal = portrait.identity, portrait.refusal
    return [
        ("build", f"{portrait.build}: QEMU {identity.version} {identity.package}".rstrip()),
        ("binary", f"sha256 {identity.sha256}"),
        ("guest", " ".join(portrait.guest.arguments)),
        ("machine", portrait.machine),
        ("taken", f"at {portrait.moment}, with {portrait.accel}"),
        ("refused", f"at {refusal.stage}: {refusal.message}" if refusal else ""),
        ("devices", _count(portrait.devices, "device", "with their properties")),
        ("state", _state(portrait)),
        ("pci", _count(portrait.pci, "function", "with configuration space")),
        ("virtio", _count(portrait.virtio, "device", "with features and queues")),
        ("memory", _memory(portrait)),
        ("cpu", _cpu(portrait.cpu)),
        ("firmware", _count(portrait.firmware, "file", "offered to the firmware")),
    ]


def _count(parts: tuple[object, ...], noun: str, what: str) -> str:
    return f"{counted(len(parts), noun)} {what}" if parts else ""


def _state(portrait: Portrait) -> str:
    if portrait.stream is None:
        return ""
    size = sum(len(section.payload) for section in portrait.stream.sections)
    return _count(portrait.stream.sections, "section", f"of device state, {size} bytes")


def _memory(portrait: Portrait) -> str:
    used = sum(block.used for block in portrait.memory)
    return _count(portrait.memory, "RAM block", f"of {used / 2**20:.1f} MiB together")


def _cpu(cpu: Cpu | None) -> str:
    return f"{cpu.count} × {cpu.type}, {len(cpu.words)} feature words" if cpu else ""
