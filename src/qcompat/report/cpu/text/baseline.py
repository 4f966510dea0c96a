"""A baseline for a reader: the line to paste first, then what it is, gives up, and could be."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.hosts.cpu.baseline import Baseline
from qcompat.hosts.cpu.offer import CpuOffer
from qcompat.hosts.cpu.removals import Removal
from qcompat.report.cpu.answers import CpuBaseline, hosts_listed
from qcompat.report.cpu.given_up import write_given_up
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain, unbroken
from qcompat.report.terminal.plain import listed


def write(answer: CpuBaseline, out: Output) -> None:
    """Print the answer."""
    console, found = out.console, answer.found
    for name, line in answer.lines():
        if name:
            console.print(plain(f"{name}:", "bold"))
        unbroken(console, plain(line))
    console.print()
    _write_what(found, answer.offers, console)
    write_given_up(found.dropped, console, verbose=out.verbose)
    for way in answer.removals:
        hang(console, Text("without ", "bold"), _way(way, out.verbose))
    for remark in found.remarks:
        hang(console, Text("note: "), plain(remark))


def _write_what(found: Baseline, offers: Sequence[CpuOffer], console: Console) -> None:
    hosts = len({offer.host.name for offer in offers})
    whom = "the host gives" if hosts == 1 else f"all {hosts} hosts give"
    builds = f" under all {len(offers)} builds" if len(offers) > hosts else ""
    reached = found.level or "below x86-64-v1"
    text = f"{len(found.features)} features that {whom}{builds}; {reached}"
    if found.next_lacks:
        text += f"; {found.next_level} would need {listed(found.next_lacks, most=6)}"
    hang(console, Text("keeps "), plain(text))
    if found.unmodified and found.unmodified != found.model:
        hang(console, Text("or "), plain(f"{found.unmodified} unmodified, which keeps fewer"))


def _way(way: Removal, verbose: bool) -> Text:
    gained = listed(way.gained, verbose=verbose, most=8)
    hosts = hosts_listed(way.without, verbose=verbose)
    text = plain(f"{hosts}: ", "bold")
    return text + plain(f"{way.model}, {way.level or 'below x86-64-v1'}; gains {gained}")
