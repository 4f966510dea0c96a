"""Findings grouped by their cause: what one cause does to twelve disks is told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from qcompat.report.finding import called, summary_text
from qcompat.report.terminal.plain import listed
from qcompat.report.verdict import is_note
from qcompat.rules.finding import Evidence, Finding
from qcompat.verdict.judgement import Judgement

_MOST_NAMED = 4
_Kind = tuple[object, ...]


class Told(msgspec.Struct, frozen=True):
    """What is said of some parts of the guest in the same words, with what it stands on."""

    summary: str
    findings: tuple[Finding, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """The parts in words, each once."""
        return tuple(dict.fromkeys(called(finding.subject) for finding in self.findings))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What all of them stand on."""
        return tuple(dict.fromkeys(each for finding in self.findings for each in finding.evidence))


class Cause(msgspec.Struct, frozen=True):
    """One cause, gravest in `first`, and what it does to each part. `number` is for `--why`.

    `is_mirrored`: on the way back, the same as a cause of the way forward, the other way round.
    """

    number: int
    findings: tuple[Finding, ...]
    is_mirrored: bool = False

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def told(self) -> tuple[Told, ...]:
        """Its findings by what is said of them."""
        words = [summary_text(finding) for finding in self.findings]
        return tuple(
            Told(each, tuple(f for f, w in zip(self.findings, words, strict=True) if w == each))
            for each in dict.fromkeys(words)
        )

    @property
    def subject(self) -> str:
        """The part that it is about, or how many there are of which type."""
        subjects = tuple(dict.fromkeys(called(finding.subject) for finding in self.findings))
        if len(subjects) == 1:
            return subjects[0]
        types = {finding.subject.type for finding in self.findings}
        named = types.pop() if len(types) == 1 else ""
        return f"{len(subjects)} × {named}" if named else listed(subjects, most=1)

    @property
    def remedies(self) -> tuple[str, ...]:
        """What to set, each once."""
        return tuple(dict.fromkeys(f.remedy for f in self.findings if f.remedy))


def causes_of(judgement: Judgement) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """The causes of both ways, gravest first, numbered through: those that are shown first."""
    forward = causes_in(judgement.forward.findings)
    back = causes_in(judgement.back.findings, forward)
    order = sorted((*forward, *back), key=lambda cause: is_hidden(cause) or cause.is_mirrored)
    numbers = {id(cause): number for number, cause in enumerate(order, 1)}
    ways = (
        tuple(msgspec.structs.replace(cause, number=numbers[id(cause)]) for cause in causes)
        for causes in (forward, back)
    )
    return next(ways), next(ways)


def is_hidden(cause: Cause) -> bool:
    """Whether a cause is only a possible change, so that it is counted rather than shown."""
    return all(map(is_note, cause.findings))


def named(subjects: Sequence[str], *, verbose: bool) -> str:
    """Parts in a list, the first few unless all are wanted."""
    return listed(subjects, most=_MOST_NAMED, verbose=verbose)


def causes_in(findings: Iterable[Finding], others: Iterable[Cause] = ()) -> tuple[Cause, ...]:
    """The causes of some findings, numbered from 1; `others` are those of the other way."""
    groups: dict[_Kind, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_kind(finding), []).append(finding)
    mirrored = {_mirror(other.findings) for other in others}
    return tuple(
        Cause(number, tuple(found), _mirror(tuple(found), turned=True) in mirrored)
        for number, found in enumerate(groups.values(), 1)
    )


def _kind(finding: Finding) -> _Kind:
    return (
        *(finding.rule, finding.case, finding.promise, finding.certainty, finding.undecided),
        *(finding.when, finding.no_property, finding.was_reset, finding.advisories),
    )


def _mirror(findings: tuple[Finding, ...], *, turned: bool = False) -> _Kind:
    """What findings of both ways share that say the same of them."""
    parts = frozenset(
        (
            called(finding.subject),
            tuple(
                (e.what, *((e.target, e.source) if turned else (e.source, e.target)))
                for e in finding.evidence
            ),
        )
        for finding in findings
    )
    first = findings[0]
    return (first.rule, first.promise, first.certainty, first.undecided, parts)
