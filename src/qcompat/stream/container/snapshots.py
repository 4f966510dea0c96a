"""The internal snapshots of a qcow2 image, and choosing one of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from qcompat.errors import FileFormatError, UsageError

_HINT = (
    "the state of a guest is in snapshots made by savevm, or by `virsh snapshot-create` while the"
    " guest runs; a stream can also be saved to a file of its own"
)
_MANY = 20  # snapshots that a message lists


class Snapshot(msgspec.Struct, frozen=True, rename="kebab"):
    """One internal snapshot, in the words of `qemu-img info --output=json`."""

    id: str
    name: str
    vm_state_size: int
    date_sec: int = 0

    def described(self) -> str:
        """Name, size, and time, for people."""
        return f"{self.name}, {self.vm_state_size} bytes, taken {_when(self.date_sec)}"


def choose(snapshots: Sequence[Snapshot], wanted: str | None, image: str) -> Snapshot:
    """The snapshot with the name or number `wanted`; if None, the only one with a guest's state.

    Names come before numbers. Errors: UsageError, with the snapshots that there are;
    FileFormatError if their list is missing from the file.
    """
    if not all(snapshot.id for snapshot in snapshots):
        # QEMU reads zeroes behind the end of a file (seen with 7.2 and an image cut short)
        raise FileFormatError(
            f"{image} ends before the list of its {len(snapshots)} snapshots",
            "the image was cut short in copying: copy it again",
        )
    stateful = [snapshot for snapshot in snapshots if snapshot.vm_state_size]
    if not stateful:
        raise UsageError(f"{image} holds no snapshot with the state of a guest", _HINT)
    if wanted is None:
        found, what = stateful, f"{image} holds several snapshots with the state of a guest"
    else:
        found, what = _called(snapshots, wanted), f"several snapshots in {image} match {wanted}"
    if not found:
        raise UsageError(f"{image} holds no snapshot {wanted}", _choices(stateful))
    if len(found) > 1:
        raise UsageError(what, _choices(stateful))
    if not found[0].vm_state_size:
        raise UsageError(
            f"snapshot {wanted} in {image} holds a disk, but no state of a guest",
            _choices(stateful),
        )
    return found[0]


def _called(snapshots: Sequence[Snapshot], wanted: str) -> list[Snapshot]:
    named = [snapshot for snapshot in snapshots if snapshot.name == wanted]
    return named or [snapshot for snapshot in snapshots if snapshot.id == wanted]


def _choices(snapshots: Sequence[Snapshot]) -> str:
    names = [f"{snapshot.name} (number {snapshot.id})" for snapshot in snapshots[:_MANY]]
    more = ", …" if len(snapshots) > _MANY else ""
    return f"choose one of: {', '.join(names)}{more}"


def _when(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):  # a damaged image may name any second
        return "at an unknown time"
