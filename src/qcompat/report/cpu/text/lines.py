"""Lines for `-cpu host`, for a reader: what to paste, what it costs, what happens without."""

from __future__ import annotations

from shlex import quote

from rich.console import Console
from rich.text import Text

from qcompat.hosts.cpu.lines import Lines
from qcompat.report.cpu.given_up import write_given_up
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain, unbroken
from qcompat.report.terminal.plain import listed

_ADVICE = (
    "-cpu host is not recommended for guests that migrate: it takes features and values from the "
    "processor, its microcode, the kernel and QEMU. An update of any of them changes these lines, "
    "and no start fails. `qcompat cpu baseline` gives a named model instead"
)


def write(found: Lines, out: Output) -> None:
    """Print the answer."""
    console = out.console
    for line in found.lines:
        console.print(plain(f"{line.offer}:", "bold"))
        unbroken(console, plain(f"  -cpu {quote(line.cpu)}"))
    console.print()
    if not found.are_needed:
        lead = "as far as they report, " if found.untold else ""
        hang(
            console,
            Text(),
            plain(f"{lead}all hosts show a guest with -cpu host the same CPU today"),
        )
    else:
        _write_without(found, console, out.verbose)
        write_given_up(found.dropped, console, verbose=out.verbose)
    for remark in (*found.remarks, _ADVICE):
        hang(console, Text("note: "), plain(remark))


def _write_without(found: Lines, console: Console, verbose: bool) -> None:
    """What a move between plain `-cpu host` comes to."""
    lead = Text("without these lines ", "bold")
    if found.fatal:
        body = (
            "a move sometimes works: it fails once the guest has used "
            f"{listed(found.fatal, verbose=verbose, most=8)}, whose state the other host refuses"
        )
        hang(console, lead, plain(body))
        lead = Text(" " * lead.cell_len)
    if found.silent:
        body = (
            "a move loads, and the running guest silently loses or gains "
            f"{listed(found.silent, verbose=verbose, most=8)}"
        )
        hang(console, lead, plain(body))
        lead = Text(" " * lead.cell_len)
    if not found.dropped:
        hang(console, lead, plain("a move loads, and the guest finds another processor"))
