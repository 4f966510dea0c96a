"""What a build does not take of the line in which the user gave a guest, back ends included.

A twin has stand-ins for back ends, so that a portrait shows the guest where a build knows nothing
of them. But a target that does not know `-netdev stream` or `-audiodev pa` does not start with the
user's line, and nothing can be migrated to it. So each build is asked (`refused_options`), once:
here is what it answered before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.fingerprint import fingerprint
from qcompat.errors import UNDECODABLE, BuildError
from qcompat.guest import command_line
from qcompat.guest.known_options import is_backend
from qcompat.local.event_loop import wait_for_event_loop
from qcompat.local.whole_file import write_whole
from qcompat.portrait.portrait import Gap, Portrait, RefusedOption

_PART = "the line's back ends"
_FORMAT = 1


class Answers:
    """What a build answered before: kept by its files and the question.

    Errors: BuildError where a file of the build is gone.
    """

    def __init__(self, build: Build, cache: Path) -> None:
        self._place = cache / "lines" / fingerprint(build)[:16]

    def kept(self, question: Sequence[str], type_: Any) -> list[Any]:
        """The answer, of this type, alone in a list; an empty one where it is not known."""
        try:
            found: list[Any] = msgspec.json.decode(
                self._file(question).read_bytes(), type=list[type_]
            )
        except (OSError, *UNDECODABLE):
            return []
        return found

    def keep(self, question: Sequence[str], answer: object) -> None:
        """Keep an answer. Errors: StoreError."""
        write_whole(self._file(question), msgspec.json.encode([answer]))

    def _file(self, question: Sequence[str]) -> Path:
        text = "\0".join((str(_FORMAT), *question)).encode(errors="surrogateescape")
        return self._place / hashlib.sha256(text).hexdigest()


def of_line(words: Sequence[str]) -> tuple[str, ...]:
    """The question about a whole line."""
    return ("line", *words)


async def with_refused(
    portrait: Portrait, build: Build | None, words: Sequence[str], cache: Path
) -> Portrait:
    """The portrait, with what its build refuses of the user's own line.

    A gap says why the build could not be asked: it is not on this machine (None), for one.
    Errors: StoreError.
    """
    if build is None:
        return _unasked(portrait, words, "it is not on this machine")
    try:
        known = Answers(build, cache).kept(of_line(words), tuple[RefusedOption, ...])
        refused = known[0] if known else await _ask(build, words, cache)
    except BuildError as error:
        return _unasked(portrait, words, error.message)
    return msgspec.structs.replace(portrait, refused=refused)


def asked_now(portrait: Portrait, build: Build, words: Sequence[str], cache: Path) -> Portrait:
    """As `with_refused`, for a caller that can wait. Errors: StoreError."""
    if not words:
        return portrait
    from qcompat.portrait.refused_options import refused_options

    try:
        return msgspec.structs.replace(portrait, refused=refused_options(build, words, cache))
    except BuildError as error:
        return _unasked(portrait, words, error.message)


async def _ask(build: Build, words: Sequence[str], cache: Path) -> tuple[RefusedOption, ...]:
    # Asking needs much that a check on what is known must not pay for.
    import asyncio

    await wait_for_event_loop()
    from qcompat.portrait.refused_options import refused_options

    return await asyncio.to_thread(refused_options, build, words, cache)


def _unasked(portrait: Portrait, words: Sequence[str], why: str) -> Portrait:
    if not any(name and is_backend(name) for name, _ in command_line.split(words)):
        return portrait
    gap = Gap(_PART, f"{portrait.build} was not asked whether it has them: {why}")
    return msgspec.structs.replace(portrait, gaps=(*portrait.gaps, gap))
