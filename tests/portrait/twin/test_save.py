"""A twin's stream, on real builds, against what QEMU itself saves of the same guest."""

from __future__ import annotations

import io
import resource
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import pytest

from qcompat.arch.architecture import main_memory_of
from qcompat.builds.build import Build
from qcompat.builds.learn.ask import ask
from qcompat.builds.run.command import command
from qcompat.compare.difference import Difference
from qcompat.compare.stream.layout import FieldDiffers
from qcompat.compare.stream.stream import compare_streams
from qcompat.errors import HostLacksError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.portrait.monitor_info import read_ramblock
from qcompat.portrait.portrait import Accel, MemoryBlock
from qcompat.portrait.twin.save import save
from qcompat.portrait.twin.start import Start, Twin, prepared
from qcompat.qemu import migration
from qcompat.qemu.launch import launch
from qcompat.stream.model import Stream
from qcompat.stream.reader.reader import reading
from qcompat.stream.reader.whole import read
from qcompat.stream.verify import verify

pytestmark = pytest.mark.lab

MACHINE = ("-machine", "pc-q35-5.2", "-nodefaults", "-m", "size=256M,slots=4,maxmem=64G")
DISK = ("-device", "virtio-rng-pci,id=r")
GUESTS: Mapping[str, tuple[str, ...]] = {
    "plain": (*MACHINE, *DISK),
    "i440fx": ("-machine", "pc-i440fx-5.2", "-nodefaults", "-m", "64M", *DISK),
    "numa": (
        *(*MACHINE, "-smp", "2", "-object", "memory-backend-ram,id=a,size=128M"),
        *("-object", "memory-backend-memfd,id=b,size=128M,share=on"),
        *("-numa", "node,memdev=a", "-numa", "node,memdev=b"),
    ),
    "without a configuration": ("-machine", "pc-i440fx-2.3", "-nodefaults", "-m", "64M", *DISK),
    "shared": (
        *("-machine", "pc-q35-5.2,memory-backend=m", "-nodefaults", "-m", "256M", *DISK),
        *("-object", "memory-backend-file,id=m,size=256M,mem-path=/dev/shm/x,share=on"),
    ),
    "dimm": (
        *(*MACHINE, "-object", "memory-backend-ram,id=d,size=1G", "-device", "pc-dimm,memdev=d"),
    ),
    "odd dimms": (
        *(*MACHINE, "-object", "memory-backend-ram,id=d,size=130M", "-device", "pc-dimm,memdev=d"),
        *("-object", "memory-backend-ram,id=f,size=134M", "-device", "pc-dimm,memdev=f"),
    ),
    "virtio-mem": (
        *(*MACHINE, "-object", "memory-backend-ram,id=d,size=1G"),
        *("-device", "virtio-mem-pci,memdev=d,requested-size=256M,block-size=2M"),
    ),
    "virtio-pmem": (
        *(*MACHINE, "-object", "memory-backend-ram,id=d,size=1G"),
        *("-device", "virtio-pmem-pci,memdev=d"),
    ),
    "nvdimm": (
        *("-machine", "pc-q35-5.2,nvdimm=on", *MACHINE[2:]),
        *("-object", "memory-backend-ram,id=d,size=1G", "-device", "nvdimm,memdev=d"),
    ),
}


async def plain(build: Build, guest: Guest, accel: Accel) -> tuple[Stream, list[MemoryBlock], str]:
    """What QEMU makes of the guest as it is written."""
    with tempfile.TemporaryFile() as file:
        async with launch(command(build), ["-accel", accel, *guest.arguments]) as qemu:
            blocks = list(read_ramblock(await qemu.monitor("info ramblock")))
            qtree = await qemu.monitor("info qtree")
            await migration.save(qemu, file)
        file.seek(0)
        return read(file), blocks, qtree


def machines_of(build: Build) -> str:
    return ask(build, ["-machine", "help"]).output.decode()


def with_machine(builds: Mapping[str, Build], machine: str) -> list[Build]:
    """The builds that have the machine type; there is one at least."""
    found = [build for build in builds.values() if machine in machines_of(build)]
    assert found
    return found


async def of_twin(start: Start) -> tuple[Stream, list[MemoryBlock], str]:
    with tempfile.TemporaryFile() as file:
        async with launch(start.command, start.arguments, inherit=start.inherit) as qemu:
            blocks = list(read_ramblock(await qemu.monitor("info ramblock")))
            qtree = await qemu.monitor("info qtree")
            await save(qemu, start.memory, file)
        file.seek(0)
        return read(file), blocks, qtree


