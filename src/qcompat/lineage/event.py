"""What happens to a guest from power-on to power-off, as it is recorded.

An event tells what was known when it happened and is never changed; what follows from all of
them is `lineage`. `at` is given in by whoever records: UTC, `2026-05-03T14:05:09Z`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.remedy.setting import Setting

How = Literal["set", "default", "absent"]


class Held(msgspec.Struct, frozen=True):
    """A mark's setting as one build has it.

    `set`: the start there says it. `default`: it is what the build gives anyway. `absent`: the
    build has no such property, so nothing can be said.
    """

    setting: Setting
    how: How


class Started(msgspec.Struct, frozen=True, tag="started"):
    """Powered on by `build`, with what it was born with.

    `arguments` are as the user wrote them, `guest` the canonical ones; `machine` is the concrete
    machine type, `uuid` the guest's own (empty: none given), `portrait` the digest under which
    the portrait of its birth is kept, `accel` what runs it.
    """

    at: str
    build: str
    identity: BuildIdentity
    machine: str
    arguments: tuple[str, ...]
    guest: tuple[str, ...]
    portrait: str
    accel: str
    uuid: str = ""


class Moved(msgspec.Struct, frozen=True, tag="moved"):
    """Arrived on `build`, which was started with the settings `held` says are `set`.

    `portrait` is the digest of what that build makes of the guest when it starts it so; empty
    where it could not be taken.
    """

    at: str
    build: str
    identity: BuildIdentity
    portrait: str
    held: tuple[Held, ...] = ()


class Reset(msgspec.Struct, frozen=True, tag="reset"):
    """Reset from within or without: its devices begin anew, its process and properties stay."""

    at: str


class Off(msgspec.Struct, frozen=True, tag="off"):
    """Powered off: nothing of it is carried any further."""

    at: str


Event = Started | Moved | Reset | Off
