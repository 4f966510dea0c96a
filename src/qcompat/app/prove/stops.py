"""From the words of the command line to the stops of a trial."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qcompat.builds.registry import Registry
from qcompat.errors import GuestError, UsageError
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.portrait.portraits import SUFFIX
from qcompat.trial.stop import Stop


def stops_asked(
    names: Sequence[str],
    guest: Guest | None,
    registry: Registry,
    *,
    back: bool = False,
    reset_at: Sequence[str] = (),
) -> tuple[Stop, ...]:
    """The stops named, with the way back where it is asked for. Raises UsageError."""
    if len(names) < 2:
        raise UsageError(
            "a trial needs a source and a target",
            "name two builds or more: qcompat prove SOURCE TARGET -- QEMU ARGUMENTS",
        )
    _refuse_portraits(names)
    if guest is None:
        raise GuestError(
            "no guest is given",
            "put QEMU's arguments after `--`, or use --machine and --device",
        )
    way = (*names, names[0]) if back else tuple(names)
    stops = tuple(Stop(registry.get(name), startable(guest)) for name in way)
    return _with_resets(stops, reset_at)


def _refuse_portraits(names: Sequence[str]) -> None:
    for name in names:
        if name.endswith(SUFFIX):
            raise UsageError(
                f"{name} is a portrait file, and a trial needs builds to run",
                "name builds: `qcompat builds list`; portraits are compared by `qcompat check`",
            )


def _with_resets(stops: tuple[Stop, ...], reset_at: Sequence[str]) -> tuple[Stop, ...]:
    wanted = {at for word in reset_at for at in _places(word, stops)}
    return tuple(
        msgspec.structs.replace(stop, reset=at in wanted) for at, stop in enumerate(stops, 1)
    )


def _places(word: str, stops: tuple[Stop, ...]) -> tuple[int, ...]:
    """The stops that a number, counted from 1, or a build's name means."""
    named = tuple(at for at, stop in enumerate(stops, 1) if stop.build.name == word)
    if named:
        return named
    if word.isdecimal() and 1 <= int(word) <= len(stops):
        return (int(word),)
    names = ", ".join(dict.fromkeys(stop.build.name for stop in stops))
    raise UsageError(
        f"--reset-at {word} is not a stop of this trial",
        f"give a number from 1 to {len(stops)}, or one of {names}",
    )
