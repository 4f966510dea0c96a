"""What a guest is: the guest-visible part of a QEMU command line.

`arguments` reads it from arguments, `stand_ins` replaces its backends, `single` makes a guest
around one device, `given` reads guests from files.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Loss = Literal["migration", "state", "view", "condition", "nothing"]
"""What an answer lacks without a part of the guest.

`migration`: QEMU refuses to migrate a guest that has it, and the twin has it not. `state`: its
migration stream has, or may have, what the portrait's has not. `view`: the guest can see it, and it
is not compared. `condition`: QEMU refuses to migrate the guest while the condition in the reason
holds. `nothing`: it belongs to the host, or is the same on both ends.
"""


class Uncovered(msgspec.Struct, frozen=True):
    """A part of the guest that a portrait cannot show, and why.

    `subject` names it as the user wrote it (`-device vfio-pci,host=01:00.0`), `reason` says why
    it is left out (`a host device is never opened`), `loses` what the answer lacks by that.
    `device` is the type of a device that is left out, which a build may know something about.
    `assumes_size`: the size of an image is not known, and that of its stand-in an assumption, which
    is no fact beside the other end's.
    """

    subject: str
    reason: str
    loses: Loss = "state"
    device: str = ""
    assumes_size: bool = False

    @property
    def counts(self) -> bool:
        """Whether nothing certain can be said of the guest without it."""
        return self.loses not in ("condition", "nothing")

    @property
    def is_noted(self) -> bool:
        """Whether it is only worth a note, since no finding is made of it."""
        return self.loses == "nothing"


class Guest(msgspec.Struct, frozen=True, eq=False):
    """A guest, ready to be started by any build.

    `arguments` are canonical QEMU arguments, backends already replaced by stand-ins, without
    anything that belongs to the host (monitor, display, daemon, accelerator). Equal guests
    have equal arguments, so they are the guest's identity. `machine` is the machine type as
    the user wrote it (an alias is resolved by the build). `network_namespace` says that a
    stand-in has to make taps, which the launcher allows in a private namespace. `accelerators`
    are those that the user's line asks for, first choice first: no part of the guest. Nor is `own`,
    the user's words themselves, about which builds are asked what a stand-in hides: it is kept in
    no file.
    """

    machine: str
    arguments: tuple[str, ...]
    uncovered: tuple[Uncovered, ...] = ()
    network_namespace: bool = False
    accelerators: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guest) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    @property
    def _parts(self) -> tuple[object, ...]:
        """All but the user's words: guests that were given in different words can be equal."""
        return msgspec.structs.astuple(self)[:-1]

    @property
    def missing(self) -> tuple[Uncovered, ...]:
        """The uncovered parts that count."""
        return tuple(part for part in self.uncovered if part.counts)
