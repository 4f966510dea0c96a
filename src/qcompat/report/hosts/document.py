"""Two hosts side by side as JSON, `qcompat.host-comparison/1`."""

from __future__ import annotations

from typing import TextIO

import msgspec

from qcompat.hosts.compare import HostComparison
from qcompat.report.output import write_document


def write_comparison(found: HostComparison, out: TextIO) -> None:
    """All of it."""
    told = msgspec.to_builtins(found)
    told["facts"] = [
        {"name": name, "source": source, "target": target} for name, source, target in found.facts
    ]
    for offers, each in zip(told["offers"], found.offers, strict=True):
        offers["is_equal"] = each.is_equal
    write_document({"schema": "qcompat.host-comparison/1"} | told, out)
