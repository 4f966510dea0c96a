"""A scenario worked out: every pair of ends, every chain, and what was expected of them."""

from __future__ import annotations

import msgspec

from qcompat.machine.classify import Classified, Release, classify
from qcompat.machine.scenario.hop import Reason
from qcompat.machine.scenario.journey import Journey, travel
from qcompat.machine.scenario.model import Answer, Build, Expected, Picture, Scenario, Stop, When


class Cell(msgspec.Struct, frozen=True):
    """One pair of ends for one guest, born at `source`; `case` as `classify` tells it."""

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
    chains: tuple[Journey, ...]

    def cell(self, guest: str, source: str, target: str) -> Cell:
        """The cell of that guest and pair; KeyError where there is none."""
        for cell in self.cells:
            if (cell.guest, cell.source, cell.target) == (guest, source, target):
                return cell
        raise KeyError((guest, source, target))

    def chain(self, name: str) -> Journey:
        """The chain of that name; KeyError where there is none."""
        for chain in self.chains:
            if chain.name == name:
                return chain
        raise KeyError(name)


class Checked(msgspec.Struct, frozen=True):
    """An expectation and the verdict that came out."""

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


def _outcome(picture: Picture) -> Outcome:
    return Outcome(
        ends=tuple(end.name for end in picture.ends),
        cells=tuple(
            _cell(picture, guest, Stop(source), Stop(target))
            for guest in picture.guests
            for source in picture.ends
            for target in picture.ends
        ),
        chains=tuple(
            travel(picture, picture.guests[chain.guest], chain.name, chain.stops)
            for chain in picture.chains
        ),
    )


def _cell(picture: Picture, name: str, source: Stop, target: Stop) -> Cell:
    guest = picture.guests[name]
    journey = travel(picture, guest, "", (source, target))
    case = classify(
        guest.machine,
        _release(picture.builds[source.end.build]),
        _release(picture.builds[target.end.build]),
        [_release(build) for build in picture.builds.values()],
    )
    reasons = tuple(reason for hop in journey.hops for reason in hop.reasons)
    if journey.refused:
        reasons = (Reason("blocked", f"the source does not start: {journey.refused}"),)
    if case.lacking:
        reasons = (Reason("blocked", case.summary),)
    return Cell(name, source.end.name, target.end.name, journey.verdict, reasons, case)


def _release(build: Build) -> Release:
    return Release(build.name, build.version, build.name, build.machines)


def _verdict(outcome: Outcome, expected: Expected) -> Answer:
    if expected.chain:
        return outcome.chain(expected.chain).verdict
    return outcome.cell(expected.guest, expected.source, expected.target).verdict
