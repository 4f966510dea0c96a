"""What captures of two hosts say of a guest's devices and processor: the kinds of differences.

How they are found is `hosts` and `host_cpus`, which are imported only where hosts are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from qcompat.compare.difference import Difference

if TYPE_CHECKING:
    from qcompat.hosts.capture import HostCapture
    from qcompat.hosts.cpu.migration import CpuMigration  # noqa: F401 - the name in quotes below


class HostPair(msgspec.Struct, frozen=True):
    """The hosts of the two ends."""

    source: HostCapture
    target: HostCapture


class HostOffersDiffer(Difference[int], frozen=True, kw_only=True):
    """Features that a device offers its driver on one host and not on the other.

    `why` tells by feature name why a host denies it.
    """

    address: str
    device: str
    device_id: int
    why: Mapping[str, str]


class HostTapsDiffer(Difference[tuple[str, ...]], frozen=True, kw_only=True):
    """What each end's taps have that the other end's refuse to load (`hosts.devices.taps`)."""

    address: str
    device: str


class HostUnasked(Difference[Mapping[str, str]], frozen=True, kw_only=True):
    """Features of a device of which a host does not tell whether it denies them, and why not."""

    address: str
    device: str


class HostPart(msgspec.Struct, frozen=True):
    """What a host has of what the guest wants: whether it does (None: not told), how much."""

    has: bool | None
    text: str


class HostPartsDiffer(Difference[HostPart], frozen=True, kw_only=True):
    """What the guest's `option` wants of its host, where the hosts do not have it alike."""

    what: str
    option: str


class HostPagesDiffer(Difference[int], frozen=True, kw_only=True):
    """The sizes of the blocks of a virtio-mem that names none: those of the hosts' huge pages."""

    device: str
    address: str


class HostCpusDiffer(Difference["CpuMigration"], frozen=True, kw_only=True):
    """The move of the processor: `source` is the way there, `target` the way back."""


class HostCpuUnasked(Difference[str], frozen=True, kw_only=True):
    """A host does not tell what processor it gives; the values are the reasons, or empty."""
