"""The answers of `qcompat guest` as JSON: all of them, nothing shortened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qcompat.lineage.lineage import Lineage, Placement, PowerCycle, powered_on
from qcompat.report.finding import in_words
from qcompat.report.lineage.answers import GuestMove, GuestState, GuestTargets
from qcompat.report.lineage.start import start_members
from qcompat.report.output import Output
from qcompat.report.remedy.written import members
from qcompat.report.repair.document import unrepairable
from qcompat.report.repair.words import reason_text
from qcompat.report.verdict import exit_members


def write_list(found: Sequence[Lineage], out: Output) -> None:
    """`qcompat.guest-list/1`."""
    guests = [_listed(lineage) for lineage in found]
    out.write_document({"schema": "qcompat.guest-list/1", "guests": guests})


def _listed(lineage: Lineage) -> dict[str, Any]:
    cycle = lineage.cycle
    return {
        "guest": lineage.name,
        "is_on": cycle is not None,
        "build": cycle.current.build if cycle else None,
        "since": cycle.current.since if cycle else None,
        "born_on": cycle.started.build if cycle else None,
        "moves": len(cycle.placements) - 1 if cycle else 0,
        "marks": cycle.marks if cycle else (),
    }


def write_move(answer: GuestMove, out: Output) -> None:
    """`qcompat.guest-move/3`; `is_recorded`: whether the lineage was changed."""
    before, move = answer.before, answer.move
    document = {
        "schema": "qcompat.guest-move/3",
        "guest": before.name,
        "source": powered_on(before).current.build,
        "target": move.target,
        **in_words(move.verdict),
        "held": [{"setting": each.setting, "how": each.how} for each in move.held],
        "new": move.new,
        "unrepairable": unrepairable(move.unrepairable),
        "lacking": move.lacking,
        "forms": members(answer.forms()),
        **start_members(move.start),
        "is_recorded": answer.is_recorded,
        "marks": powered_on(answer.grown).marks,
        **exit_members(out.exit),
    }
    out.write_document(document)


def write_state(answer: GuestState, out: Output) -> None:
    """`qcompat.guest/2`."""
    state = answer.state
    cycle = state.lineage.cycle
    document = {
        "schema": "qcompat.guest/2",
        "guest": state.lineage.name,
        "is_on": cycle is not None,
        "born": _born(cycle) if cycle else None,
        "stays": [_stay(stay) for stay in cycle.placements] if cycle else [],
        "marks": cycle.marks if cycle else (),
        "forms": members(answer.forms(cycle)) if cycle else {},
        "carried": in_words(state.leftovers),
        **(start_members(answer.start) if answer.start else {"arguments": state.arguments}),
    }
    out.write_document(document)


def _born(cycle: PowerCycle) -> dict[str, Any]:
    born = cycle.started
    return {
        "at": born.at,
        "build": born.build,
        "identity": born.identity,
        "machine": born.machine,
        "accel": born.accel,
        "uuid": born.uuid,
        "portrait": born.portrait,
        "arguments": born.arguments,
    }


def _stay(stay: Placement) -> dict[str, Any]:
    return {
        "build": stay.build,
        "identity": stay.identity,
        "since": stay.since,
        "portrait": stay.portrait,
        "marks": [{"setting": each.setting, "how": each.how} for each in stay.held],
        "resets": stay.resets,
        "rehearsals": [
            {"at": e.at, "build": e.build, "outcome": e.outcome, "message": e.message}
            for e in stay.rehearsals
        ],
    }


def write_targets(answer: GuestTargets, out: Output) -> None:
    """`qcompat.guest-targets/3`: every build, with all findings."""
    targets = [
        {
            **{name: value for name, value in in_words(each).items() if name != "start"},
            **(start_members(each.start) if each.start else {"arguments": ()}),
            "reasons": tuple(map(reason_text, each.reasons)),
            "forms": members(answer.forms(each)) if each.remedy else {},
        }
        for each in answer.found.targets
    ]
    document = {
        "schema": "qcompat.guest-targets/3",
        "guest": answer.name,
        "source": answer.cycle.current.build,
        "carried": in_words(answer.found.leftovers),
        "targets": targets,
    }
    out.write_document(document)
