"""Every command line of Proxmox VE's own tests is read, and real builds start it or say why not.

They are not part of this repository: QCOMPAT_PROXMOX names a directory of them (`*.cmd`, from
src/test/cfg2cmd of qemu-server).
"""

import os
import re
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import HostLacksError, LaunchError
from qcompat.guest.given.line import guest_of
from qcompat.guest.given.recognise import recognise
from qcompat.guest.guest import Guest
from qcompat.guest.startable import without_taps
from qcompat.qemu.launch import launch

DIRECTORY = os.environ.get("QCOMPAT_PROXMOX", "")
LINES = sorted(Path(DIRECTORY).glob("*.cmd")) if DIRECTORY else []
EXPLAINED = re.compile(
    r"unsupported machine type|CPU model 'host' requires KVM|support requested features"
)
"""What a build without that machine type, or TCG, says; hints tell what to do."""

pytestmark = pytest.mark.skipif(not LINES, reason="QCOMPAT_PROXMOX names no directory of lines")


def guests(path: Path) -> tuple[Guest, ...]:
    found = recognise(path.read_bytes(), path.name)
    return tuple(guest_of(each.words, base_type=True) for each in found)


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_a_line_is_read_on_its_base_type(path: Path) -> None:
    for guest in guests(path):
        assert "+pve" not in guest.machine
        assert [each for each in guest.uncovered if "Proxmox VE" in each.reason]


@pytest.mark.lab
async def test_a_build_starts_each_line_or_says_why_not(newest: Build) -> None:
    said: dict[str, str] = {}
    for path in LINES:
        for guest in guests(path):
            try:
                words = ["-accel", "tcg", *without_taps(guest).arguments]
                async with launch(command(newest), words):
                    pass
            except (LaunchError, HostLacksError) as error:
                said[path.stem] = f"{error.message} {error.log}"
    unexplained = {name: text for name, text in said.items() if not EXPLAINED.search(text)}
    assert not unexplained
    assert len(said) < len(LINES) / 2
