"""What a user adds past libvirt: <qemu:commandline>, <qemu:override>, <qemu:capabilities>."""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.errors import GuestError
from qcompat.guest.given.domain.document import QEMU
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.words import Value, Words
from qcompat.guest.given.domain.values import number
from qcompat.guest.given.form import shown
from qcompat.guest.guest import Uncovered

_CAPABILITIES = "the user changes what libvirt believes of its QEMU, and so its command line"


def added(domain: Domain) -> Words:
    """The arguments of <qemu:commandline>, as they are."""
    for argument in domain.element.iterfind(f"{QEMU}commandline/{QEMU}arg"):
        yield argument.get("value", "")
    for change in domain.element.iterfind(f"{QEMU}capabilities/*"):
        name, verb = change.get("capability"), change.tag.removeprefix(QEMU)
        domain.leave_out(Uncovered(f"<qemu:{verb} capability='{name}'>", _CAPABILITIES))


def overridden(domain: Domain, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """A device's fields with those of <qemu:override>, which come last."""
    given = dict(fields)
    for device in domain.element.iterfind(f"{QEMU}override/{QEMU}device"):
        if device.get("alias") != fields.get("id"):
            continue
        for property_ in device.iterfind(f"{QEMU}frontend/{QEMU}property"):
            name, type_ = property_.get("name", ""), property_.get("type")
            given.pop(name, None)
            if type_ != "remove":
                given[name] = _typed(property_.get("value", ""), type_)
    return given


def _typed(value: str, type_: str | None) -> Value:
    if type_ in {"signed", "unsigned"}:
        return number(value, "a property of <qemu:override>")
    if type_ == "bool":
        return value == "true"
    if type_ == "string":
        return value
    raise GuestError(
        f"a property of <qemu:override> has the type {shown(type_ or '')}",
        "types are string, signed, unsigned, bool and remove",
    )
