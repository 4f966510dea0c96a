"""The fields that a virtio device saves behind its queues, and which of them the target checks.

The stream keeps these bytes undescribed (`VirtioState.device_state`); what is known of them is
`virtio_states.toml`.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table


class StateField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field; see the head of `virtio_states.toml`."""

    name: str
    size: int
    times: str = ""
    relation: Literal["", "equal", "le"] = ""
    property: str = ""


class DeviceState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one kind of device saves."""

    name: str
    smallest: int
    fixed: bool
    source: str
    fields: tuple[StateField, ...]


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
