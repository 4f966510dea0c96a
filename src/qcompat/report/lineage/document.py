"""The answers of `qcompat guest` as JSON: all of them, nothing shortened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qcompat.lineage.lineage import Life, Lineage, Stay, living
from qcompat.report.finding import in_words
from qcompat.report.lineage.answers import GuestMove, GuestState, GuestTargets
from qcompat.report.output import Output
from qcompat.report.remedy.written import members
from qcompat.report.repair.document import unrepairable
from qcompat.report.repair.words import reason_text


def write_list(found: Sequence[Lineage], out: Output) -> None:
    """`qcompat.guest-list/1`."""
    guests = [_listed(lineage) for lineage in found]
    out.write_document({"schema": "qcompat.guest-list/1", "guests": guests})


def _listed(lineage: Lineage) -> dict[str, Any]:
    life = lineage.life
    return {
        "guest": lineage.name,
        "is_on": life is not None,
        "build": life.here.build if life else None,
        "since": life.here.since if life else None,
        "born_on": life.born.build if life else None,
        "moves": len(life.stays) - 1 if life else 0,
        "marks": life.marks if life else (),
    }


def write_move(answer: GuestMove, out: Output) -> None:
    """`qcompat.guest-move/2`; `is_recorded` tells whether the lineage was changed."""
    before, move = answer.before, answer.move
    document = {
        "schema": "qcompat.guest-move/2",
        "guest": before.name,
        "source": living(before).here.build,
        "target": move.target,
        "verdict": move.verdict.verdict,
        "findings": in_words(move.verdict.findings),
        "held": [{"setting": each.setting, "how": each.how} for each in move.held],
        "new": move.new,
        "unrepairable": unrepairable(move.unrepairable),
        "lacking": move.lacking,
        "forms": members(answer.forms()),
        "arguments": move.arguments,
        "is_recorded": answer.is_recorded,
        "marks": living(answer.grown).marks,
    }
    out.write_document(document)


def write_state(answer: GuestState, out: Output) -> None:
    """`qcompat.guest/2`."""
    state = answer.state
    life = state.lineage.life
    document = {
        "schema": "qcompat.guest/2",
        "guest": state.lineage.name,
        "is_on": life is not None,
        "born": _born(life) if life else None,
        "stays": [_stay(stay) for stay in life.stays] if life else [],
        "marks": life.marks if life else (),
        "forms": members(answer.forms(life)) if life else {},
        "carried": in_words(state.infections),
        "arguments": state.arguments,
    }
    out.write_document(document)


def _born(life: Life) -> dict[str, Any]:
    born = life.born
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


def _stay(stay: Stay) -> dict[str, Any]:
    return {
        "build": stay.build,
        "identity": stay.identity,
        "since": stay.since,
        "portrait": stay.portrait,
        "marks": [{"setting": each.setting, "how": each.how} for each in stay.held],
        "resets": stay.resets,
    }


def write_targets(answer: GuestTargets, out: Output) -> None:
    """`qcompat.guest-targets/2`: every build, with all findings."""
    targets = [
        {
            **in_words(each),
            "reasons": tuple(map(reason_text, each.reasons)),
            "forms": members(answer.forms(each)) if each.remedy else {},
        }
        for each in answer.found.targets
    ]
    document = {
        "schema": "qcompat.guest-targets/2",
        "guest": answer.name,
        "source": answer.life.here.build,
        "carried": in_words(answer.found.infections),
        "targets": targets,
    }
    out.write_document(document)
