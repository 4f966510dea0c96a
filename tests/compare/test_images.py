"""What follows from an assumed size is no difference; what follows from two known ones is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.compare.comparison import compare
from qcompat.compare.devices import PropertyDiffers
from qcompat.compare.memory import Block, BlockDiffers
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Portrait
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]
KNOWN = "-drive if=none,id=d,format=qcow2,file=a.qcow2,size=20G"
UNKNOWN = "-drive if=none,id=d,format=qcow2,file=a.qcow2"


def with_disk(portrait: Portrait, drive: str, cylinders: str) -> Portrait:
    """The portrait of a guest that has this drive too, with what QEMU makes of its size."""
    own = parse([*portrait.guest.arguments, *drive.split()])
    disk = msgspec.structs.replace(portrait.devices[0], properties={"cyls": cylinders})
    return msgspec.structs.replace(portrait, guest=own, devices=(disk, *portrait.devices[1:]))


@pytest.mark.parametrize(
    ("drive", "expected"), [(KNOWN.replace("20G", "1G"), [("2", "9")]), (UNKNOWN, [])]
)
def test_a_geometry_differs_only_where_both_sizes_are_known(
    recording: Recording, drive: str, expected: list[tuple[str, str]]
) -> None:
    plain = recording("empty@7.2.22")
    found = compare(with_disk(plain, KNOWN, "2"), with_disk(plain, drive, "9"))
    told = [d for d in found.of(PropertyDiffers) if d.name == "cyls"]
    assert [(d.source, d.target) for d in told] == expected


def test_ends_with_the_same_assumption_are_compared(recording: Recording) -> None:
    plain = recording("empty@7.2.22")
    one, other = with_disk(plain, UNKNOWN, "2"), with_disk(plain, UNKNOWN, "9")
    assert compare(one, other).of(PropertyDiffers)
    assert judge(one, one).forward.verdict == "ok"


def test_an_assumption_beside_another_size_leaves_the_answer_open(recording: Recording) -> None:
    plain = recording("empty@7.2.22")
    ends = with_disk(plain, KNOWN, "2"), with_disk(plain, UNKNOWN, "2")
    for verdict in (judge(*ends).forward, judge(*ends).back):
        assert verdict.verdict == "unknown"
        assert [finding.case for finding in verdict.findings] == ["size"]


def test_flash_of_an_assumed_size_blocks_nothing(recording: Recording) -> None:
    plain = recording("empty@7.2.22")
    assert plain.stream is not None
    flash = msgspec.structs.replace(plain.stream.ram[0], name="system.flash0", length=4096)
    longer = msgspec.structs.replace(flash, length=8192)

    def having(block: object, drive: str) -> Portrait:
        assert plain.stream is not None
        stream = msgspec.structs.replace(plain.stream, ram=(*plain.stream.ram, block))
        return msgspec.structs.replace(with_disk(plain, drive, "2"), stream=stream)

    known = compare(having(flash, KNOWN), having(longer, KNOWN)).of(BlockDiffers)
    assert [each.source for each in known] == [Block("system.flash0", 4096)]
    assert not compare(having(flash, KNOWN), having(longer, UNKNOWN)).of(BlockDiffers)
