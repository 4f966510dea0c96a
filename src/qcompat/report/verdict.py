"""A verdict in words, and what the exit code says of it: the same in every answer that has one."""

from __future__ import annotations

from rich.text import Text

from qcompat.report.finding import called
from qcompat.report.output import Output
from qcompat.report.terminal.layout import plain
from qcompat.rules.finding import Finding
from qcompat.verdict.gate import Exit
from qcompat.verdict.judgement import Answer, Verdict, is_risk

MEANINGS: dict[str, str] = {
    "ok": "loads, the guest sees no change",
    "drift at reset": "loads, changes at a reset",
    "drift": "loads, the running guest notices",
    "blocked": "does not load",
    "unknown": "too little is known",
}
"""By the word of a verdict (`Verdict.word`)."""
STYLES: dict[Answer, str] = {
    "ok": "bold green",
    "drift": "bold yellow",
    "blocked": "bold red",
    "unknown": "bold magenta",
}
_MOST_RISKS = 3


def is_note(finding: Finding) -> bool:
    """Whether a finding is only a possible change, so that it is counted rather than shown."""
    return finding.certainty == "possible" and not finding.undecided and not is_risk(finding)


def style_of(verdict: Verdict) -> str:
    """The colour of an answer; what waits for a reset is no warning."""
    return "bold cyan" if verdict.when == "reset" else STYLES[verdict.verdict]


def answered(verdict: Verdict, more: str = "") -> Text:
    """The same, and for what the target may refuse the guest all the same."""
    may = f"; {named}" if (named := risks(verdict)) else ""
    return said(verdict, more).append(may, "not bold default")


def said(verdict: Verdict, more: str = "") -> Text:
    """The answer with its meaning, in its colour; `more` follows the meaning."""
    meaning = f": {MEANINGS[verdict.word]}{more}"
    return Text(verdict.word, style_of(verdict)).append(meaning, "not bold default")


def risks(verdict: Verdict) -> str:
    """For what the target may refuse the guest all the same; empty where it is for nothing."""
    named = tuple(dict.fromkeys(called(finding.subject) for finding in verdict.may_refuse))
    if not named:
        return ""
    more = f" and {len(named) - _MOST_RISKS} more" if len(named) > _MOST_RISKS else ""
    shown = ", ".join(named[:_MOST_RISKS]) + more
    return plain(f"may be refused: {shown} (by what it did)").plain


def exit_text(out: Output) -> str:
    """`[exit 0: --promise running]`, behind an answer; empty where there is none."""
    if out.exit is None:
        return ""
    strict = " --strict" if out.exit.gate.is_strict else ""
    return f" [exit {out.exit.code}: --promise {out.exit.gate.goal}{strict}]"


def exit_members(end: Exit | None) -> dict[str, object]:
    """The same in a document."""
    if end is None:
        return {}
    gate = end.gate
    return {"exit": {"code": end.code, "promise": gate.goal, "strict": gate.is_strict}}
