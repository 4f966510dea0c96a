"""For each host the `-cpu host,…` with which guests see the same CPU on all of them.

What a line cannot make equal is a remark. A baseline with a named model is better: `host` takes its
features and values from processor, microcode, kernel and build, so that an update of any of them
changes the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.capture import Value
from qcompat.hosts.cpu.clock import clocks_agree
from qcompat.hosts.cpu.dropped import DroppedFeature, dropped_features
from qcompat.hosts.cpu.features.dependencies import lost_with
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.features.registers import carried
from qcompat.hosts.cpu.intersection import Intersection, intersect
from qcompat.hosts.cpu.offer import CpuOffer
from qcompat.hosts.cpu.values import EQUAL, LEAST, differing, untold, value_of


class Line(msgspec.Struct, frozen=True):
    """What to start guests with on one host: `cpu` is the value of `-cpu`."""

    offer: str
    host: str
    build: str
    cpu: str
    off: tuple[str, ...]
    values: tuple[tuple[str, Value], ...]


class Lines(msgspec.Struct, frozen=True):
    """The lines of all hosts, and what happens without them.

    `fatal` are the features, with their register, whose loss ends a migration once the guest has
    used them; `silent` those that a guest loses by moving, and may then fail for. `untold` are
    values that not all captures state.
    """

    lines: tuple[Line, ...]
    features: tuple[str, ...]
    dropped: tuple[DroppedFeature, ...] = msgspec.field(name="given_up")
    fatal: tuple[str, ...]
    silent: tuple[str, ...]
    remarks: tuple[str, ...]
    untold: tuple[str, ...] = ()

    @property
    def are_needed(self) -> bool:
        """Whether plain `-cpu host` is not enough on some host."""
        return any(line.off or line.values for line in self.lines)


def lines(masks: FeatureMasks, offers: Sequence[CpuOffer]) -> Lines:
    """The lines for all offers. Errors: UsageError where the vendors differ."""
    _one_vendor(offers)
    shared = intersect(masks, offers)
    pins = dict(_pins(offers))
    lost = dropped_features(masks, offers, shared, shared.features)
    names = tuple(each.feature for each in lost)
    dangerous = carried(names)
    fatal = {each.partition(" ")[0] for each in dangerous}
    return Lines(
        lines=tuple(_line(masks, offer, shared, pins) for offer in offers),
        features=masks.names(shared.features),
        dropped=lost,
        fatal=dangerous,
        silent=tuple(name for name in names if name not in fatal),
        remarks=tuple(_remarks(offers, pins)),
        untold=untold(offers),
    )


def _one_vendor(offers: Sequence[CpuOffer]) -> None:
    vendors = sorted({offer.vendor for offer in offers} - {""})
    if len(vendors) > 1:
        raise UsageError(
            f"hosts of {' and '.join(vendors)} cannot give a guest the same CPU",
            "give the hosts of one vendor",
        )


def _line(
    masks: FeatureMasks, offer: CpuOffer, shared: Intersection, pins: dict[str, Value]
) -> Line:
    given = offer.features | masks.mask((*offer.capture.refused, *offer.capture.older))
    off = given & ~shared.features
    names = masks.names(off & ~lost_with(masks, off, given))
    values = tuple((name, value) for name, value in pins.items() if _needs(offer, name, value))
    words = [offer.capture.cpu, *(f"{name}=off" for name in names)]
    words += [f"{name}={value}" for name, value in values]
    host, build = offer.host.name, offer.capture.build
    return Line(offer.name, host, build, ",".join(words), names, values)


def _needs(offer: CpuOffer, name: str, value: Value) -> bool:
    if name == "pmu":
        return True
    of = {limit: read for read, limit in LEAST.items()}.get(name, name)
    return value_of(offer, of) != value


def _pins(offers: Sequence[CpuOffer]) -> Iterator[tuple[str, Value]]:
    """The values to set on all hosts: those of the oldest processor, and the lowest limits."""
    unequal = {each.name for each in differing(offers)}
    least = min(offers, key=lambda o: tuple(_number(value_of(o, n)) for n in EQUAL[:3]))
    identity = [name for name in EQUAL if name in unequal]
    for name in identity:
        value = value_of(least, name)
        if value is not None and "," not in str(value):
            yield name, value
    for name, limit in LEAST.items():
        if name in unequal:
            yield limit, min(_number(value_of(offer, name)) for offer in offers)
    if identity and offers[0].capture.cpu == "host":
        yield "pmu", "off"


def _number(value: Value | None) -> int:
    return value if isinstance(value, int) else 1 << 40


def _remarks(offers: Sequence[CpuOffer], pins: dict[str, Value]) -> Iterator[str]:
    unsaid = (each for each in differing(offers) if each.name in EQUAL and each.name not in pins)
    if any("," in str(value) for each in unsaid for value in each.values):
        yield (
            "the processors' names differ, and -cpu cannot set a name with a comma: "
            "a guest sees another model-id after it moved"
        )
    if "pmu" in pins:
        yield (
            "the processors differ, and the performance counters of one are not the other's: "
            "pmu=off hides them"
        )
    agree = clocks_agree(offers)
    if agree is None and offers[0].capture.accelerator == "kvm":
        yield "the clock rate of some hosts is unknown: a guest may see another rate after it moved"
    if agree is False:
        rates = ", ".join(f"{offer.name} {offer.host.tsc.khz} kHz" for offer in offers[:4])
        yield (
            f"the clocks differ by more than 250 ppm and not all hosts scale them ({rates}): "
            "a guest's TSC runs at another rate after it moved"
        )
    if names := untold(offers):
        yield (f"not all captures state {', '.join(names)}: guests may see different values there")
