"""What a real check of the guest says to a message: the findings that foretell it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.explain.explanation import Problem
from qcompat.rules.finding import Finding
from qcompat.rules.subject import address_of


def found_by_check(problem: Problem, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings about what the message is about, those that break `loads` first."""
    rules = {rule for cause in problem.causes for rule in cause.rules}
    known = {name for cause in problem.causes for name in cause.advisories}
    found = [
        finding
        for finding in findings
        if (finding.rule in rules and _is_about(problem, finding))
        or finding.args.get("advisory") in known
    ]
    return tuple(sorted(found, key=lambda finding: finding.promise != "loads"))


def ranked(problem: Problem, found: Iterable[Finding]) -> Problem:
    """The problem, its causes in the order in which the findings speak for them."""
    rules = {finding.rule for finding in found}
    named = {finding.args.get("advisory") for finding in found}
    causes = [
        msgspec.structs.replace(
            cause, is_shown=bool(rules & set(cause.rules) or named & set(cause.advisories))
        )
        for cause in problem.causes
    ]
    causes.sort(key=lambda cause: not cause.is_shown)
    return msgspec.structs.replace(problem, causes=tuple(causes))


def _is_about(problem: Problem, finding: Finding) -> bool:
    """Whether the finding may be about the message's device; a guest as a whole is always."""
    subject = finding.subject
    if subject.is_whole_guest or subject.kind == "cpu" or not problem.device:
        return not problem.details.get("block") or subject.block == problem.details["block"]
    if address := address_of(problem.device):
        return subject.address == address
    return problem.device in (subject.section, subject.block, subject.type, "ram", "cpu")
