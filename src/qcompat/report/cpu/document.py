"""The answers of `qcompat cpu` as JSON: all of them, nothing shortened."""

from __future__ import annotations

import msgspec

from qcompat.hosts.cpu.lines import Lines
from qcompat.report.cpu.answers import CpuBaseline, CpuMoves
from qcompat.report.output import Output


def write_baseline(answer: CpuBaseline, out: Output) -> None:
    """`qcompat.cpu-baseline/1`; `lines` has one for each build on each host."""
    lines = [
        {"host": offer.host.name, "build": offer.capture.build, "cpu": line}
        for offer, line in zip(answer.offers, answer.found.lines, strict=True)
    ]
    document = {"schema": "qcompat.cpu-baseline/1", "machine": answer.machine or None}
    members = msgspec.to_builtins(answer.found) | {"lines": lines}
    out.write_document(document | members | {"removals": answer.removals})


def write_lines(found: Lines, out: Output) -> None:
    """`qcompat.cpu-lines/1`."""
    members = msgspec.to_builtins(found)
    for line in members["lines"]:
        line["values"] = dict(line["values"])
    out.write_document({"schema": "qcompat.cpu-lines/1"} | members)


def write_moves(answer: CpuMoves, out: Output) -> None:
    """`qcompat.cpu-moves/1`."""
    document = {
        "schema": "qcompat.cpu-moves/1",
        "guest": answer.guest.text,
        "moves": [
            {"forward": msgspec.to_builtins(forward), "back": msgspec.to_builtins(back)}
            for forward, back in answer.moves
        ],
    }
    out.write_document(document)
