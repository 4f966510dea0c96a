"""A build does not start with the line in which the user gave the guest.

A portrait is taken with stand-ins for back ends, so it shows the guest even where the build knows
nothing of `-netdev stream`, or a member of `-blockdev`. The build was asked about the line itself:
it refuses an option while it reads the line, or a back end when it makes that one alone. A target
that does not start cannot be migrated to. It is the line that bars it, not the guest's hardware:
back ends may differ between the two hosts, and any other that the target has serves the guest as
well.

Certain where the build was made without the word. Likely where only a module may be missing, which
distributions have in packages of their own (`audio-pa.so`, `ui-gtk.so`, `block-rbd.so`), and
possible where the source lacks it here as well: the guest runs on a host that has it. An option
that the build merely spells otherwise is no finding: `qcompat carry` prints the line.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.portrait.portrait import Portrait, RefusedOption
from qcompat.rules.finding import Certainty, Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST

RULE = Rule(
    id="uncovered_option_missing",
    stage="start",
    position=10,
    is_uncovered=True,
    says={
        "target": "The target does not start with this line as it is, so nothing can be migrated "
        "to it: {option}: {message}. {advice}",
        "source": "The source does not start with this line as it is, so there is nothing to "
        "migrate: {option}: {message}. {advice}",
        "both": "Neither end starts with this line as it is: {option}: {message}. {advice}",
        "module": "Neither end starts with this line as it is installed here: {option}: {message}. "
        "If the source's host has the module, see that the target's has it too",
    },
    foretells=("not startable",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    here, there = _refused(comparison.source), _refused(comparison.target)
    if not here and not there:
        return
    from qcompat.rules.guest.refused_option import described  # which few guests need

    for words, refused in {**here, **there}.items():
        is_module = words in here and here[words].is_module
        known = described(refused)
        if known is None or (is_module and words not in there):  # the guest runs on the source
            continue
        case = "source" if words not in there else "both" if words in here else "target"
        ends = (None if words in end else "known" for end in (here, there))
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty=_certainty(refused, is_module=is_module),
            subject=GUEST,
            case="module" if is_module else case,
            args={"option": known.name, "message": known.message, "advice": known.advice},
            evidence=(Evidence(known.name, *ends),),
        )


def _refused(portrait: Portrait) -> dict[tuple[str, ...], RefusedOption]:
    return {refused.words: refused for refused in portrait.refused}


def _certainty(refused: RefusedOption, *, is_module: bool) -> Certainty:
    if is_module:
        return "possible"
    return "likely" if refused.is_module else "certain"
