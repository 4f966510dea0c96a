"""A scenario's answer: a grid for each guest before and after the fix, and why.

Pairs that fail for the same reason are shown together. Everything is in
`machine.document`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.machine.scenario.effective import Origin
from qcompat.machine.scenario.migrate import Reason
from qcompat.machine.scenario.model import Guest, Stop
from qcompat.machine.scenario.work_out import Cell, ChainResult, Checked, Outcome, Worked
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain, unbroken

_STYLES = {"ok": "green", "drift": "yellow", "blocked": "red", "unknown": "magenta"}
_WIDEST = len("blocked")
_IMPOSSIBLE = "-"


def write(worked: Worked, out: Output) -> None:
    """Print the whole answer."""
    console = out.console
    hang(console, Text(), plain(worked.scenario.title, "bold"))
    guests = worked.scenario.before.guests
    has_fix = worked.after is not None
    _write_outcome(
        "before the fix" if has_fix else "", worked.before, guests.values(), console, None
    )
    if worked.after is not None:
        title = f"after the fix: {worked.scenario.fix}"
        _write_outcome(title, worked.after, guests.values(), console, worked.before)
    _write_expected(worked.checked, console)


def _write_outcome(
    title: str, outcome: Outcome, guests: Iterable[Guest], console: Console, before: Outcome | None
) -> None:
    """What `before` has already is only mentioned."""
    if title:
        console.print()
        hang(console, Text(), plain(title, "bold"))
    for guest in guests:
        console.print()
        hang(console, Text("  "), plain(f"guest {guest.name}: {_spelled(guest)}"))
        if before is not None and _cells(before, guest) == _cells(outcome, guest):
            hang(console, Text("    "), Text("as before", "dim"))
            continue
        _write_grid(outcome.ends, _cells(outcome, guest), console)
        _write_reasons(_cells(outcome, guest), console)
    if outcome.chains:
        console.print()
        hang(console, Text("  "), Text("chains"))
    for chain in outcome.chains:
        _write_chain(chain, before is not None and chain in before.chains, console)


def _cells(outcome: Outcome, guest: Guest) -> list[Cell]:
    return [cell for cell in outcome.cells if cell.guest == guest.name]


def _spelled(guest: Guest) -> str:
    devices = ", ".join(device.type for device in guest.devices)
    return f"{guest.machine}, {guest.cpus} CPU{'s' if guest.cpus > 1 else ''}, {devices}"


def _write_grid(ends: Sequence[str], cells: Sequence[Cell], console: Console) -> None:
    corner = "source \\ target"
    widths = [max(_WIDEST, len(end)) + 2 for end in ends]
    first = max(len(corner), *map(len, ends)) + 2
    head = "".join(end.ljust(width) for end, width in zip(ends, widths, strict=True))
    unbroken(console, plain(f"    {corner.ljust(first)}{head}", "dim"))
    for row, source in enumerate(ends):
        line = plain(f"    {source.ljust(first)}")
        for cell, width in zip(cells[row * len(ends) :], widths, strict=False):
            line.append_text(_mark(cell).append(" " * (width - len(_mark(cell)))))
        unbroken(console, line)


def _mark(cell: Cell) -> Text:
    if cell.case.lacking:
        return Text(_IMPOSSIBLE, "dim")
    return Text(cell.verdict, _STYLES[cell.verdict])


def _write_reasons(cells: Sequence[Cell], console: Console) -> None:
    groups: dict[tuple[str, ...], list[tuple[Cell, Reason]]] = {}
    for cell in cells:
        for reason in cell.reasons:
            values = (reason.source or "", reason.target or "")
            key = (_mark(cell).plain, reason.device, reason.text, *values)
            groups.setdefault(key, []).append((cell, reason))
    for (mark, *_), members in groups.items():
        lead = Text(f"    {mark.ljust(_WIDEST)}  ", _STYLES.get(mark, "dim"))
        if mark != _IMPOSSIBLE:
            hang(console, lead, plain(_pairs([cell for cell, _ in members])))
            lead = Text(" " * lead.cell_len)
        _write_reason([reason for _, reason in members], lead, console)


def _pairs(cells: Sequence[Cell]) -> str:
    """Pairs of ends, those of one source together."""
    targets: dict[str, list[str]] = {}
    for cell in cells:
        targets.setdefault(cell.source, []).append(cell.target)
    return "; ".join(f"{source} → {', '.join(names)}" for source, names in targets.items())


def _write_reason(reasons: Sequence[Reason], lead: Text, console: Console) -> None:
    """Reasons that differ in nothing but where their values come from."""
    first = reasons[0]
    subject = f"{first.device}: " if first.device else ""
    hang(console, lead, plain(subject + first.text))
    if first.visible:
        source = _value(first.source, [reason.source_origin for reason in reasons])
        target = _value(first.target, [reason.target_origin for reason in reasons])
        indent = Text(" " * (lead.cell_len + 2))
        hang(console, indent, plain(f"{first.visible}: {source} → {target}", "dim"))


def _value(value: str | None, origins: Iterable[Origin | None]) -> str:
    builds: dict[str, list[str]] = {}
    for origin in origins:
        if origin is not None and origin.build not in builds.setdefault(origin.layer, []):
            builds[origin.layer].append(origin.build)
    texts = (str(Origin(layer, ", ".join(names))) for layer, names in builds.items())
    return f"{'unknown' if value is None else value} ({'; '.join(texts)})"


def _write_chain(chain: ChainResult, is_told: bool, console: Console) -> None:
    verdict = chain.verdict.ljust(_WIDEST)
    lead = Text(f"    {verdict}  ", _STYLES[chain.verdict])
    as_before = ", as before" if is_told else ""
    hang(console, lead, plain(f"{chain.name} (guest {chain.guest}){as_before}"))
    if is_told:
        return
    unbroken(console, plain(f"{' ' * 15}started on {_stop(chain.stops[0])}"))
    if chain.refused:
        hang(console, Text(" " * 17), plain(f"does not start: {chain.refused}"))
    for stop, hop in zip(chain.stops[1:], chain.hops, strict=False):
        arrival = plain(f"{' ' * 15}→ {_stop(stop)}: ").append(hop.verdict, _STYLES[hop.verdict])
        unbroken(console, arrival)
        for reason in hop.reasons:
            _write_reason([reason], Text(" " * 17), console)


def _stop(stop: Stop) -> str:
    keeps = f", keeps {', '.join(stop.keeps)} from here on" if stop.keeps else ""
    return stop.end.name + keeps + (f", {stop.then} there" if stop.then else "")


def _write_expected(checked: Sequence[Checked], console: Console) -> None:
    if not checked:
        return
    holding = sum(each.holds for each in checked)
    console.print()
    hang(console, Text(), Text(f"expectations: {holding} of {len(checked)} hold", "bold"))
    for each in checked:
        if not each.holds:
            want = each.expected
            what = f"chain {want.chain}" if want.chain else f"{want.source} → {want.target}"
            where = f"{want.when}, {want.guest}, {what}" if want.guest else f"{want.when}, {what}"
            text = f"{where}: expected {want.verdict}, is {each.verdict}"
            hang(console, Text("  "), plain(text, "red"))
