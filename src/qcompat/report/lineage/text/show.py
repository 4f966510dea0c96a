"""A guest as recorded: where it runs, its marks, what it carries, how it is started again."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.lineage.leftover import Leftover, by_device
from qcompat.lineage.lineage import Lineage, Mark, Placement, PowerCycle
from qcompat.lineage.marks import to_set
from qcompat.report.finding import called
from qcompat.report.lineage.answers import GuestState
from qcompat.report.lineage.parts import spelled
from qcompat.report.lineage.start import write_start_line
from qcompat.report.output import Output
from qcompat.report.remedy.text import write_forms
from qcompat.report.terminal.layout import columns, hang, plain, unbroken


def write(answer: GuestState, out: Output) -> None:
    """Where it is first, then what must be kept until it powers off."""
    console, state = out.console, answer.state
    cycle = state.lineage.cycle
    if cycle is None:
        _write_off(state.lineage, console, answer.dropped)
        return
    columns(
        console, 0, [(Text(what, "bold"), value) for what, value in _head(state.lineage, cycle)]
    )
    _write_marks(cycle, console)
    if to_set(cycle.current.held):
        write_forms(answer.forms(cycle), out)
    write_leftovers(state.leftovers, cycle, console)
    _write_rehearsals(cycle, console)
    if answer.start:
        write_start_line("start line where it runs now", answer.start, out)


def _write_off(lineage: Lineage, console: Console, dropped: tuple[Mark, ...]) -> None:
    console.print(plain(f"{lineage.name} is powered off: it carries nothing"))
    if dropped:
        console.print(Text("dropped, no longer to be set", "bold"))
        for mark in dropped:
            unbroken(console, plain(f"  {spelled(mark.setting)}"))


def _head(lineage: Lineage, cycle: PowerCycle) -> list[tuple[str, Text]]:
    first, here = cycle.started, cycle.current
    resets = sum(len(each.resets) for each in cycle.placements)
    return [
        ("guest", plain(lineage.name)),
        ("runs on", plain(f"{here.build}, since {here.since}")),
        ("started", plain(f"on {first.build}, {first.at}, as {first.machine} with {first.accel}")),
        ("route", plain(" → ".join(_stop(each) for each in cycle.placements))),
        *([("resets", plain(f"{resets}, the last {_last_reset(cycle)}"))] if resets else []),
    ]


def _stop(placement: Placement) -> str:
    return f"{placement.build} (reset there)" if placement.resets else placement.build


def _last_reset(cycle: PowerCycle) -> str:
    times = [(at, each.build) for each in cycle.placements for at in each.resets]
    return f"at {times[-1][0]} on {times[-1][1]}"


def _write_marks(cycle: PowerCycle, console: Console) -> None:
    title = "marks, to be set at every later start until it powers off"
    console.print(Text(f"\n{title}" if cycle.marks else "\nmarks: none", "bold"))
    held = {each.setting: each.how for each in cycle.current.held}
    for mark in cycle.marks:
        unbroken(console, plain(f"  {spelled(mark.setting)}"))
        how = _HOW[held.get(mark.setting, "set")]
        hang(console, Text("    "), plain(f"since the move to {mark.build}, {mark.since}; {how}"))


_HOW = {
    "set": "set here",
    "default": "the default here, need not be set",
    "absent": "this build has no such property, so it is not set here",
}


def write_leftovers(
    found: tuple[Leftover, ...] | None, cycle: PowerCycle, console: Console
) -> None:
    """What the guest carries from earlier builds, device by device."""
    if found is None:
        console.print(Text("\nwhat it carries is unknown: portraits are missing", "bold"))
    if not found:
        return
    console.print(
        Text(f"\ncarried along; a fresh start on {cycle.current.build} would not have it", "bold")
    )
    for subject, each in by_device(found).items():
        hang(console, plain(f"  {called(subject)}: "), plain("; ".join(map(_carried, each))))
    note = "no property changes this; a power-off clears it"
    if not all(each.is_sure for each in found):
        note += "; the reset has, unless a driver had set other sizes: see qcompat carry --qmp"
    hang(console, Text("    "), Text(note))


def _write_rehearsals(cycle: PowerCycle, console: Console) -> None:
    """The last one to each build, from where the guest runs."""
    last = {each.build: each for each in cycle.current.rehearsals}
    if last:
        console.print(Text("\nrehearsed, with the state that the guest had then", "bold"))
    rows = [(plain(e.build), plain(f"{e.outcome} at {e.at}")) for e in last.values()]
    columns(console, 2, rows)


def _carried(each: Leftover) -> str:
    maybe = "" if each.is_sure else " (perhaps)"
    return f"{each.what} is {each.carries}, fresh {each.here}{maybe}"
