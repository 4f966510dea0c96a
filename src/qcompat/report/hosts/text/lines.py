"""The device properties for each host of a pool, for a reader at a terminal.

First the lines to paste, then what was given up for them and why. libvirt's form is `xml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.hosts.devices.agreed import HostAnswer
from qcompat.hosts.devices.lines import DeviceLines, Lost, Undecided
from qcompat.report.hosts.answers import HostLines
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.report.terminal.plain import listed
from qcompat.report.verdict import STYLES

_MOST = 4
"""Hosts that are named; more are counted."""

Reasons = tuple[tuple[str, str], ...]


def write(answer: HostLines, out: Output) -> None:
    """Lines, reasons, and the fate of a guest where one is at hand."""
    console, found = out.console, answer.found
    hang(console, Text(), plain(_headline(found), "bold"))
    console.print()
    width = max(len(_name(line.host, line.build, found)) for line in found.lines)
    for line in found.lines:
        name = _name(line.host, line.build, found)
        netdev = "".join(f",{key}={value}" for key, value in line.netdev)
        before = f"-netdev tap,…{netdev} " if netdev else ""
        unbroken(console, plain(f"{name:{width}}  {before}-device {line.device}"))
    _write_lost(found.lost, console)
    _write_mtu(found, console)
    _write_queues(found, console)
    _write_undecided(found.undecided, console)
    _write_moves(answer.moves, console)


def _headline(found: DeviceLines) -> str:
    where = f"{found.device} on {found.machine}"
    if found.undecided:
        return f"{where}: too little is known about some features; the lines make the rest equal"
    if not found.lost and found.mtu is None:
        return f"{where}: all hosts offer the same, nothing to set"
    return f"{where}: with these lines all hosts offer the same"


def _name(host: str, build: str, found: DeviceLines) -> str:
    several = len({line.host for line in found.lines}) < len(found.lines)
    return f"{host} {build}" if several else host


def _write_lost(lost: Sequence[Lost], console: Console) -> None:
    if not lost:
        return
    console.print()
    console.print(Text("given up", "bold"))
    groups: dict[tuple[tuple[str, ...], Reasons], list[str]] = {}
    for each in lost:
        groups.setdefault((each.has, each.lacks), []).append(each.feature.name)
    for (has, lacks), names in groups.items():
        hang(console, Text("  "), plain(", ".join(names), "cyan"))
        _write_reasons(lacks, console)
        hang(console, Text("    "), plain(f"offered by {listed(has, most=_MOST)}", "dim"))


def _write_reasons(reasons: Reasons, console: Console) -> None:
    """Hosts with one reason are named together."""
    groups: dict[str, list[str]] = {}
    for host, reason in reasons:
        groups.setdefault(reason, []).append(host)
    columns(
        console,
        4,
        [(plain(listed(hosts, most=_MOST)), plain(why)) for why, hosts in groups.items()],
    )


def _write_mtu(found: DeviceLines, console: Console) -> None:
    if found.mtu is None:
        return
    console.print()
    title = f"host_mtu={found.mtu.common}: the smallest MTU of bridge {found.mtu.bridge}"
    console.print(plain(title, "bold"))
    columns(console, 2, [(plain(host), plain(f"{mtu} bytes")) for host, mtu in found.mtu.hosts])


def _write_queues(found: DeviceLines, console: Console) -> None:
    if found.queues is not None and "mq" in found.kept:
        console.print()
        text = f"-netdev tap,queues=N: the same N on all hosts, at most {found.queues}"
        hang(console, Text(), plain(text))


def _write_undecided(undecided: Sequence[Undecided], console: Console) -> None:
    if not undecided:
        return
    console.print()
    console.print(Text("not known", "bold"))
    groups: dict[Reasons, list[Undecided]] = {}
    for each in undecided:
        groups.setdefault(each.unknown, []).append(each)
    for reasons, some in groups.items():
        hang(console, Text("  "), plain(", ".join(each.feature.name for each in some), "cyan"))
        _write_reasons(reasons, console)
        safe = ",".join(f"{each.feature.property}={each.feature.off}" for each in some)
        unbroken(console, plain(f"    to be safe, on every host: {safe}"))


def _write_moves(moves: Iterable[HostAnswer], console: Console) -> None:
    rows = [(plain(each.host), _fate(each)) for each in moves]
    if rows:
        console.print()
        console.print(Text("the running guest, moved without these lines", "bold"))
        columns(console, 2, rows)


def _unknown(move: HostAnswer) -> str:
    """What is not known: of the host, else of the guest, and then where to find that."""
    if move.features:
        return f"it is not known whether {', '.join(move.features)} are offered there"
    why = "; ".join(move.reasons)
    return (
        f"what the driver agreed on is not known: {why}. A Linux guest has it in "
        "/sys/bus/virtio/devices/virtio*/features: pass that line to --guest"
    )


def _fate(move: HostAnswer) -> Text:
    answer = Text(move.answer, STYLES[move.answer])
    match move.answer:
        case "blocked":
            what = f": it was started with {', '.join(move.features)}; {'; '.join(move.reasons)}"
        case "unknown":
            what = f": {_unknown(move)}"
        case "drift":
            what = ": it loads; its driver finds other features when it next starts"
        case _:
            what = ""
    return answer.append(what, "not bold default")
