"""The answers of `qcompat cpu` as JSON: all of them, nothing shortened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

import msgspec

from qcompat.hosts.baseline import Baseline
from qcompat.hosts.guest_cpu import GuestCpu
from qcompat.hosts.lines import Lines
from qcompat.hosts.move import Move
from qcompat.hosts.offer import Offer
from qcompat.hosts.pool import Removal
from qcompat.report.output import write_document


def write_baseline(
    found: Baseline,
    offers: Sequence[Offer],
    ways: Sequence[Removal],
    machine: str | None,
    out: TextIO,
) -> None:
    """`qcompat.cpu-baseline/1`; `lines` has one for each build on each host."""
    lines = [
        {"host": offer.host.name, "build": offer.capture.build, "cpu": line}
        for offer, line in zip(offers, found.lines, strict=True)
    ]
    document = {"schema": "qcompat.cpu-baseline/1", "machine": machine}
    told = msgspec.to_builtins(found) | {"lines": lines}
    write_document(document | told | {"removals": msgspec.to_builtins(ways)}, out)


def write_lines(found: Lines, out: TextIO) -> None:
    """`qcompat.cpu-lines/1`."""
    told = msgspec.to_builtins(found)
    for line in told["lines"]:
        line["values"] = dict(line["values"])
    write_document({"schema": "qcompat.cpu-lines/1"} | told, out)


def write_moves(guest: GuestCpu, moves: Sequence[tuple[Move, Move]], out: TextIO) -> None:
    """`qcompat.cpu-moves/1`."""
    document = {
        "schema": "qcompat.cpu-moves/1",
        "guest": guest.text,
        "moves": [
            {"forward": msgspec.to_builtins(forward), "back": msgspec.to_builtins(back)}
            for forward, back in moves
        ],
    }
    write_document(document, out)
