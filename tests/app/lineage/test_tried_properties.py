"""Properties of a running guest are tried on its target: what is refused there is not printed."""

from __future__ import annotations

import shlex

import pytest

from qcompat.app.lineage.on_target import portraits_on
from qcompat.app.lineage.tried_properties import tried_properties
from qcompat.builds.build import Build
from qcompat.guest.arguments import parse
from qcompat.lineage.properties import KeptProperties
from qcompat.portrait.portrait import Accel
from qcompat.portrait.portraits import Portraits
from qcompat.remedy.setting import Setting

pytestmark = pytest.mark.lab

GUEST = (
    "-machine pc-q35-7.2 -m 64 -nodefaults -blockdev null-co,node-name=x,read-zeroes=on"
    " -device virtio-blk-pci,drive=x,id=disk0"
)


async def test_what_the_target_refuses_is_lost_and_the_rest_is_kept(
    newest: Build, accel: Accel
) -> None:
    portraits = Portraits.here()
    on_target = await portraits_on(portraits, newest.name, parse(shlex.split(GUEST)), (), accel)
    (disk,) = (d for d in on_target.fresh.devices if d.id == "disk0")
    values = {"queue-size": "512", "logical_block_size": "513", "seg-max-adjust": "off"}
    wanted = tuple(
        Setting(disk.type, name, value, "device", disk.path) for name, value in values.items()
    )
    found = await tried_properties(portraits, on_target, KeptProperties(wanted))
    assert [each.name for each in found.settings] == ["queue-size", "seg-max-adjust"]
    (lost,) = found.lost
    assert (lost.name, lost.value) == ("logical_block_size", "513")
    assert "power of 2" in lost.message
