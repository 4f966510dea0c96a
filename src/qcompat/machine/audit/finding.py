"""What an audit finds: one cause in the compat tables, the types it reaches, the entry to add.

Its readers write compat tables or package QEMU; `rules` says what happens to a given guest.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.machine.model import CompatEntry

Severity = Literal["breaks", "suspicious", "unknown", "harmless"]
Certainty = Literal["certain", "likely", "possible"]


class Audit(msgspec.Struct, frozen=True):
    """A lint's answer for one cause in the audited build.

    `machines` are the affected machine types, `types` the device types that the cause reaches.
    `driver` is the one name that covers them, empty where there is none. `value` is what the
    audited build gives them, `reference` what the builds named in `against` give; None where a
    build has no such property or nothing was compared. `entries` are ready to paste into
    `table`, both empty where no entry would help. The severity `unknown` says that the
    facts do not suffice; it never means that all is well.
    """

    lint: str
    severity: Severity
    certainty: Certainty
    explanation: str
    driver: str
    property: str
    types: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    value: str | None = None
    reference: str | None = None
    against: tuple[str, ...] = ()
    entries: tuple[CompatEntry, ...] = ()
    table: str = ""


def paste(audit: Audit) -> str:
    """The entries as QEMU's sources write them (hw/core/machine.c, `GlobalProperty`)."""
    return "\n".join(
        f'{{ "{each.driver}", "{each.property}", "{each.value}" }},' for each in audit.entries
    )
