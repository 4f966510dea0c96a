"""Features that hosts deny: their names and reasons, and what a driver has agreed on."""

from __future__ import annotations

from qcompat.compare.hosts.differences import HostOffersDiffer
from qcompat.errors import StreamError
from qcompat.hosts.devices.features import Feature, feature_of, kind_of
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.device_line import set_properties
from qcompat.rules.finding import Evidence
from qcompat.rules.subject import address_of, owner_of
from qcompat.stream.decode.virtio.features import named
from qcompat.stream.layout import leaves
from qcompat.stream.model import Section
from qcompat.stream.virtio.state import decode, transport_of


def denied(difference: HostOffersDiffer, bits: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of some bits, and the reasons why a host denies them, each once."""
    names = named(difference.device_id, bits)
    reasons = dict.fromkeys(why for name in names if (why := difference.why.get(name)))
    return tuple(names), tuple(reasons)


def evidence(difference: HostOffersDiffer) -> Evidence:
    return Evidence(
        "offered where one of the hosts denies them",
        _offered(difference, difference.source),
        _offered(difference, difference.target),
    )


def _offered(difference: HostOffersDiffer, bits: int) -> str | None:
    return ", ".join(named(difference.device_id, bits)) or None


def switched_off(portrait: Portrait, difference: HostOffersDiffer, bits: int) -> str | None:
    """The device's line with these features off; None where no property governs one of them."""
    owner = owner_of(portrait, difference.address)
    rows = _rows(difference, bits)
    if owner is None or None in rows:
        return None
    values = tuple((row.property, row.off) for row in rows if row is not None)
    return set_properties(portrait, owner, values)


def settings(difference: HostOffersDiffer, bits: int) -> str:
    """The properties that switch these features off, where there are such: `host_uso=off,…`."""
    rows = [row for row in _rows(difference, bits) if row is not None]
    return ",".join(f"{row.property}={row.off}" for row in rows)


def _rows(difference: HostOffersDiffer, bits: int) -> list[Feature | None]:
    kind = kind_of(difference.device)
    numbers = [bit for bit in range(bits.bit_length()) if bits >> bit & 1]
    return [feature_of(kind, bit) if kind else None for bit in numbers]


def agreed_at(portrait: Portrait, address: str) -> int:
    """What the driver of the virtio device at a PCI path agreed on, by the portrait's stream."""
    sections = portrait.stream.sections if portrait.stream else ()
    return next((_agreed(s) for s in sections if address_of(s.idstr) == address), 0)


def _agreed(section: Section) -> int:
    try:
        data = next((leaf.data for leaf in leaves(section) if leaf.type == "virtio"), None)
        if data is None:
            return 0
        return decode(data, transport_of(section.idstr), record=section.idstr).guest_features
    except StreamError:
        return 0
