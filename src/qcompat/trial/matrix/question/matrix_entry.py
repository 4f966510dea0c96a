"""An entry of the matrix: one guest under the name that it has there.

Entries are made in `selection`; how several of them share one guest is `packed_guest`.
"""

from __future__ import annotations

import msgspec

from qcompat.guest.guest import Guest
from qcompat.machine.observe.device_setup import DeviceSetup


class MatrixEntry(msgspec.Struct, frozen=True):
    """One guest to try on every ordered pair of builds.

    `name` is unique among the entries of a machine type. `setup` is the device of a small
    guest, made ready to stand beside others; None for a guest that is only tried by itself
    (a guest of the user's, a processor type, a device with properties of its own).
    """

    name: str
    machine: str
    guest: Guest
    setup: DeviceSetup | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the entry is found by."""
        return (self.machine, self.name)
