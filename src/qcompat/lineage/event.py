"""What happens to a guest from power-on to power-off, as it is recorded.

An event contains what was known when it happened and is never changed; `lineage` folds them.
`at` is given by the caller: UTC, `2026-05-03T14:05:09Z`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.remedy.setting import Setting

How = Literal["set", "default", "absent"]


class Held(msgspec.Struct, frozen=True):
    """A mark's setting as one build has it.

    `set`: the start there sets it. `default`: the build has the value by default. `absent`: the
    build has no such property, so it cannot be set.
    """

    setting: Setting
    how: How


class Started(msgspec.Struct, frozen=True, tag="started"):
    """Powered on by `build`.

    `arguments` are as the user wrote them, `guest` the canonical ones; `machine` is the concrete
    machine type, `uuid` the guest's own (empty: none given), `portrait` the digest under which
    the portrait of its start is stored, `accel` what runs it.
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

    `portrait` is the digest of the portrait of the guest as it was started there; empty where
    it could not be taken.
    """

    at: str
    build: str
    identity: BuildIdentity
    portrait: str
    held: tuple[Held, ...] = ()


class Rehearsed(msgspec.Struct, frozen=True, tag="rehearsed"):
    """Its device state was loaded by `build`, while it ran on where it is.

    `outcome` is the ending of that trial (`trial.trial.Trial.ending`), `message` QEMU's own error.
    It is of the guest as it was then: what its drivers did since is not in it.
    """

    at: str
    build: str
    identity: BuildIdentity
    outcome: str
    message: str = ""


class Reset(msgspec.Struct, frozen=True, tag="reset"):
    """Reset from inside or outside: its devices start afresh, its process and properties stay."""

    at: str


class Off(msgspec.Struct, frozen=True, tag="off"):
    """Powered off: nothing is carried any further."""

    at: str


Event = Started | Moved | Rehearsed | Reset | Off
