"""Asking a build what it does not take of the line in which the user gave a guest.

What it says while it reads the line is `builds.learn.parse_line`, what to each kind of back end
alone `builds.learn.back_ends`. Every answer is kept, by the build's files and the question: few
back ends are asked about twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from qcompat.builds.build import Build
from qcompat.builds.learn.back_ends import Lack, lacking_kind, lacking_member
from qcompat.builds.learn.parse_line import complaint, reads_json
from qcompat.guest import command_line, sugar
from qcompat.guest.back_end_kinds import BackEndKind, back_end_kinds
from qcompat.guest.known_options import find
from qcompat.guest.option import format_fields
from qcompat.portrait.own_line import Answers, of_line
from qcompat.portrait.portrait import RefusedOption


def refused_options(build: Build, words: Sequence[str], cache: Path) -> tuple[RefusedOption, ...]:
    """The options of a user's line that the build does not take, in the order of the line.

    Each is named with the first thing that the build says to it. Errors: BuildError when the build
    cannot be asked, StoreError.
    """
    return _Asked(build, cache).refused(words) if words else ()


class _Asked:
    """A build that is asked, and what it answered before. Errors: BuildError."""

    def __init__(self, build: Build, cache: Path) -> None:
        self._build = build
        self._answers = Answers(build, cache)

    def refused(self, words: Sequence[str]) -> tuple[RefusedOption, ...]:
        """The options that the build does not take; each once, with the first that it says."""
        asked = [own for name, own in command_line.split(words) if name]
        found: tuple[RefusedOption, ...] = self._kept(
            of_line(words),
            tuple[RefusedOption, ...],
            lambda: tuple(sorted(self._refused(asked), key=lambda each: asked.index(each.words))),
        )
        return found

    def _refused(self, options: Sequence[tuple[str, ...]]) -> Iterator[RefusedOption]:
        rest = {own: self._spelt(own) for own in options}
        while told := complaint(self._build, list(rest.values())):
            own = next(own for own, spelt in rest.items() if spelt == told.words)
            yield RefusedOption(own, told.message)
            del rest[own]
        for own in rest:
            if found := next(self._lacks(own), None):
                yield found

    def _spelt(self, own: tuple[str, ...]) -> tuple[str, ...]:
        """JSON as key=value where the build does not read it: that is only a spelling."""
        (option,) = command_line.read(own)
        implied = find(option.name)[1].implied
        if len(own) < 2 or not own[1].startswith("{") or not implied:
            return own
        question = ("json", option.name, implied)
        reads = self._kept(question, bool, lambda: reads_json(self._build, option.name, implied))
        return own if reads else (own[0], format_fields(option.pairs, implied))

    def _lacks(self, own: tuple[str, ...]) -> Iterator[RefusedOption]:
        (option,) = command_line.read(own)
        for made in (option,) if option.name == "set" else sugar.expand([option]):
            for kind in back_end_kinds(made):
                if (found := self._kind(kind)) or (found := self._member(kind)):
                    yield RefusedOption(
                        own,
                        found.message,
                        "" if found.member else kind.kind,
                        found.member,
                        found.is_module,
                    )

    def _kind(self, kind: BackEndKind) -> Lack | None:
        found: Lack | None = self._kept(
            ("kind", kind.option, kind.kind),
            Lack | None,
            lambda: lacking_kind(self._build, kind.option, kind.kind),
        )
        return found

    def _member(self, kind: BackEndKind) -> Lack | None:
        keys = "\0".join(sorted({key for key, _ in kind.members}))
        found: Lack | None = self._kept(
            ("members", kind.option, kind.kind, keys),
            Lack | None,
            lambda: lacking_member(self._build, kind.option, kind.kind, kind.members),
        )
        return found

    def _kept(self, question: Sequence[str], type_: Any, ask: Callable[[], Any]) -> Any:
        """The answer to a question, asked once for these files of the build."""
        known = self._answers.kept(question, type_)
        if not known:
            known = [ask()]
            self._answers.keep(question, known[0])
        return known[0]
