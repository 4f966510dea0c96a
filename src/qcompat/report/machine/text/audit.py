"""What an audit found, the worst first, with the entries to paste."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from qcompat.machine.audit.finding import Audit, paste
from qcompat.report.output import write_document
from qcompat.report.terminal.plain import printable

SCHEMA = "qcompat.machine-audit/1"

_MOST = 6


def write_text(found: Sequence[Audit], out: TextIO, *, verbose: bool) -> None:
    """Each finding with its reach; harmless ones are counted unless `verbose`."""
    shown = [each for each in found if verbose or each.severity != "harmless"]
    for number, each in enumerate(shown, 1):
        _write(number, each, out, verbose)
    counts = Counter(each.severity for each in found)
    told = ", ".join(f"{count} {severity}" for severity, count in sorted(counts.items()))
    hidden = len(found) - len(shown)
    out.write(
        (told or "nothing found") + (" (-v shows the harmless ones)" if hidden else "") + "\n"
    )


def write_json(build: str, against: Sequence[str], found: Sequence[Audit], out: TextIO) -> None:
    """All of it."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "build": build,
        "against": list(against),
        "findings": [msgspec.to_builtins(each) for each in found],
    }
    write_document(document, out)


def _write(number: int, each: Audit, out: TextIO, verbose: bool) -> None:
    what = ".".join(filter(None, (each.driver, each.property)))
    lines = [f"{number:3}. {what or each.lint}"]
    lines += [f"     {line}" for line in each.explanation.splitlines()]
    lines.append(f"     {each.severity} ({each.certainty}), lint {each.lint}")
    if each.value is not None or each.reference is not None:
        lines.append(f"       value    {each.value} here, {each.reference} there")
    lines += [
        f"       {label:7}  {_some(names, verbose)}"
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


def _some(names: Sequence[str], verbose: bool) -> str:
    shown = names if verbose else names[:_MOST]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
