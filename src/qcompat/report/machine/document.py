"""The answers of `qcompat machine` as JSON: all of them, nothing shortened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from qcompat.machine.model import CompatEntry
from qcompat.machine.resolve import Resolved, Unknown
from qcompat.machine.scenario.work_out import ChainResult, Checked, Outcome, Worked
from qcompat.machine.tables import added_by
from qcompat.report.machine.answers import CompatTable, MachineAudit, MachineDiff, MachineList
from qcompat.report.machine.entries import rows_of
from qcompat.report.output import Output


def write_audit(answer: MachineAudit, out: Output) -> None:
    """`qcompat.machine-audit/1`."""
    out.write_document(
        {
            "schema": "qcompat.machine-audit/1",
            "build": answer.build,
            "against": answer.against,
            "findings": answer.findings,
        }
    )


def write_diff(answer: MachineDiff, out: Output) -> None:
    """`qcompat.machine-diff/1`."""
    source, target = answer.ends
    document = {"schema": "qcompat.machine-diff/1", "source": source, "target": target}
    out.write_document(document | msgspec.to_builtins(answer.found))


def write_list(answer: MachineList, out: Output) -> None:
    """`qcompat.machines/1`; `adds` are the entries that a machine type brought."""
    facts = answer.facts
    added = added_by(facts.tables)
    machines = [
        {
            **msgspec.to_builtins(machine),
            "entries": len(facts.tables.get(machine.name, ())),
            "adds": [_entry(entry) for entry in added.get(machine.name, ())],
        }
        for machine in answer.chosen()
    ]
    document = {"schema": "qcompat.machines/1", "identity": facts.identity, "origin": facts.origin}
    out.write_document(document | {"machines": machines})


def _entry(entry: CompatEntry) -> dict[str, str]:
    return {"driver": entry.driver, "property": entry.property, "value": entry.value}


def write_properties(found: Sequence[Resolved], out: Output) -> None:
    """`qcompat.machine-resolve/1`; an unknown value is null with its `reason`."""
    properties = [_property(each) for each in found]
    out.write_document({"schema": "qcompat.machine-resolve/1", "properties": properties})


def _property(each: Resolved) -> dict[str, Any]:
    unknown = isinstance(each.value, Unknown)
    return {
        "property": each.property,
        "value": None if unknown else each.value,
        "reason": each.value.reason if isinstance(each.value, Unknown) else "",
        "layer": each.layer,
        "entry": msgspec.to_builtins(each.entry) if each.entry else None,
        "overridden": [{"layer": layer, "value": value} for layer, value in each.overridden],
    }


def write_table(answer: CompatTable, out: Output) -> None:
    """`qcompat.machine-table/1`."""
    facts = answer.facts
    out.write_document(
        {
            "schema": "qcompat.machine-table/1",
            "identity": facts.identity,
            "machine": answer.machine,
            "origin": facts.origin,
            "entries": tuple(rows_of(facts, answer.machine)),
        }
    )


def write_scenario(worked: Worked, out: Output) -> None:
    """`qcompat.scenario/1`: every cell, chain and expectation."""
    document = {
        "schema": "qcompat.scenario/1",
        "title": worked.scenario.title,
        "fix": worked.scenario.fix or None,
        "before": _outcome(worked.before),
        "after": None if worked.after is None else _outcome(worked.after),
        "expected": [_expectation(each) for each in worked.checked],
        "holds": worked.holds,
    }
    out.write_document(document)


def _outcome(outcome: Outcome) -> dict[str, object]:
    return {
        "ends": outcome.ends,
        "cells": [
            {
                "guest": cell.guest,
                "source": cell.source,
                "target": cell.target,
                "verdict": cell.verdict,
                "case": cell.case.case,
                "first_build": cell.case.first or None,
                "reasons": cell.reasons,
            }
            for cell in outcome.cells
        ],
        "chains": [_chain_document(chain) for chain in outcome.chains],
    }


def _chain_document(chain: ChainResult) -> dict[str, object]:
    return {
        "name": chain.name,
        "guest": chain.guest,
        "verdict": chain.verdict,
        "refused": chain.refused or None,
        "stops": chain.stops,
        "hops": [{"verdict": hop.verdict, "reasons": hop.reasons} for hop in chain.hops],
    }


def _expectation(checked: Checked) -> dict[str, object]:
    return {
        **msgspec.structs.asdict(checked.expected),
        "found": checked.verdict,
        "holds": checked.holds,
    }
