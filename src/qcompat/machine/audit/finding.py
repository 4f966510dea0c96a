"""What an audit says: one cause in the compat tables, whom it reaches, and the entry for it.

It speaks to those who write compat tables or package QEMU; what happens to a certain guest is
the business of `rules`.
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
    `driver` is the one name that covers them, empty where none does. `value` is what the
    audited build gives them, `reference` what the builds named in `against` give; None where a
    build has no such property or nothing was compared. `entries` are ready to paste into
    `table`, both empty where no entry would help. `unknown` as a severity says that the facts
    do not suffice: it is never a clean bill.
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
    """The entries as QEMU's sources spell them (hw/core/machine.c, `GlobalProperty`)."""
    return "\n".join(
        f'{{ "{each.driver}", "{each.property}", "{each.value}" }},' for each in audit.entries
    )
