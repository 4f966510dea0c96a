"""A scenario worked out: every pair of ends, every chain, and what was expected of them.

A pair of ends is a chain of one hop. Whether two neighbours of a chain fit each other says nothing
about a guest that came to the first of them from elsewhere: its state is fixed where it starts and
travels with it.
"""

from __future__ import annotations

import msgspec

from qcompat.machine.classify import Classified, Release, classify
from qcompat.machine.scenario.effective import Refused
from qcompat.machine.scenario.migrate import (
    Hop,
    Kept,
    Reason,
    View,
    after_reset,
    gravest,
    migrate,
    start,
)
from qcompat.machine.scenario.model import (
    Answer,
    Build,
    End,
    Expected,
    Guest,
    Inventory,
    Scenario,
    Stop,
    When,
)


class ChainResult(msgspec.Struct, frozen=True):
    """The result of a chain: one hop for each migration, as far as the guest got.

    `refused` says why it could not be started at all; empty otherwise.
    """

    name: str
    guest: str
    stops: tuple[Stop, ...]
    hops: tuple[Hop, ...]
    verdict: Answer
    refused: str = ""


class Cell(msgspec.Struct, frozen=True):
    """One pair of ends for one guest, started at `source`; `case` as `classify` finds it."""

    guest: str
    source: str
    target: str
    verdict: Answer
    reasons: tuple[Reason, ...]
    case: Classified


class Outcome(msgspec.Struct, frozen=True):
    """All cells, guest by guest and row by row, and all chains."""

    ends: tuple[str, ...]
    cells: tuple[Cell, ...]
    chains: tuple[ChainResult, ...]

    def cell(self, guest: str, source: str, target: str) -> Cell:
        """The cell of that guest and pair; KeyError where there is none."""
        for cell in self.cells:
            if (cell.guest, cell.source, cell.target) == (guest, source, target):
                return cell
        raise KeyError((guest, source, target))

    def chain(self, name: str) -> ChainResult:
        """The chain of that name; KeyError where there is none."""
        for chain in self.chains:
            if chain.name == name:
                return chain
        raise KeyError(name)


class Checked(msgspec.Struct, frozen=True):
    """An expectation and the actual verdict."""

    expected: Expected
    verdict: Answer

    @property
    def holds(self) -> bool:
        """Whether the two agree."""
        return self.expected.verdict == self.verdict


class Worked(msgspec.Struct, frozen=True):
    """The answer to a scenario."""

    scenario: Scenario
    before: Outcome
    after: Outcome | None
    checked: tuple[Checked, ...]

    @property
    def holds(self) -> bool:
        """Whether every expectation holds."""
        return all(each.holds for each in self.checked)


def work_out(scenario: Scenario) -> Worked:
    """Every verdict of `scenario`, before its fix and after it. Pure."""
    before = _outcome(scenario.before)
    after = None if scenario.after is None else _outcome(scenario.after)
    outcomes: dict[When, Outcome] = {"before": before, "after": after or before}
    checked = tuple(
        Checked(each, _verdict(outcomes[each.when], each)) for each in scenario.expected
    )
    return Worked(scenario, before, after, checked)


def _outcome(inventory: Inventory) -> Outcome:
    return Outcome(
        ends=tuple(end.name for end in inventory.ends),
        cells=tuple(
            _cell(inventory, guest, Stop(source), Stop(target))
            for guest in inventory.guests
            for source in inventory.ends
            for target in inventory.ends
        ),
        chains=tuple(
            run_chain(inventory, inventory.guests[chain.guest], chain.name, chain.stops)
            for chain in inventory.chains
        ),
    )


def _cell(inventory: Inventory, name: str, source: Stop, target: Stop) -> Cell:
    guest = inventory.guests[name]
    result = run_chain(inventory, guest, "", (source, target))
    case = classify(
        guest.machine,
        _release(inventory.builds[source.end.build]),
        _release(inventory.builds[target.end.build]),
        [_release(build) for build in inventory.builds.values()],
    )
    reasons = tuple(reason for hop in result.hops for reason in hop.reasons)
    if result.refused:
        reasons = (Reason("blocked", f"the source does not start: {result.refused}"),)
    if case.lacking:
        reasons = (Reason("blocked", case.summary),)
    return Cell(name, source.end.name, target.end.name, result.verdict, reasons, case)


def _release(build: Build) -> Release:
    return Release(build.name, build.version, build.name, build.machines)


def _verdict(outcome: Outcome, expected: Expected) -> Answer:
    if expected.chain:
        return outcome.chain(expected.chain).verdict
    return outcome.cell(expected.guest, expected.source, expected.target).verdict


class _Running(msgspec.Struct, frozen=True):
    """The guest between two hops."""

    view: View
    kept: Kept = frozenset()


def run_chain(
    inventory: Inventory, guest: Guest, name: str, stops: tuple[Stop, ...]
) -> ChainResult:
    """Start `guest` at the first stop and send it along the others."""
    try:
        running = _at_stop(
            inventory, guest, _Running(start(inventory, guest, stops[0].end)), stops[0]
        )
    except Refused as refused:
        return ChainResult(name, guest.name, stops, (), "blocked", str(refused))
    hops: list[Hop] = []
    for stop in stops[1:]:
        hop = migrate(inventory, guest, running.view, stop.end, running.kept)
        if hop.view is not None:
            try:
                running = _at_stop(inventory, guest, _Running(hop.view, running.kept), stop)
            except Refused as refused:
                why = Reason("blocked", f"the guest does not start again: {refused}")
                hop = Hop("blocked", (*hop.reasons, why))
        hops.append(hop)
        if hop.view is None:
            break
    verdict = gravest(hop.verdict for hop in hops)
    return ChainResult(name, guest.name, stops, tuple(hops), verdict)


def _at_stop(inventory: Inventory, guest: Guest, running: _Running, stop: Stop) -> _Running:
    kept = running.kept | set(stop.keeps)
    if stop.then == "reset":
        own = start(inventory, guest, stop.end)
        return _Running(after_reset(inventory, running.view, own, kept), kept)
    if stop.then == "power-off":
        # it is started again, without options that only the earlier run needed
        return _Running(start(inventory, guest, End(stop.end.name, stop.end.build, stop.end.host)))
    return _Running(running.view, kept)
