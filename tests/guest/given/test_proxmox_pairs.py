"""Proxmox's own pairs: the guest read from a configuration is that of `qm showcmd`.

They are not part of this repository: QCOMPAT_PROXMOX names a directory of them (src/test/cfg2cmd of
qemu-server); without it they are looked for in `shared/data/proxmox` beside the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.proxmox_pairs import scored

BESIDE = Path(__file__).parents[4] / "shared" / "data" / "proxmox"
DIRECTORY = Path(os.environ.get("QCOMPAT_PROXMOX", BESIDE))
MISSING = f"Proxmox's pairs are not in {DIRECTORY}"
SHARE = 0.9
"""At least so many of the pairs make the same guest."""


@pytest.mark.skipif(not DIRECTORY.is_dir(), reason=MISSING)
def test_the_guest_of_the_configuration_is_that_of_the_command_line() -> None:
    pairs = list(scored(DIRECTORY))
    lines = [pair for pair in pairs if not pair.refused]
    differing = [pair for pair in lines if pair.differs or pair.error]
    assert len(lines) > 80
    assert 1 - len(differing) / len(lines) >= SHARE
    assert [pair.name for pair in differing if not pair.named] == []


@pytest.mark.skipif(not DIRECTORY.is_dir(), reason=MISSING)
def test_what_proxmox_refuses_is_refused_or_named() -> None:
    refused = [pair for pair in scored(DIRECTORY) if pair.refused]
    assert refused
    assert [pair.name for pair in refused if not (pair.error or pair.named)] == []
