"""The answers of `qcompat host` as JSON: all of them, nothing shortened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from qcompat.hosts.compare import HostComparison
from qcompat.hosts.devices.explain import Bit, Explained
from qcompat.hosts.devices.lines import Lost, Undecided
from qcompat.report.hosts.answers import HostLines
from qcompat.report.output import Output


def write_comparison(found: HostComparison, out: Output) -> None:
    """`qcompat.host-comparison/1`."""
    members = msgspec.to_builtins(found)
    members["facts"] = [
        {"name": name, "source": source, "target": target} for name, source, target in found.facts
    ]
    for offers, each in zip(members["offers"], found.offers, strict=True):
        offers["is_equal"] = each.is_equal
    out.write_document({"schema": "qcompat.host-comparison/1"} | members)


def write_lines(answer: HostLines, out: Output) -> None:
    """`qcompat.host-lines/1`; `lacks` and `unknown` map a host to the reason."""
    found = answer.found
    document = {
        "schema": "qcompat.host-lines/1",
        "device": found.device,
        "machine": found.machine,
        "lines": [
            {
                "host": line.host,
                "build": line.build,
                "properties": dict(line.settings),
                "device": line.device,
                "netdev": dict(line.netdev),
            }
            for line in found.lines
        ],
        "lost": [_lost(each) for each in found.lost],
        "undecided": [_undecided(each) for each in found.undecided],
        "kept": found.kept,
        "queues": found.queues,
        "mtu": msgspec.to_builtins(found.mtu),
        "guest": msgspec.to_builtins(answer.moves),
    }
    out.write_document(document)


def _lost(each: Lost) -> dict[str, Any]:
    return {
        "feature": each.feature.name,
        "property": each.feature.property,
        "has": each.has,
        "lacks": dict(each.lacks),
    }


def _undecided(each: Undecided) -> dict[str, Any]:
    return {
        "feature": each.feature.name,
        "property": each.feature.property,
        "unknown": dict(each.unknown),
    }


def write_features(found: Sequence[Explained], out: Output) -> None:
    """`qcompat.host-features/1`: all agreed bits; words are text in hexadecimal."""
    messages = [_message(each) for each in found]
    out.write_document({"schema": "qcompat.host-features/1", "messages": messages})


def _message(each: Explained) -> dict[str, Any]:
    allowed = each.words.allowed
    return {
        "agreed": hex(each.words.agreed),
        "allowed": None if allowed is None else hex(allowed),
        "section": each.words.section,
        "device": each.kind,
        "device_known_by": each.told_by,
        "device_candidates": each.candidates,
        "refused_told": not each.words.is_cut,
        "features": [_bit(bit) for bit in each.bits],
        "possible": [_bit(bit) for bit in each.possible],
    }


def _bit(bit: Bit) -> dict[str, Any]:
    row = bit.governed
    return {
        "bit": bit.bit,
        "name": bit.name,
        "refused": bit.is_refused,
        "property": row.property if row else None,
        "off": row.off if row else None,
        "since": row.since if row else "",
        "until": row.until if row else "",
        "linux": bit.linux,
    }
