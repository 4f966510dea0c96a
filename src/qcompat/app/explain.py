"""The question about a log: what went wrong; with a guest and its builds, which cause it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from qcompat.explain.explain import explain as read
from qcompat.explain.explanation import Explanation

if TYPE_CHECKING:
    from qcompat.app.check import CheckQuestion
    from qcompat.portrait.portraits import Portraits
    from qcompat.rules.finding import Finding


class Explained(msgspec.Struct, frozen=True):
    """What the text says. `found` are, for each problem, what a check of the guest says to it;
    `is_checked` whether there was one, between the builds named `source` and `target`.
    """

    text: str
    explanation: Explanation
    found: tuple[tuple[Finding, ...], ...] = ()
    is_checked: bool = False
    source: str = ""
    target: str = ""


def explain(text: str, *, is_cut: bool = False) -> Explained:
    """What a text says by itself."""
    return Explained(text, read(text, is_cut=is_cut))


async def explain_guest(
    explained: Explained, question: CheckQuestion, portraits: Portraits
) -> Explained:
    """The same, with the causes that a check of the guest finds in front. Errors: as `check`."""
    from qcompat.app.check import check
    from qcompat.explain.checked import found_by_check, ranked

    checked = await check(question, portraits)
    findings = checked.judgement.forward.findings
    problems = explained.explanation.problems
    found = tuple(found_by_check(problem, findings) for problem in problems)
    pairs = zip(problems, found, strict=True)
    return msgspec.structs.replace(
        explained,
        explanation=msgspec.structs.replace(
            explained.explanation, problems=tuple(ranked(*pair) for pair in pairs)
        ),
        found=found,
        is_checked=True,
        source=checked.judgement.source,
        target=checked.judgement.target,
    )
