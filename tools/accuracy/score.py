"""Verdicts against what really happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from qcompat.report.finding import summary_text
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Judgement, Verdict
from tools.accuracy.cases import Case, Result
from tools.accuracy.measure import GroundTruth


class Scored(msgspec.Struct, frozen=True):
    """One cell: what was said and what happened."""

    result: Result
    verdict: Verdict

    @property
    def loads(self) -> bool:
        """What really happened."""
        return self.result.kind == "loaded"

    @property
    def kind(self) -> str:
        """`right`, `unknown`, `missed` (said to load, and failed) or `false_alarm`."""
        if self.verdict.verdict == "unknown":
            return "unknown"
        said = self.verdict.verdict in ("ok", "drift")
        if said == self.loads:
            return "right"
        return "missed" if said else "false_alarm"

    @property
    def names_difference(self) -> bool:
        """Whether a finding names what the two guests differ in."""
        text = " ".join(
            f"{summary_text(finding)} {finding.remedy} "
            + " ".join(f"{e.what} {e.source} {e.target}" for e in finding.evidence)
            for finding in self.verdict.findings
        )
        return any(name in text for name in self.result.differs.split("|"))


def score(cases: Iterable[Case], truth: GroundTruth) -> list[Scored]:
    """Judge every cell whose outcome is known, from portraits alone."""
    known: dict[str, list[Result]] = {}
    for result in truth.results():
        known.setdefault(result.key, []).append(result)
    return [
        scored for case in cases for scored in _score_case(case, known.get(case.key, []), truth)
    ]


def _score_case(case: Case, results: list[Result], truth: GroundTruth) -> list[Scored]:
    judged: dict[tuple[str, str], Judgement] = {}
    scored = []
    for known in results:
        if known.kind == "no_stream":
            continue
        result = msgspec.structs.replace(known, case=case.label, differs=case.differs)
        pair = (result.source, result.target)
        if case.source == case.target and pair[::-1] in judged:
            scored.append(Scored(result, judged[pair[::-1]].back))
            continue
        source = truth.get(result.source, case.source)
        target = truth.get(result.target, case.target)
        judged[pair] = judge(source, target)
        scored.append(Scored(result, judged[pair].forward))
    return scored


def counts(scored: Iterable[Scored]) -> Mapping[str, int]:
    """How often each kind of answer was given."""
    return Counter(one.kind for one in scored)
