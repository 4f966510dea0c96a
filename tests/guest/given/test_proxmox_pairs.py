"""Proxmox's own pairs: the guest read from a configuration is that of `qm showcmd`.

They are not part of this repository: QCOMPAT_PROXMOX names a directory of them (src/test/cfg2cmd of
qemu-server).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.proxmox_pairs import scored

DIRECTORY = os.environ.get("QCOMPAT_PROXMOX", "")
SHARE = 0.9
"""At least so many of the pairs make the same guest."""


@pytest.mark.skipif(not DIRECTORY, reason="QCOMPAT_PROXMOX names no directory of pairs")
def test_the_guest_of_the_configuration_is_that_of_the_command_line() -> None:
    pairs = list(scored(Path(DIRECTORY)))
    lines = [pair for pair in pairs if not pair.refused]
    differing = [pair for pair in lines if pair.differs or pair.error]
    assert len(lines) > 80
    assert 1 - len(differing) / len(lines) >= SHARE
    assert [pair.name for pair in differing if not pair.named] == []


@pytest.mark.skipif(not DIRECTORY, reason="QCOMPAT_PROXMOX names no directory of pairs")
def test_what_proxmox_refuses_is_refused_or_named() -> None:
    refused = [pair for pair in scored(Path(DIRECTORY)) if pair.refused]
    assert refused
    assert [pair.name for pair in refused if not (pair.error or pair.named)] == []
