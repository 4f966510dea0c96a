"""A guest as recorded: where it lives, its marks, what it carries, how it is started again."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.lineage.holding import to_say
from qcompat.lineage.infection import Infection, by_device
from qcompat.lineage.lineage import Life, Lineage, Mark, Stay
from qcompat.report.finding import called
from qcompat.report.lineage.answers import GuestState
from qcompat.report.lineage.parts import spelled, write_start_line
from qcompat.report.output import Output
from qcompat.report.remedy.text import write_forms
from qcompat.report.terminal.layout import columns, hang, plain, unbroken


def write(answer: GuestState, out: Output) -> None:
    """Where it is first, then what must be kept until it powers off."""
    console, state = out.console, answer.state
    life = state.lineage.life
    if life is None:
        _write_off(state.lineage, console, answer.dropped)
        return
    columns(console, 0, [(Text(what, "bold"), value) for what, value in _head(state.lineage, life)])
    _write_marks(life, console)
    if to_say(life.here.held):
        write_forms(answer.forms(life), out)
    write_infections(state.infections, life, console)
    write_start_line("start line where it lives now", state.arguments, out)


def _write_off(lineage: Lineage, console: Console, dropped: tuple[Mark, ...]) -> None:
    console.print(plain(f"{lineage.name} is powered off: it carries nothing"))
    if dropped:
        console.print(Text("dropped, no longer to be set", "bold"))
        for mark in dropped:
            unbroken(console, plain(f"  {spelled(mark.setting)}"))


def _head(lineage: Lineage, life: Life) -> list[tuple[str, Text]]:
    born, here = life.born, life.here
    resets = sum(len(stay.resets) for stay in life.stays)
    return [
        ("guest", plain(lineage.name)),
        ("lives on", plain(f"{here.build}, since {here.since}")),
        ("born", plain(f"on {born.build}, {born.at}, as {born.machine} with {born.accel}")),
        ("way", plain(" → ".join(_stop(stay) for stay in life.stays))),
        *([("resets", plain(f"{resets}, the last {_last_reset(life)}"))] if resets else []),
    ]


def _stop(stay: Stay) -> str:
    return f"{stay.build} (reset there)" if stay.resets else stay.build


def _last_reset(life: Life) -> str:
    times = [(at, stay.build) for stay in life.stays for at in stay.resets]
    return f"at {times[-1][0]} on {times[-1][1]}"


def _write_marks(life: Life, console: Console) -> None:
    title = "marks, to be set at every later start until it powers off"
    console.print(Text(f"\n{title}" if life.marks else "\nmarks: none", "bold"))
    held = {each.setting: each.how for each in life.here.held}
    for mark in life.marks:
        unbroken(console, plain(f"  {spelled(mark.setting)}"))
        how = _HOW[held.get(mark.setting, "set")]
        hang(console, Text("    "), plain(f"since the move to {mark.build}, {mark.since}; {how}"))


_HOW = {
    "set": "set here",
    "default": "default here, need not be said",
    "absent": "this build has no such property, so it is not set here",
}


def write_infections(found: tuple[Infection, ...] | None, life: Life, console: Console) -> None:
    """What the guest carries from elsewhere, device by device."""
    if found is None:
        console.print(Text("\nwhat it carries is unknown: portraits are missing", "bold"))
    if not found:
        return
    console.print(Text(f"\ncarried along, which {life.here.build} would not give it", "bold"))
    for subject, each in by_device(found).items():
        hang(console, plain(f"  {called(subject)}: "), plain("; ".join(map(_told, each))))
    note = "no property changes this; a power-off clears it"
    if not all(each.is_sure for each in found):
        note += "; the reset has, unless a driver had set other sizes: qcompat carry --qmp tells"
    hang(console, Text("    "), Text(note))


def _told(each: Infection) -> str:
    maybe = "" if each.is_sure else " (perhaps)"
    return f"{each.what} is {each.carries}, fresh {each.here}{maybe}"
