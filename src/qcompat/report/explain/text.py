"""An explanation for a reader under pressure: what is wrong, why, and what to do, in that order.

Written without rich, whose import would take longer than the answer.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qcompat.app.explain import Explained
from qcompat.explain.explanation import Explanation, Likely, Problem, Said
from qcompat.report.output import Output
from qcompat.report.terminal.plain import counted, printable

if TYPE_CHECKING:
    from qcompat.rules.finding import Finding

_MOST_CAUSES = 3
_MOST_PROBLEMS = 5
_MOST_FOLLOWING = 6
_LONGEST = 300
_WIDEST = 100
COLLECT = (
    "the logs of both ends at the same moment (libvirt: /var/log/libvirt/qemu/NAME.log on the "
    "source and on the target)",
    "the command lines of both QEMUs (/proc/PID/cmdline, or in those logs)",
    "both builds (what --version says, and the packages) and what both hosts offer: "
    "qcompat host capture",
)
_GOOD_FOR = {
    "symptom": "only sees it from another side",
    "place": "says where",
    "warning": "a warning",
    "summary": "says no more",
    "cause": "came with it",
}


def write(answer: Explained, out: Output) -> None:
    """The problems first to last, what follows from them, or what an unknown text resembles."""
    explanation = answer.explanation
    page = _Page(out)
    if not explanation.problems:
        _write_unknown(explanation, page)
    for number, problem in enumerate(explanation.problems[:_MOST_PROBLEMS]):
        found = answer.found[number] if answer.found else ()
        _write_problem(number, problem, page, out.verbose)
        if answer.is_checked:
            _write_check(answer, found, page)
    if (more := len(explanation.problems) - _MOST_PROBLEMS) > 0:
        page.line(f"\n{counted(more, 'further problem')} (--json shows)")
    _write_following(explanation.follows, page, out.verbose)
    if explanation.is_cut:
        page.line("\nThe text is too long: only its end was read (16 MiB, 200,000 lines).")


class _Page:
    """Wrapped paragraphs, with foreign text made safe."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)

    def line(self, text: str) -> None:
        """One line as it is."""
        self._out.write(printable(text) + "\n")

    def blank(self) -> None:
        """An empty line."""
        self._out.write("\n")

    def hang(self, lead: str, text: str) -> None:
        """A paragraph to the right of `lead`."""
        wrapped = textwrap.wrap(
            printable(text),
            max(self._width, len(lead) + 20),
            initial_indent=lead,
            subsequent_indent=" " * len(lead),
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._out.write("\n".join(wrapped or [lead.rstrip()]) + "\n")


def _write_problem(number: int, problem: Problem, page: _Page, verbose: bool) -> None:
    if number:
        page.blank()
    page.hang("", _title(number, problem))
    page.hang("", f"{_capital(problem.means)}.")
    page.blank()
    page.hang(f"  line {problem.said.line}  ", _shortened(problem.said.text))
    page.hang("  from    ", problem.by + (f"; in the {problem.on}'s log" if problem.on else ""))
    most = len(problem.causes) if verbose else _MOST_CAUSES if not number else 1
    for rank, cause in enumerate(problem.causes[:most], 1):
        _write_cause(rank, cause, page)
    if (more := len(problem.causes) - most) > 0:
        page.line(f"\n  {counted(more, 'less frequent cause')} (-v shows)")
    for reference in problem.references if verbose else ():
        page.line(f"  see     {reference}")


def _title(number: int, problem: Problem) -> str:
    place = f": {problem.device}" if problem.device else ""
    if problem.is_earlier:
        return f"At an earlier start: {problem.said.title}{place}"
    return f"{'Then: ' if number else ''}{problem.said.title}{place}"


def _write_cause(number: int, cause: Likely, page: _Page) -> None:
    page.blank()
    found = " (A check of the guest finds this.)" if cause.is_shown else ""
    page.hang(f"  {number}. ", f"{_capital(cause.why)}.{found}")
    page.hang("     Do: ", cause.do + ".")
    if cause.set:
        page.line(f"         {cause.set}")
    if cause.advisories:
        page.hang("     advisory ", ", ".join(cause.advisories))
    for reference in cause.references:
        page.line(f"     see {reference}")


def _write_check(answer: Explained, found: Sequence[Finding], page: _Page) -> None:
    from qcompat.report.finding import called, summary_text

    page.blank()
    way = f"from {answer.source} to {answer.target}"
    if not found:
        page.hang("", f"A check of the guest {way} finds nothing that foretells this message.")
        return
    page.hang("", f"A check of the guest {way} finds:")
    for finding in found:
        page.hang("  - ", f"{called(finding.subject)}: {summary_text(finding)} ({finding.rule})")
        if finding.remedy:
            page.line("    set on the target:")
            for line in finding.remedy.splitlines():
                page.line(f"      {line}")


def _write_following(follows: Sequence[Said], page: _Page, verbose: bool) -> None:
    if not follows:
        return
    page.blank()
    page.line("Follows from it, or says no more:")
    most = len(follows) if verbose else _MOST_FOLLOWING
    for said in follows[:most]:
        times = f" ({said.count} times)" if said.count > 1 else ""
        page.hang(
            f"  line {said.line}  ", f"{_shortened(said.text)}{times} ({_GOOD_FOR[said.role]})"
        )
    if len(follows) > most:
        page.line(f"  {len(follows) - most} more (-v shows)")


def _write_unknown(explanation: Explanation, page: _Page) -> None:
    page.line("No message in this text is known here.")
    if explanation.nearest:
        page.line("\nNearest to it:")
        for before, near in zip((None, *explanation.nearest), explanation.nearest, strict=False):
            if before is None or before.line != near.line:
                page.hang(f"  line {near.line}  ", _shortened(near.text))
            page.hang("    like  ", f"{near.template} ({near.title})")
    page.line("\nTo find the cause, collect:")
    for each in COLLECT:
        page.hang("  - ", each)
    page.blank()
    page.hang("", "With --report, the text is printed ready to send, personal data replaced.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
