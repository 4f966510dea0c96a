"""A scenario's answer as JSON, for other programs: every cell, chain and expectation."""

from __future__ import annotations

import msgspec

from qcompat.machine.scenario.journey import Journey
from qcompat.machine.scenario.work_out import Checked, Outcome, Worked

SCHEMA = "qcompat.scenario/1"


def render_json(worked: Worked) -> str:
    """The whole answer as one indented JSON document that ends in a newline."""
    document = {
        "schema": SCHEMA,
        "title": worked.scenario.title,
        "fix": worked.scenario.fix or None,
        "before": _document(worked.before),
        "after": None if worked.after is None else _document(worked.after),
        "expected": [_expectation(each) for each in worked.checked],
        "holds": worked.holds,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _document(outcome: Outcome) -> dict[str, object]:
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


def _chain_document(chain: Journey) -> dict[str, object]:
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
