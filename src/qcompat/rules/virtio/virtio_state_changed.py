"""The state that a virtio device saved for itself does not fit the target's device.

Devices check what must be configured the same: a memory device its address and block size, a
serial device its ports, a network device its back end's headers. Where the length follows from
the configuration alone, a state of another length is misread (`virtio_states.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.virtio import DeviceStateDiffers, SavedState
from qcompat.dataset import read_table
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import state_of, subject_of
from qcompat.stream.record import Record

RULE = Rule(
    id="virtio_state_changed",
    stage="devices",
    position=3,
    says={
        "": "The target refuses the stream: the device is configured differently there ({fields})",
    },
    foretells=("queue count", "queue state", "layout", "unknown subsection of a device", "state"),
    travels=True,
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(DeviceStateDiffers):
        state = device_states().get(state_of(difference.idstr))
        evidence = tuple(_clashes(state, difference)) if state else ()
        if evidence:
            yield _finding(difference, comparison, evidence)


def _clashes(state: DeviceState, difference: DeviceStateDiffers) -> Iterator[Evidence]:
    """A state below the smallest size is laid out differently: two such are not judged here."""
    sizes = len(difference.source.data), len(difference.target.data)
    if min(sizes) < state.smallest:
        if max(sizes) >= state.smallest:
            yield Evidence("bytes of state, in another layout", *map(str, sizes))
        return
    sent, own = values(state, difference.source.data), values(state, difference.target.data)
    for field in state.fields:
        one, other = sent.get(field.name), own.get(field.name)
        if one is None or other is None:
            continue
        if (field.relation == "equal" and one != other) or (field.relation == "le" and one > other):
            yield Evidence(field.name, f"{one:#x}", f"{other:#x}")
    rest = _unknown_size(state, difference.source)
    expected = _unknown_size(state, difference.target)
    if state.fixed and rest != expected:
        yield Evidence("bytes of state behind the known fields", str(rest), str(expected))


def _unknown_size(state: DeviceState, saved: SavedState) -> int:
    """How many bytes the configuration alone accounts for, behind the known fields.

    What a driver agreed to or turned on does not count, nor do subsections: they are its doing.
    """
    data, begin = saved.data, Record.SUBSECTION.mark
    at = re.search(re.escape(begin) + b"." + state.subsections.encode(), data, re.DOTALL)
    size = at.start() if state.subsections and at else len(data)
    known = known_size(state, data)
    optional = sum(each.size for each in state.agreed if saved.agreed >> each.feature & 1)
    counted = sum(each.length(data[known : size - optional]) for each in state.counted)
    return size - known - optional - counted


def _finding(
    difference: DeviceStateDiffers, comparison: Comparison, evidence: tuple[Evidence, ...]
) -> Finding:
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain",
        subject=subject_of(comparison.source, difference.idstr),
        args={"fields": tuple(f"{e.what} {e.source} → {e.target}" for e in evidence)},
        evidence=evidence,
    )


class StateField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field; see the head of `virtio_states.toml`."""

    name: str
    size: int
    times: str = ""
    relation: Literal["", "equal", "le"] = ""
    property: str = ""


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes that are there once the driver agreed to a feature, by its bit."""

    feature: int
    size: int


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parts of `each` bytes behind the known fields: as many as the number at `at` says, less some.

    The number has `size` bytes; a driver may change it.
    """

    at: int
    size: int
    less: int
    each: int

    def length(self, data: bytes) -> int:
        """Bytes of those parts in what is behind the known fields."""
        number = int.from_bytes(data[self.at : self.at + self.size], "big")
        return self.each * max(number - self.less, 0)


class DeviceState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one kind of device saves."""

    name: str
    smallest: int
    fixed: bool
    source: str
    fields: tuple[StateField, ...]
    agreed: tuple[Agreed, ...] = ()
    counted: tuple[Counted, ...] = ()
    subsections: str = ""


class DeviceStates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `virtio_states.toml`."""

    state: tuple[DeviceState, ...]


@cache
def device_states() -> dict[str, DeviceState]:
    table = read_table("qcompat.rules", "virtio/virtio_states.toml", DeviceStates)
    return {state.name: state for state in table.state}


def values(state: DeviceState, data: bytes) -> dict[str, int]:
    """The values of the known fields; of a repeated one none is kept."""
    found: dict[str, int] = {}
    at = 0
    for field in state.fields:
        if field.times:
            at += field.size * found.get(field.times, 0)
            continue
        found[field.name] = int.from_bytes(data[at : at + field.size], "big")
        at += field.size
    return found


def known_size(state: DeviceState, data: bytes) -> int:
    """How many bytes the known fields take."""
    found = values(state, data)
    return sum(
        field.size * (found.get(field.times, 0) if field.times else 1) for field in state.fields
    )
