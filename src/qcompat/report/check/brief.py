"""The first ten lines of an answer: what a reader under pressure needs, and no more.

Both verdicts with what the exit code counted, what the answer stands on, the one reason that
matters most for each way, for what the guest may be refused all the same, and the line to paste. On
80 columns there are never more than ten lines; on fewer, as many more as the width takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from qcompat.report.check.causes import Cause
from qcompat.report.finding import summary_text
from qcompat.report.output import Output
from qcompat.report.terminal.layout import plain, unbroken
from qcompat.report.verdict import exit_text, risks, said
from qcompat.rules.effect import WHENS
from qcompat.rules.registry import RULES
from qcompat.verdict.judgement import Judgement, Verdict, is_breaking

_MOST_LINES = 10
_WIDTH = 80
_LEAD = 9


def write_brief(
    judgement: Judgement, causes: tuple[Sequence[Cause], Sequence[Cause]], out: Output
) -> None:
    """Print them."""
    for line in _Brief(judgement, causes, out).lines():
        unbroken(out.console, line)


class _Brief:
    def __init__(
        self, judgement: Judgement, causes: tuple[Sequence[Cause], Sequence[Cause]], out: Output
    ) -> None:
        self._judgement, self._out, self._console = judgement, out, out.console
        self._forward, self._back = causes
        self._factor = max(1, -(-_WIDTH // self._console.width))

    def lines(self) -> list[Text]:
        """As long a text for the reasons as there is room for."""
        most = _MOST_LINES * self._factor
        for forward, back in ((2, 2), (2, 1), (1, 1), (1, 0)):
            found = [*self._of_forward(forward), *self._of_back(back)]
            if len(found) <= most:
                break
        return found[:most]

    def _of_forward(self, room: int) -> Iterator[Text]:
        judgement, out = self._judgement, self._out
        head = said(judgement.forward) + Text(exit_text(out), "dim")
        yield from self._block("forward", head, 2)
        yield from self._block("", plain(_basis(judgement), "dim"), 2)
        yield from self._risks(judgement.forward)
        yield from self._reason(judgement.forward, self._forward, room)
        yield from self._to_set()

    def _of_back(self, room: int) -> Iterator[Text]:
        verdict = self._judgement.back
        yield from self._block("back", said(verdict), 1)
        yield from self._risks(verdict)
        main = _main(verdict, self._back)
        told = _main(self._judgement.forward, self._forward)
        if main and told and main.is_mirrored and main.first.rule == told.first.rule:
            yield from self._block("", Text("the same, the other way round", "dim"), 1)
        else:
            yield from self._reason(verdict, self._back, room)

    def _risks(self, verdict: Verdict) -> Iterator[Text]:
        if names := risks(verdict):
            yield from self._block("", plain(names, "bold yellow"), 1)

    def _reason(self, verdict: Verdict, causes: Sequence[Cause], room: int) -> Iterator[Text]:
        if room and (main := _main(verdict, causes)):
            text = Text.assemble(plain(f"{main.subject}: "), plain(summary_text(main.first)))
            yield from self._block("", text, room)

    def _to_set(self) -> Iterator[Text]:
        verdict = self._judgement.forward
        main = _main(verdict, self._forward)
        if main is None or main.first.promise == "returns" or _is_beyond_twins(main):
            return
        lines, lost = main.remedies, _beyond_help(self._forward)
        if lost:
            known = lost.first.advisories
            see = f"qcompat explain {known[0]}" if known else "qcompat repair"
            text = f"no property helps {lost.subject}; instead: {see}"
            yield from self._block("set", plain(text), 2)
        elif len(lines) == 1 and (pasted := _pasted(lines[0], self._console.width, self._factor)):
            yield from pasted
        elif lines:
            what = "line" if len(lines) == 1 else f"{len(lines)} lines"
            below = f"the {what} below (all at once: qcompat repair)"
            yield from self._block("set", Text(below), 1)
        elif verdict.verdict == "blocked" or verdict.when == "now":
            yield from self._block("set", Text("not known; to search for it: qcompat repair"), 1)

    def _block(self, name: str, text: Text, most: int) -> list[Text]:
        """The text behind a name, cut to so many lines of the usual width."""
        return cut(self._console, name, text, most * self._factor)


def cut(console: Console, name: str, text: Text, most: int) -> list[Text]:
    """The text hanging behind a name, in at most so many lines; an ellipsis says that it is cut."""
    flat = Text(" ").join(text.split("\n", allow_blank=True))
    width = max(console.width - _LEAD, 11)
    lines = list(flat.wrap(console, width))
    if len(lines) > most:
        for line in lines[most - 1 :]:
            line.rstrip()
        last = Text(" ").join(lines[most - 1 :])
        last.truncate(width, overflow="ellipsis")
        lines[most - 1 :] = [last]
    lead = Text(f"{name:{_LEAD}}", "bold")
    indent = Text(" " * _LEAD)
    return [Text.assemble(indent if number else lead, line) for number, line in enumerate(lines)]


def _main(verdict: Verdict, causes: Sequence[Cause]) -> Cause | None:
    """What matters most: of what the answer follows from, else of what bars the return."""
    if verdict.verdict == "unknown":
        return next((cause for cause in causes if cause.first.undecided), None)
    telling = [cause for cause in causes if any(map(is_breaking, cause.findings))]
    if telling:
        return min(telling, key=lambda cause: WHENS.index(cause.first.when))
    return next((cause for cause in causes if cause.first.promise == "returns"), None)


def _is_beyond_twins(cause: Cause) -> bool:
    """Whether it is about a part that no twin has, which no search for properties reaches."""
    return RULES[cause.first.rule].is_uncovered


def _beyond_help(causes: Sequence[Cause]) -> Cause | None:
    """What bars loading and no property changes: setting anything else would not help either."""
    return next((c for c in causes if c.first.when == "load" and c.first.no_property), None)


def _basis(judgement: Judgement) -> str:
    """The two ends, and what the answer stands on."""
    asked = judgement.guest.accelerators
    other = f" (the line says {asked[0]})" if asked and asked[0] != judgement.accel else ""
    run = f", with {judgement.accel}{other}" if judgement.accel else ""
    hosts = f", hosts {' → '.join(judgement.hosts)}" if judgement.hosts else ", hosts not compared"
    return f"{judgement.source} → {judgement.target}{run}{hosts}"


def _pasted(line: str, width: int, factor: int) -> list[Text]:
    """A line to paste, over two if need be: the shell joins them at the backslash."""
    if "\n" in line or not line.isprintable():
        return []
    lead = Text(f"{'set':{_LEAD}}", "bold")
    rest, found = line, [lead]
    while True:
        room = width - found[-1].cell_len
        if plain(rest).cell_len <= room:
            found[-1] = found[-1] + plain(rest, "green")
            return found
        at = rest.rfind(",", 0, room - 1) + 1
        if at <= 0 or len(found) == 2 * factor or not rest.isascii() or "'" in line:
            return []
        found[-1] = found[-1] + plain(rest[:at] + "\\", "green")
        found.append(Text())
        rest = rest[at:]
