"""A command line as it is printed: read by the build that it is for.

Options that the build does not have are written as it has them (`remedy.gone`); what nothing can
say there is named, and then there is no line to paste. What the guest sees of the line is tried
elsewhere, by its portrait on the build; here is the rest of it, which a portrait leaves out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.back_ends import Lack, lacking_kind
from qcompat.builds.learn.parse_line import complaint, reads_json
from qcompat.builds.registry import Registry
from qcompat.errors import BuildError
from qcompat.guest.back_end_kinds import back_end_kinds
from qcompat.guest.known_options import find, is_backend
from qcompat.remedy.gone import Change, Refused, advice, merged, refused_in, translate
from qcompat.remedy.json_form import is_json, without_json
from qcompat.remedy.options import Options, Written
from qcompat.remedy.voices import name_voices


class Unusable(msgspec.Struct, frozen=True):
    """An option that the build refuses and nothing replaces: its words, and what to do."""

    given: tuple[str, ...]
    message: str
    advice: str = ""


class StartLine(msgspec.Struct, frozen=True):
    """A line for one build. `words` are the user's own, with `changes` in them.

    It starts there only where nothing is `unusable`. `untried` says why the build could not be
    asked: then the words are the user's own. `has_stand_ins` says that they are not, since the
    guest is known from a portrait alone.
    """

    build: str
    words: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    untried: str = ""
    has_stand_ins: bool = False


async def start_line(
    registry: Registry, build: str, words: Sequence[str], *, has_stand_ins: bool = False
) -> StartLine:
    """The line as `build` reads it."""
    found = await _asked(registry, build, words)
    stands_in = any(each.name and is_backend(each.name) for each in Options(words).all())
    return msgspec.structs.replace(found, has_stand_ins=has_stand_ins and stands_in)


async def _asked(registry: Registry, build: str, words: Sequence[str]) -> StartLine:
    if build not in registry.names():
        return StartLine(build, tuple(words), untried=f"{build} is not on this machine")
    try:
        return await asyncio.to_thread(_read_by, registry.get(build), tuple(words))
    except BuildError as error:
        return StartLine(build, tuple(words), untried=error.message)


def _read_by(build: Build, words: tuple[str, ...]) -> StartLine:
    reading = _Reading(build, words)
    reading.read()
    return StartLine(
        build.name, reading.line.words(), merged(reading.changes), tuple(reading.unusable)
    )


class _Reading:
    """A line while a build reads it: whatever it refuses is changed, or set aside."""

    def __init__(self, build: Build, words: tuple[str, ...]) -> None:
        self._build = build
        self.line = Options(words)
        self.changes: list[Change] = []
        self.unusable: list[Unusable] = []
        self._aside: list[Written] = []
        self._lacking: set[str] = set()
        self._lacks_of: dict[tuple[str, str], Lack | None] = {}

    def read(self) -> None:
        """Until the build has nothing more to say."""
        self._forms()
        self._options()
        for option in self._asked():
            for kind in back_end_kinds(option.read()):
                if lack := self._lack(kind.option, kind.kind):
                    self._lacks(option, kind.kind, lack)
                    break
        if self.line.named("device") and self._wants_named_voices():
            self.changes += name_voices(self.line)
        self._options()

    def _forms(self) -> None:
        """JSON is written as key=value where the build does not read it."""
        reads = {
            name: reads_json(self._build, name, find(name)[1].implied)
            for name in {each.name for each in self._asked() if is_json(each)}
        }
        for option in [each for each in self._asked() if not reads.get(each.name, True)]:
            if is_json(option) and (change := without_json(option)):
                self.changes.append(change)

    def _lack(self, option: str, kind: str) -> Lack | None:
        if (option, kind) not in self._lacks_of:
            self._lacks_of[option, kind] = lacking_kind(self._build, option, kind)
        return self._lacks_of[option, kind]

    def _lacks(self, option: Written, kind: str, lack: Lack) -> None:
        if lack.is_module:  # in a package of its own, which the host may have
            self.changes.append(Change(option.words, option.words, lack.message))
        else:
            self._settle(option, Refused(lack.message, value=kind))

    def _options(self) -> None:
        while told := complaint(self._build, [each.words for each in self._asked()]):
            option = next(each for each in self._asked() if each.words == told.words)
            self._settle(option, refused_in(told.message))

    def _settle(self, option: Written, refused: Refused) -> None:
        before = self.line.words()
        if not refused.parameter and not refused.value:
            self._lacking.add(option.name)
        change = translate(self.line, option, refused, self._lacking)
        if change is not None and self.line.words() != before:
            self.changes.append(change)
            return
        self._aside.append(option)
        advised = advice(option, refused)
        self.unusable.append(Unusable(option.words, refused.message, advised))

    def _asked(self) -> list[Written]:
        return [each for each in self.line.all() if each.name and each not in self._aside]

    def _wants_named_voices(self) -> bool:
        """From 8.2 on an -audiodev counts only where it is named; -audio has the default then."""
        return complaint(self._build, [("-audio", "none")]) is None
