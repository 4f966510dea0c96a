"""Lines for what differs in a virtio device's state: features, configuration, own state."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.virtio import DeviceConfigDiffers, DeviceStateDiffers, NegotiatedDiffers
from qcompat.report.stream.line import Ends, Line, places, reading
from qcompat.stream.decode.virtio.features import named


def feature_lines(difference: NegotiatedDiffers, ends: Ends) -> Iterator[Line]:
    """Each feature that only one of the drivers has agreed on."""
    number = ends[0].device_number(difference.idstr)
    differing_bits = difference.source ^ difference.target
    for bit in range(differing_bits.bit_length()):
        if differing_bits >> bit & 1:
            (name,) = named(number, 1 << bit)
            one, other = (bool(each >> bit & 1) for each in (difference.source, difference.target))
            yield Line(difference.idstr, f"negotiated feature {name}", one, other)


def part_lines(
    difference: DeviceConfigDiffers | DeviceStateDiffers, what: str, prefix: str, ends: Ends
) -> Iterator[Line]:
    """The named parts that differ; bytes where there are none, or not the same ones."""
    one, other = (end.parts(difference.idstr, prefix) for end in ends)
    if one.keys() != other.keys() or len(difference.source) != len(difference.target):
        yield from places(difference.idstr, what, difference.source, difference.target)
        return
    for path, field in one.items():
        if field.value != other[path].value:
            yield Line(difference.idstr, path, reading(field), reading(other[path]))
