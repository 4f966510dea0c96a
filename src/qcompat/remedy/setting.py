"""What a setting is: one property that the target is given, and what it is set on.

How it is found is `verdict.search`, how it goes into a command line `edit`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Reach = Literal["device", "type", "cpu", "machine", "argument"]


class Setting(msgspec.Struct, frozen=True, order=True):
    """One property and its value, as QEMU spells them.

    `reach` says what it is set on: one `device`, found by `path` (as in `portrait.Device`), all
    devices of a `type`, the guest's processors (`cpu`) or its `machine`. `driver` is the QOM type
    that has the property. `restores` is true where it is the source's own value.

    `removes` has the guest's own setting of the property left out, since the target has no such
    property; `value` is then what the guest had.

    With the reach `argument` it is a whole option of the command line: `driver` is the option
    (`-smp`), `name` is empty, `value` what the source gives it, and `instead_of` what of the
    target's it takes the place of; with `removes`, `value` is the target's and goes.

    `kind` is QEMU's word for the property's type (`uint16`, `bool`, `OnOffAuto`), empty where it
    is not known: JSON and libvirt want values with their types.
    """

    driver: str
    name: str
    value: str
    reach: Reach = "device"
    path: str = ""
    restores: bool = True
    removes: bool = False
    instead_of: str = ""
    kind: str = ""
