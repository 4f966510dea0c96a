"""What an audit found, the worst first, with the entries to paste."""

from __future__ import annotations

from collections import Counter

from qcompat.machine.audit.finding import Audit, paste
from qcompat.report.machine.answers import MachineAudit
from qcompat.report.output import Output
from qcompat.report.terminal.plain import listed, printable

_MOST = 6


def write(answer: MachineAudit, out: Output) -> None:
    """Each finding with its reach; harmless ones are counted unless all is to be shown."""
    found = answer.findings
    shown = [each for each in found if out.verbose or each.severity != "harmless"]
    for number, each in enumerate(shown, 1):
        _write(number, each, out)
    counts = Counter(each.severity for each in found)
    summary = ", ".join(f"{count} {severity}" for severity, count in sorted(counts.items()))
    hidden = len(found) - len(shown)
    out.write(
        (summary or "nothing found") + (" (-v shows the harmless ones)" if hidden else "") + "\n"
    )


def _write(number: int, each: Audit, out: Output) -> None:
    what = ".".join(filter(None, (each.driver, each.property)))
    lines = [f"{number:3}. {what or each.lint}"]
    lines += [f"     {line}" for line in each.explanation.splitlines()]
    lines.append(f"     {each.severity} ({each.certainty}), lint {each.lint}")
    if each.value is not None or each.reference is not None:
        lines.append(f"       value    {each.value} here, {each.reference} there")
    lines += [
        f"       {label:7}  {listed(names, most=_MOST, verbose=out.verbose)}"
        for label, names in (
            ("on", each.machines),
            ("types", each.types),
            ("against", each.against),
        )
        if names
    ]
    if each.entries:
        lines.append(f"     for {each.table}:")
        lines += [f"       {line}" for line in paste(each).splitlines()]
    out.write(printable("\n".join(lines)) + "\n")
