"""The device properties for each host of a pool as JSON, for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from qcompat.hosts.devices.agreed import Move
from qcompat.hosts.devices.explain import Bit, Explained
from qcompat.hosts.devices.lines import DeviceLines, Lost, Undecided
from qcompat.report.output import write_document

LINES, FEATURES = "qcompat.host-lines/1", "qcompat.host-features/1"


def write_lines(found: DeviceLines, moves: Sequence[Move], out: TextIO) -> None:
    """Everything; `lacks` and `unknown` map a host to the reason."""
    document = {
        "schema": LINES,
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
        "guest": msgspec.to_builtins(moves),
    }
    write_document(document, out)


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


def write_features(found: Sequence[Explained], out: TextIO) -> None:
    """Every message with all agreed bits; words are text in hexadecimal."""
    write_document({"schema": FEATURES, "messages": [_message(each) for each in found]}, out)


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
