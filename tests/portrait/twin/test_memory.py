"""Which blocks of a guest's memory a twin holds in files, and what stays as it was."""

from __future__ import annotations

import pytest

from qcompat.guest.arguments import parse
from qcompat.portrait.twin.memory import Held, hold, private


def held(*arguments: str, can_look: bool = True) -> Held:
    guest = parse(["-machine", "pc-q35-7.2", *arguments])
    return hold(guest.arguments, lambda b: f"/f/{b.id}", can_look=can_look)


def objects(made: Held) -> list[str]:
    words = made.arguments
    return [words[at + 1] for at, word in enumerate(words) if word == "-object"]


def blocks(made: Held) -> dict[str, int]:
    return {block.id: block.size for block in made.blocks}


@pytest.mark.parametrize("machine", ["pc-q35-7.2", "pc-i440fx-5.2", "q35", "pc"])
def test_main_memory_becomes_a_file_under_the_name_that_the_board_gives_it(machine: str) -> None:
    made = hold(parse(["-M", machine, "-m", "2T"]).arguments, lambda _: "/f", can_look=True)
    assert objects(made) == [
        "memory-backend-file,align=2M,x-use-canonical-path-for-ramblock-id=off,id=pc.ram,size=2T,"
        "mem-path=/f,share=on"
    ]
    assert made.arguments[-4:-2] == ("-machine", "memory-backend=pc.ram")
    assert blocks(made) == {"pc.ram": 2 << 40}


def test_a_size_is_rounded_as_qemu_rounds_it() -> None:
    assert blocks(held("-m", "size=100000001B")) == {"pc.ram": 100007936}


def test_without_a_size_or_on_an_unknown_board_memory_stays_what_qemu_makes() -> None:
    assert held().blocks == ()
    assert hold(["-machine", "microvm", "-m", "1G"], str, can_look=True).blocks == ()


@pytest.mark.parametrize("size", ["8E", "16E", "5P", "0"])
def test_memory_that_no_machine_can_have_is_left_to_qemu(size: str) -> None:
    assert held("-m", size).blocks == ()


def test_numa_nodes_with_memory_of_their_own_have_no_main_memory_beside_them() -> None:
    made = held(
        *("-m", "2G", "-object", "memory-backend-ram,id=m0,size=1G", "-numa", "node,memdev=m0"),
        *("-object", "memory-backend-memfd,id=m1,size=1G,hugetlb=on,prealloc=on"),
        *("-numa", "node,memdev=m1"),
    )
    assert blocks(made) == {"m0": 1 << 30, "m1": 1 << 30}
    assert "align=2M" in objects(made)[1]
    assert "memory-backend=pc.ram" not in made.arguments


def test_numa_nodes_that_share_the_main_memory_leave_it_one_block() -> None:
    assert blocks(held("-m", "2G", "-numa", "node,mem=1G", "-numa", "node,mem=1G")) == {
        "pc.ram": 2 << 30
    }


def test_what_was_a_file_keeps_its_alignment() -> None:
    made = held("-m", "1G", "-object", "memory-backend-file,id=m,size=1G,mem-path=/x,share=on")
    assert "align" not in objects(made)[0]
    assert objects(made)[0].endswith("mem-path=/f/m")


DIMM = ("-m", "1G,slots=2,maxmem=64G", "-object", "memory-backend-ram,id=m,size=8G{}")


@pytest.mark.parametrize("device", ["pc-dimm", "nvdimm", "virtio-pmem-pci"])
def test_the_memory_of_a_device_becomes_a_file(device: str) -> None:
    words = [word.format("") for word in DIMM]
    assert blocks(held(*words, "-device", f"{device},memdev=m"))["m"] == 8 << 30


@pytest.mark.parametrize(("more", "is_private"), [("", True), (",share=on", False)])
def test_a_virtio_mem_that_looks_at_its_memory_finds_what_it_would_find(
    more: str, is_private: bool
) -> None:
    made = held(*(word.format(more) for word in DIMM), "-device", "virtio-mem-pci,memdev=m")
    assert ("m" in blocks(made)) is not is_private
    assert objects(made)[0].endswith("reserve=off") is is_private
    assert "pc.ram" in blocks(made)


def test_where_virtio_mem_hints_at_unplugged_memory_nothing_is_left_out() -> None:
    made = held(
        *(word.format("") for word in DIMM),
        *("-device", "virtio-mem-pci,memdev=m"),
        *("-object", "memory-backend-file,id=d,size=1G,mem-path=/x,share=on"),
        *("-device", "pc-dimm,memdev=d"),
        can_look=False,
    )
    assert blocks(made) == {"m": 8 << 30}
    assert not made.is_left_out
    assert objects(made)[1] == "memory-backend-ram,id=d,size=1G"


def test_a_migration_that_reads_all_memory_has_it_private() -> None:
    guest = parse(
        [
            *("-m", "1G,slots=2,maxmem=64G", "-machine", "pc-q35-7.2,memory-backend=a"),
            *("-object", "memory-backend-file,id=a,size=1G,share=on,mem-path=/x"),
            *("-object", "memory-backend-memfd,id=b,size=1G,share=on"),
            *("-device", "virtio-mem-pci,memdev=b"),
        ]
    )
    words = private(guest.arguments)
    assert "memory-backend-ram,id=a,size=1G" in words
    assert "memory-backend-file,id=b,size=1G,share=on,mem-path=/tmp" in words
    assert [w for w in words if "memory-backend-" not in w] == [
        w for w in guest.arguments if "memory-backend-" not in w
    ]
