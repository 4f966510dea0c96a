"""What one build makes of a guest, to be compared with another's anywhere."""

from __future__ import annotations

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.impossible_guest import refuse_impossible_guest
from qcompat.errors import UsageError
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import End, Portraits, is_file


class PortraitQuestion(msgspec.Struct, frozen=True):
    """A guest, and a build that is to make it."""

    build: End
    asked: AskedGuest


async def take_portrait(question: PortraitQuestion, portraits: Portraits) -> Portrait:
    """The portrait, from the cache or taken now.

    Errors: UsageError where `build` is a file or no guest is given, GuestError where the build
    does not start the guest, and as `Portraits.of`.
    """
    build, asked = question.build, question.asked
    if isinstance(build, str) and is_file(build):
        raise UsageError(f"{build} is a file", "name a build: `qcompat builds list`")
    if asked.guest is None:
        raise UsageError("no guest is given", "QEMU's arguments come after `--`")
    taken = await asked.portrait_on(portraits, build)
    refuse_impossible_guest(taken)
    return taken
