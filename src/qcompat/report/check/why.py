"""One finding with all that it stands on: every value, where it was read, rule and advisory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.errors import UsageError
from qcompat.report.check.causes import Cause, causes_of
from qcompat.report.explain.pages import write_advisory
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.rules.advisories.advisory import advisories
from qcompat.rules.finding import Evidence
from qcompat.rules.registry import page
from qcompat.verdict.judgement import Judgement

_READ = (
    ("property ", "the device tree of the twin (`info qtree`)"),
    ("argument ", "the guest's arguments"),
    ("CPU", "the twin's processor"),
    ("ACPI ", "the tables that the twin hands to firmware (fw_cfg)"),
    ("SMBIOS ", "the structures that the twin hands to firmware (fw_cfg)"),
    ("firmware file ", "the files that the twin hands to firmware (fw_cfg)"),
    ("memory map", "the file etc/e820 that the twin hands to firmware (fw_cfg)"),
    ("PCI ", "the configuration space of the twin"),
    ("offered virtio features", "the registers of the twin's device"),
    ("virtio device configuration", "the registers of the twin's device"),
    ("RAM block ", "the list of memory blocks in the twin's migration stream"),
    ("QEMU's message", "QEMU's log"),
)
_ELSE = "the twin's migration stream, and what the build says of its states (`-dump-vmstate`)"


def write_why(judgement: Judgement, number: int, out: Output) -> None:
    """Print it. Errors: UsageError where there is no finding of that number."""
    forward, back = causes_of(judgement)
    ways = ((cause, True) for cause in forward), ((cause, False) for cause in back)
    found = {cause.number: (cause, is_forward) for way in ways for cause, is_forward in way}
    if number not in found:
        raise UsageError(
            f"there is no finding {number}, there are {len(found)}",
            "the answer without --why numbers them; -v shows all",
        )
    cause, is_forward = found[number]
    ends = (judgement.source, judgement.target)
    source, target = ends if is_forward else ends[::-1]
    console = out.console
    way = f"{'forward' if is_forward else 'back'}, {source} → {target}"
    hang(console, Text(f"{number:3}. "), plain(f"{cause.subject}  ", "bold") + plain(way, "dim"))
    _write_told(cause, console)
    _write_read(cause, (source, target), judgement.guest.machine, console)
    _write_rule(cause, console)
    for name in cause.first.advisories:
        console.print(Text("\nadvisory", "bold"))
        if known := advisories().get(name):
            write_advisory(name, known, out)


def _write_told(cause: Cause, console: Console) -> None:
    for told in cause.told:
        console.print()
        hang(console, Text("  "), plain("\n".join(told.subjects), "bold"))
        hang(console, Text("  "), plain(told.summary))
        rows = [(plain(e.what), plain(_values(e), "cyan")) for e in told.evidence]
        columns(console, 4, rows)
    for remedy in cause.remedies:
        console.print(Text("  set on the target:", "green"))
        for line in remedy.splitlines():
            unbroken(console, Text("    ").append_text(plain(line)))


def _values(evidence: Evidence) -> str:
    return " → ".join("none" if v is None else v for v in (evidence.source, evidence.target))


def _write_read(cause: Cause, builds: tuple[str, str], machine: str, console: Console) -> None:
    what = [each.what for told in cause.told for each in told.evidence]
    console.print(Text("\nwhere the values were read", "bold"))
    for place in dict.fromkeys(map(_place, what)):
        hang(console, Text("  "), plain(place))
    lines = tuple(_traces(what, builds, machine))
    if lines:
        console.print(Text("\nwhat set these properties is told by", "bold"))
    for line in lines:
        unbroken(console, plain(f"  {line}"))


def _place(what: str) -> str:
    return next((place for start, place in _READ if what.startswith(start)), _ELSE)


def _traces(what: Sequence[str], builds: tuple[str, str], machine: str) -> Iterator[str]:
    names = dict.fromkeys(w.removeprefix("property ") for w in what if w.startswith("property "))
    for name in names:
        device, _, property_ = name.rpartition(".")
        for build in builds:
            yield f"qcompat machine resolve {build} {machine} {device} --property {property_}"


def _write_rule(cause: Cause, console: Console) -> None:
    console.print(Text(f"\nrule {cause.first.rule} ({cause.first.certainty})", "bold"))
    for paragraph in page(cause.first.rule).split("\n\n"):
        hang(console, Text("  "), plain(" ".join(paragraph.split())))
