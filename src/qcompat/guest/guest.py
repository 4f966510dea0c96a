"""What a guest is: the guest-visible part of a QEMU command line.

`arguments` reads it from arguments, `stand_ins` replaces its backends, `single` makes a guest
around one device, `given` reads guests from files.
"""

from __future__ import annotations

import msgspec


class Uncovered(msgspec.Struct, frozen=True):
    """A part of the guest that a portrait cannot show, and why.

    `subject` names it as the user wrote it (`-device vfio-pci,host=01:00.0`), `reason` says
    what is lost (`a host device is never opened; its state is not compared`).
    """

    subject: str
    reason: str


class Guest(msgspec.Struct, frozen=True):
    """A guest, ready to be started by any build.

    `arguments` are canonical QEMU arguments, backends already replaced by stand-ins, without
    anything that belongs to the host (monitor, display, daemon, accelerator). Equal guests
    have equal arguments, so they are the guest's identity. `machine` is the machine type as
    the user wrote it (an alias is resolved by the build). `network_namespace` says that a
    stand-in has to make taps, which the launcher allows in a private namespace.
    """

    machine: str
    arguments: tuple[str, ...]
    uncovered: tuple[Uncovered, ...] = ()
    network_namespace: bool = False
