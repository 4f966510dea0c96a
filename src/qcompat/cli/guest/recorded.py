"""What every command of `guest` needs: the guest's lineage, its portraits, the time."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qcompat.errors import UsageError
from qcompat.lineage.lineage import Lineage, PowerCycle
from qcompat.portrait.portrait import Portrait

if TYPE_CHECKING:
    from sqlalchemy import Engine


def now() -> str:
    """The time as events have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def recorded(engine: Engine, name: str) -> Lineage:
    """The lineage of a guest that is known. Errors: UsageError."""
    from qcompat.store.lineages import lineage, names

    found = lineage(engine, name)
    if not found.length:
        raise _unknown(name, names(engine))
    return found


def portraits_of(engine: Engine, cycle: PowerCycle) -> Mapping[str, Portrait]:
    """The stored portraits of a guest, one for each build it has run on, by digest."""
    from qcompat.store.portraits import kept

    return kept(engine, (placement.portrait for placement in cycle.placements))


def _unknown(name: str, known: tuple[str, ...]) -> UsageError:
    close = difflib.get_close_matches(name, known, 3, 0.5)
    if close:
        hint = f"did you mean {' or '.join(close)}?"
    else:
        hint = f"record its start first: qcompat guest start {name} BUILD -- ARGUMENTS"
    return UsageError(f"no guest named {name!r} was ever recorded", hint)
