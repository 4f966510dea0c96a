"""Feature words explained, for a reader who has a line from a log and a guest that stays put."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.hosts.devices.explain import Bit, Explained
from qcompat.hosts.devices.features import Feature, kind_of
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain, unbroken

_KNOWN_BY = {
    "log": "as the log says",
    "user": "as given",
    "bits": "the only kind that has all of these bits",
}
_CUT = (
    "unknown: QEMU 10.2 and later removes the refused features from the word before printing it. "
    "The guest agreed on at least one of these, which the target does not allow:"
)
_ASK = (
    "What it agreed on is in the source's stream and in its reply to x-query-virtio-status; "
    "with that, run: qcompat host features AGREED ALLOWED"
)


def write(messages: Sequence[Explained], out: Output) -> None:
    """Each message: what is refused, bit by bit; then what helps."""
    for number, found in enumerate(messages):
        if number:
            out.console.print()
        _write(found, out.console, out.verbose)


def _write(found: Explained, console: Console, verbose: bool) -> None:
    refused = found.refused
    hang(console, Text("device   ", "bold"), plain(_device(found)))
    if found.words.lacking:
        hang(console, Text("vhost    ", "bold"), plain("the kernel lacks these features"))
    elif found.words.allowed is None:
        hang(
            console,
            Text("agreed   ", "bold"),
            plain("what the target allows is not in it"),
        )
    elif found.words.is_cut:
        hang(console, Text("refused  ", "bold"), plain(_CUT))
    elif not refused:
        hang(console, Text("agreed   ", "bold"), plain("all of it is allowed: nothing is refused"))
    else:
        text = f"{len(refused)} of {len(found.bits)} agreed features are not allowed by the target"
        hang(console, Text("refused  ", "bold"), plain(text))
    _write_bits(refused or found.possible or found.bits, console)
    if found.words.is_cut:
        console.print()
        hang(console, Text(), plain(_ASK))
    if verbose and refused:
        names = [bit.name for bit in found.bits if not bit.is_refused]
        hang(console, Text("agreed and allowed: ", "dim"), plain(", ".join(names)))
    if refused:
        _write_remedies(found, console)


def _device(found: Explained) -> str:
    if found.kind:
        place = (
            f" at {found.words.section.rpartition('/')[0]}" if "/" in found.words.section else ""
        )
        return f"{found.kind}{place} ({_KNOWN_BY[found.told_by]})"
    if not found.candidates:
        return "unknown: no kind has all of these bits"
    return f"unknown: the bits fit {', '.join(found.candidates)}; give --device"


def _write_bits(bits: Sequence[Bit], console: Console) -> None:
    console.print()
    rows = [(plain(f"{bit.bit:3}  {bit.name}", "cyan"), plain(_governed(bit))) for bit in bits]
    columns(console, 2, rows)


def _governed(bit: Bit) -> str:
    row = bit.governed
    if row is None:
        return "no known property controls it"
    since = f"QEMU {row.since} and later" if row.since else "QEMU 5.2 and before"
    needs = f"; taps need Linux {bit.linux} or later" if bit.linux else ""
    until = f", up to {row.until}" if row.until else ""
    return f"property {row.property} ({since}{until}{needs})"


def _write_remedies(found: Explained, console: Console) -> None:
    rows = [bit.governed for bit in found.refused if bit.governed is not None]
    ungoverned = [bit.name for bit in found.refused if bit.governed is None]
    kind = kind_of(found.kind) if found.kind else None
    type_ = kind.types[0] if kind else "TYPE"
    console.print()
    if rows:
        _write_target(type_, rows, found, console)
        _write_source(type_, rows, console)
    if ungoverned:
        text = f"no property helps with {', '.join(ungoverned)}: use a target that offers them"
        hang(console, Text(), plain(text))


def _write_target(type_: str, rows: Sequence[Feature], found: Explained, console: Console) -> None:
    on = [row for row in rows if row.off == "off"]
    if on:
        text = "now: start the target with these on; its QEMU and kernel must support them"
        hang(console, Text(), plain(f"{text}{_least(found.refused)}:", "green"))
        unbroken(console, plain(f"  -device {type_},…,{_all(on, 'on')}"))
    for row in (row for row in rows if row.off != "off"):
        hang(console, Text(), plain(f"now: give {row.property} the source's value on the target"))


def _write_source(type_: str, rows: Sequence[Feature], console: Console) -> None:
    text = (
        "or run the guest without them: at its next power-on, or when the device is unplugged "
        "and plugged in again, start the source with"
    )
    hang(console, Text(), plain(f"{text}:", "green"))
    off = ",".join(f"{row.property}={row.off}" for row in rows)
    unbroken(console, plain(f"  -device {type_},…,{off}"))


def _least(bits: Sequence[Bit]) -> str:
    """The newest release that one of the properties needs, of QEMU and of Linux."""
    qemu = max((bit.governed.since for bit in bits if bit.governed), key=_order, default="")
    linux = max((bit.linux for bit in bits), key=_order, default="")
    named = [f"QEMU {qemu}" if qemu else "", f"Linux {linux}" if linux else ""]
    least = " and ".join(each for each in named if each)
    return f" (at least {least})" if least else ""


def _order(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part)


def _all(rows: Sequence[Feature], value: str) -> str:
    return ",".join(f"{row.property}={value}" for row in rows)
