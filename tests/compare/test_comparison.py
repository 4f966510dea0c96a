"""Two real portraits: what is matched, and that the way back is the same differences swapped."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.compare.comparison import compare
from qcompat.compare.devices import DeviceOneSided
from qcompat.compare.memory import BlockDiffers
from qcompat.compare.pci import BarDiffers, ConfigDiffers, FunctionOneSided
from qcompat.compare.stream.sections import (
    SectionOneSided,
    SectionVersionDiffers,
    SubsectionOneSided,
)
from qcompat.compare.virtio import QueuesDiffer
from qcompat.portrait.portrait import Portrait

Recording = Callable[[str], Portrait]
PAIRS = [
    ("empty@5.2.0", "empty@11.1.3"),
    ("blk@10.0.13", "blk@11.1.3"),
    ("net@7.2.22", "net-no-rom@7.2.22"),
    ("piix@7.2.22", "empty@7.2.22"),
    ("empty@7.2.22", "crypto@7.2.22"),
    ("empty-7-2@5.2.0", "empty-7-2@7.2.22"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_way_back_is_the_same_comparison_swapped(
    recording: Recording, one: str, other: str
) -> None:
    there = compare(recording(one), recording(other))
    back = compare(recording(other), recording(one))
    assert msgspec.to_builtins(there.swapped().swapped()) == msgspec.to_builtins(there)
    assert _as_set(there.swapped().differences) == _as_set(back.differences)


def test_equal_portraits_have_no_differences(recording: Recording) -> None:
    portrait = recording("blk@10.0.13")
    copy = msgspec.msgpack.decode(msgspec.msgpack.encode(portrait), type=Portrait)
    assert compare(portrait, copy).differences == ()


def test_queue_sizes_are_read_from_the_stream(recording: Recording) -> None:
    (queues,) = compare(recording("blk@10.0.13"), recording("blk@11.1.3")).of(QueuesDiffer)
    assert [queue.now for queue in queues.source] == [1024]
    assert [queue.now for queue in queues.target] == [256]


def test_missing_rom_is_a_one_sided_block_and_a_bar(recording: Recording) -> None:
    comparison = compare(recording("net@7.2.22"), recording("net-no-rom@7.2.22"))
    assert [block.name for block in comparison.of(BlockDiffers)] == [
        "0000:00:08.0/virtio-net-pci.rom"
    ]
    assert [(bar.index, bar.target) for bar in comparison.of(BarDiffers)] == [(6, None)]


def test_moved_device_is_on_one_end_at_each_address(recording: Recording) -> None:
    comparison = compare(recording("blk@7.2.22"), recording("blk-moved@7.2.22"))
    assert [f.address for f in comparison.of(FunctionOneSided)] == ["0000:00:08.0", "0000:00:09.0"]
    assert {s.idstr for s in comparison.of(SectionOneSided)} == {
        "0000:00:08.0/virtio-blk",
        "0000:00:09.0/virtio-blk",
    }


def test_version_of_a_section_is_compared(recording: Recording) -> None:
    (version,) = compare(recording("esp@5.2.0"), recording("esp@7.2.22")).of(SectionVersionDiffers)
    assert (version.idstr, version.source, version.target) == ("0000:00:08.0/pciespscsi", 1, 2)


def test_subsection_that_only_one_build_sends_is_found(recording: Recording) -> None:
    comparison = compare(recording("empty@5.2.0"), recording("empty@11.1.3"))
    assert "ich9_pm/cpuhp" in {each.name for each in comparison.of(SubsectionOneSided)}


def test_express_and_conventional_configuration_space_are_compared(recording: Recording) -> None:
    comparison = compare(recording("net-express@7.2.22"), recording("net-conventional@7.2.22"))
    sizes = [(len(each.source), len(each.target)) for each in comparison.of(ConfigDiffers)]
    assert (4096, 256) in sizes


def test_end_without_a_guest_is_not_looked_into(recording: Recording) -> None:
    comparison = compare(recording("empty-7-2@5.2.0"), recording("empty-7-2@7.2.22"))
    assert comparison.of(DeviceOneSided) == ()


def _as_set(differences: tuple[object, ...]) -> set[bytes]:
    return {type(d).__name__.encode() + msgspec.msgpack.encode(d) for d in differences}