@pytest.mark.parametrize("name", GUESTS)
async def test_a_twin_is_the_guest_as_it_is_written(
    builds: Mapping[str, Build], accel: Accel, name: str
) -> None:
    guest = parse(GUESTS[name])
    for build in with_machine(builds, guest.machine):
        one, blocks, qtree = await plain(build, guest, accel)
        with prepared(Twin(build, guest, accel)) as start:
            assert len(start.inherit) > 1 or accel != "kvm"
            other, twins, twins_qtree = await of_twin(start)
        assert blocks == twins
        assert qtree == twins_qtree
        assert one.configuration == other.configuration
        assert one.ram == other.ram
        assert {d for d in compare_streams(one, other) if not _is_of_a_clock(d)} == set()
        assert [s.description for s in one.sections] == [s.description for s in other.sections]


CLOCKS = frozenset({"timer", "kvmclock", "mc146818rtc", "hpet", "i8254", "i8259", "ioapic"})
"""Sections that differ between two starts: time, and interrupts that its passing raised."""


def _is_of_a_clock(difference: Difference[Any]) -> bool:
    return isinstance(difference, FieldDiffers) and difference.idstr in CLOCKS


@contextmanager
def saved() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        yield file


async def test_what_was_written_into_memory_arrives_and_nothing_else(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    guest = parse((*GUESTS["dimm"], "-m", "5G,slots=4,maxmem=64G"))
    written = {0x1000: b"low", 0x200000: b"x" * 5000, (4 << 30) + 0x3000: b"high"}
    for build in builds.values():
        with saved() as file, prepared(Twin(build, guest, accel)) as start:
            async with launch(start.command, start.arguments, inherit=start.inherit) as qemu:
                for address, data in written.items():
                    await qemu.qtest.write(address, data)
                await save(qemu, start.memory, file)
            assert file.tell() < 2 << 20
            file.seek(0)
            async with launch(
                command(build), ["-accel", accel, *guest.arguments, "-incoming", "defer"]
            ) as qemu:
                await migration.load(qemu, file)
                found = {at: await qemu.qtest.read(at, len(data)) for at, data in written.items()}
                assert found == written
                assert not any(await qemu.qtest.read(0x300000, 4096))


async def test_a_twins_stream_is_whole(builds: Mapping[str, Build], accel: Accel) -> None:
    for build in builds.values():
        with saved() as file, prepared(Twin(build, parse(GUESTS["dimm"]), accel)) as start:
            async with launch(start.command, start.arguments, inherit=start.inherit) as qemu:
                await qemu.qtest.write(0x1000, b"here")
                await save(qemu, start.memory, file)
            file.seek(0)
            with reading(file) as reader:
                assert not verify(reader).problems
            assert b"x-ignore-shared" not in _all(file)
            assert b"configuration/capabilities" not in _all(file)


def _all(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


async def test_main_memory_has_the_name_that_the_build_gives_it(
    builds: Mapping[str, Build],
) -> None:
    for build in builds.values():
        arguments = ["-accel", "tcg", "-machine", "none"]
        async with launch(command(build, kvm=False), arguments) as qemu:
            machines = await qemu.execute("query-machines")
        known = {m["name"]: main_memory_of(m["name"]) for m in machines}
        assert sum(map(bool, known.values())) > 10
        for machine in machines:
            assert known[machine["name"]] in ("", machine.get("default-ram-id"))


async def test_a_stream_can_be_saved_into_memory(newest: Build, accel: Accel) -> None:
    into = io.BytesIO()
    with prepared(Twin(newest, parse(GUESTS["plain"]), accel)) as start:
        async with launch(start.command, start.arguments, inherit=start.inherit) as qemu:
            await save(qemu, start.memory, into)
    assert into.getvalue().startswith(b"QEVM")


def test_a_limit_of_this_machine_is_no_bug(newest: Build) -> None:
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, was[1]))
    twin = Twin(newest, parse(GUESTS["plain"]), "tcg")
    try:
        with pytest.raises(HostLacksError, match="256M of guest memory") as caught, prepared(twin):
            pass
        assert caught.value.kind == "limit"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
        signal.signal(signal.SIGXFSZ, before)
