"""What a definition gives up, one line for all features that go for the same reason."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.hosts.cpu.dropped import DroppedFeature
from qcompat.report.cpu.answers import hosts_listed
from qcompat.report.terminal.layout import columns, plain
from qcompat.report.terminal.plain import listed

_MOST = 10
"""Sets of hosts that are shown without -v, the smallest first."""


def write_given_up(lost: Sequence[DroppedFeature], console: Console, *, verbose: bool) -> None:
    """Print who is to blame, the fewest hosts first."""
    if not lost:
        console.print("gives up nothing that any host has")
        return
    console.print(Text("gives up", "bold"))
    groups = _grouped(lost, verbose)
    shown = groups if verbose else groups[:_MOST]
    rows = [
        (plain(_blamed(each, verbose) if each else reason), plain(names))
        for (each, reason), names in shown
    ]
    columns(console, 2, rows)
    if len(shown) < len(groups):
        console.print(f"  and {len(groups) - len(shown)} more sets of hosts; -v shows them")


def _blamed(hosts: Sequence[str], verbose: bool) -> str:
    """`a, b lack`, so that the features follow."""
    return f"{hosts_listed(hosts, verbose=verbose)} {'lacks' if len(hosts) == 1 else 'lack'}"


def _grouped(
    lost: Sequence[DroppedFeature], verbose: bool
) -> list[tuple[tuple[tuple[str, ...], str], str]]:
    groups: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for each in lost:
        groups.setdefault((each.lacking, each.reason), []).append(each.feature)
    ordered = sorted(groups.items(), key=lambda item: (len(item[0][0]), item[0]))
    return [(key, listed(names, verbose=verbose)) for key, names in ordered]
