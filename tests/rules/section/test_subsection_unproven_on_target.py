"""How many processors `-smp` allows, and which arguments may decide on a number of elements."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import ArgumentDiffers
from qcompat.compare.stream.sections import SubsectionOneSided
from qcompat.portrait.portrait import Portrait
from qcompat.rules.section.subsection_unproven_on_target import find, processors
from qcompat.stream.layout import Leaf

Recording = Callable[[str], Portrait]
DISK = "0000:00:08.0"


@pytest.mark.parametrize(
    ("smp", "most"),
    [
        (None, 1),
        ("2", 2),
        ("cpus=2", 2),
        ("2,maxcpus=8", 8),
        ("4,sockets=1,cores=4,threads=1", 4),
        ("sockets=2,cores=3", 6),
    ],
)
def test_processors_that_are_possible(smp: str | None, most: int) -> None:
    assert processors(smp) == most


def test_an_argument_of_a_device_with_an_id_is_seen(recording: Recording) -> None:
    portrait = recording("blk@7.2.22")
    devices = tuple(
        msgspec.structs.replace(each, id="disk0") if each.address == DISK else each
        for each in portrait.devices
    )
    facts = msgspec.structs.replace(portrait.facts, names=frozenset({"queues"}))
    portrait = msgspec.structs.replace(portrait, devices=devices, facts=facts)
    sent = Leaf("<queues>.sizes", "uint32", 4, 3, 0, bytes(12))
    lines = [f"virtio-blk-pci,id=disk0,num-queues={count}" for count in (3, 2)]
    found = find(
        Comparison(
            portrait,
            portrait,
            (
                SubsectionOneSided(
                    idstr=f"{DISK}/virtio-blk",
                    instance_id=0,
                    path="<queues>",
                    name="queues",
                    source=(sent,),
                    target=(),
                ),
                ArgumentDiffers(option="-device", source=lines[0], target=lines[1]),
            ),
        )
    )
    assert [finding.args["elements"] for finding in found] == [3]
