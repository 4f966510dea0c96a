from __future__ import annotations

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.take import take

pytestmark = pytest.mark.lab


async def test_after_firmware_the_bars_are_programmed(
    newest: Build, newest_facts: BuildFacts
) -> None:
    guest = parse(["-machine", "pc-q35-7.2", "-nodefaults", "-m", "128", "-device", "VGA"])
    before = await take(newest, guest, newest_facts, moment="reset", accel="tcg")
    after = await take(newest, guest, newest_facts, moment="firmware", accel="tcg")
    assert after.gaps == ()

    def bar0(portrait: Portrait) -> int:
        function = next(f for f in portrait.pci if f.address == "0000:00:01.0")
        return int.from_bytes(function.config[0x10:0x14], "little") & ~0xF

    assert bar0(before) == 0
    assert bar0(after) != 0
