"""An explanation to send to whoever is asked for help, with personal data replaced."""

from __future__ import annotations

from qcompat import __version__
from qcompat.app.explain import Explained
from qcompat.explain.redact import redacted
from qcompat.report.explain.text import COLLECT
from qcompat.report.output import Output
from qcompat.report.terminal.plain import printable

_MOST = 60_000


def write(answer: Explained, out: Output) -> None:
    """What was found, what else is needed, and the end of the text itself."""
    out.write(f"A migration failed (read by qcompat {__version__})\n\n")
    problems = answer.explanation.problems
    for problem in problems:
        out.write(printable(redacted(f"- {problem.said.title}: {problem.means}\n")))
        out.write(printable(redacted(f"  line {problem.said.line}: {problem.said.text}\n")))
    if not problems:
        out.write("- no message of it is known to qcompat\n")
        for near in answer.explanation.nearest:
            out.write(f"  nearest: {near.title}\n")
    out.write("\nTo be added:\n")
    out.writelines(f"- {each}\n" for each in COLLECT)
    text = answer.text[-_MOST:]
    out.write(f"\nThe text{' (its end)' if len(text) < len(answer.text) else ''}:\n\n")
    out.writelines(f"    {printable(line)}\n" for line in redacted(text).splitlines())
