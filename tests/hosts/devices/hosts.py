"""Captures of hosts for tests: tests/data/hosts, one thing apart from each other.

`uso` was asked of a real kernel and of real builds (its release is a plain 6.12.0, what later
kernels have is taken out); the others are it with one thing altered: `no-uso` has taps without
USO and a bridge of MTU 1500, `bare` taps without a vnet_hdr, of `unasked` the taps are unknown,
`vhost` has vhost-net without `queue_reset`, `no-avx2` and `level7` another processor.
"""

from __future__ import annotations

from pathlib import Path

from qcompat.hosts.capture import HostCapture
from qcompat.hosts.read.recognise import read_host

PLACE = Path(__file__).parents[2] / "data" / "hosts"
BUILD, OLDER = "debian-10.0.13", "debian-7.2.22"


def path(name: str) -> Path:
    return PLACE / f"{name}.json"


def host(name: str) -> HostCapture:
    return read_host(path(name))
