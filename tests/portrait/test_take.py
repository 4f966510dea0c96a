from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.take import take

pytestmark = pytest.mark.lab
HUGE_PAGE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")

_GUEST = (
    "-machine MACHINE -nodefaults -m 128 -smp 2 -device pcie-root-port,id=rp,chassis=1"
    " -netdev user,id=n -device virtio-net-pci,netdev=n,bus=rp"
    " -drive if=none,id=d,format=raw,file=/nowhere.img -device virtio-blk-pci,drive=d"
)


def _guest(machine: str, more: str = "") -> Guest:
    return parse(f"{_GUEST} {more}".replace("MACHINE", machine).split())


async def _take(build: Build, guest: Guest, accel: Accel) -> Portrait:
    return await take(build, guest, learn(build, cache=cache_home()), accel=accel)


async def test_every_build_yields_every_part(builds: Mapping[str, Build], accel: Accel) -> None:
    for build in builds.values():
        facts = learn(build, cache=cache_home())
        machine = next(m.name for m in facts.machines if m.name in ("pc-q35-5.2", "pc-q35-7.2"))
        portrait = await _take(build, _guest(machine), accel)
        assert portrait.refusal is None, portrait.refusal
        assert portrait.gaps == ()
        assert portrait.machine == machine
        assert portrait.stream is not None
        assert portrait.stream.configuration is not None
        assert portrait.stream.configuration.machine == machine
        assert {block.name for block in portrait.stream.ram} == {b.name for b in portrait.memory}
        assert portrait.cpu is not None
        assert portrait.cpu.count == 2
        assert len(portrait.cpu.properties) > 300
        assert {device.device_id for device in portrait.virtio} == {1, 2}
        assert {"etc/acpi/tables", "etc/smbios/smbios-tables"} <= {
            file.name for file in portrait.firmware
        }


@pytest.mark.skipif(not HUGE_PAGE.exists(), reason="needs a host with transparent huge pages")
async def test_virtio_mem_has_blocks_of_the_hosts_huge_pages_on_every_build(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    line = (
        "-machine pc-q35-5.2 -nodefaults -m 64M,maxmem=2G,slots=4 -device virtio-mem-pci,memdev=m"
    )
    guest = parse([*line.split(), "-object", "memory-backend-ram,id=m,size=512M"])
    for build in builds.values():
        portrait = await _take(build, guest, accel)
        (device,) = portrait.virtio  # virtio_mem_config begins with the block size
        block = int.from_bytes(device.config[:8], "little")
        assert block == max(int(HUGE_PAGE.read_text()), 1 << 20), build.name


async def test_pci_functions_agree_with_the_devices_and_the_stream(
    newest: Build, accel: Accel
) -> None:
    portrait = await _take(newest, _guest("pc-q35-7.2"), accel)
    addresses = {function.address for function in portrait.pci}
    assert addresses == {device.address for device in portrait.devices if device.address}
    lengths = {function.address: len(function.config) for function in portrait.pci}
    assert lengths["0000:00:01.0:00.0"] == 4096
    assert lengths["0000:00:1f.0"] == 256
    for function in portrait.pci:
        assert len(function.writable) == len(function.config)


async def test_masks_are_those_of_the_specification(newest: Build, accel: Accel) -> None:
    portrait = await _take(newest, _guest("pc-q35-7.2"), accel)
    network = next(f for f in portrait.pci if f.address == "0000:00:01.0:00.0")
    assert network.writable[:4] == bytes(4), "ids are read only"
    assert network.writable[0x3C] == 0xFF, "the interrupt line is the guest's to write"
    bar1 = int.from_bytes(network.writable[0x14:0x18], "little")
    assert bar1 == 0xFFFFF000, "a BAR of 4 KiB"


async def test_a_device_the_build_lacks_is_a_refusal(newest: Build, accel: Accel) -> None:
    portrait = await _take(newest, _guest("pc-q35-7.2", "-device no-such-device"), accel)
    assert portrait.refusal is not None
    assert portrait.refusal.stage == "start"
    assert "no-such-device" in portrait.refusal.message


async def test_a_device_that_cannot_be_migrated_is_a_refusal(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    shared = ["-object", "memory-backend-ram,id=m,size=1M"]
    shared += ["-device", "ivshmem-plain,memdev=m,master=off"]
    guest = parse(["-machine", "pc-q35-7.2", "-nodefaults", "-m", "128", *shared])
    portrait = await take(newest, guest, newest_facts, accel=accel)
    assert portrait.refusal is not None
    assert portrait.refusal.stage == "save"
    assert "migra" in portrait.refusal.message.lower()


async def test_two_portraits_of_the_same_guest_have_the_same_shape(
    newest: Build, accel: Accel
) -> None:
    one = await _take(newest, _guest("pc-q35-7.2"), accel)
    other = await _take(newest, _guest("pc-q35-7.2"), accel)
    assert one.devices == other.devices
    assert one.pci == other.pci
    assert one.virtio == other.virtio
    assert one.firmware == other.firmware
    assert one.cpu == other.cpu


async def test_a_build_is_asked_to_load_its_own_stream(newest: Build, accel: Accel) -> None:
    portrait = await _take(newest, _guest("pc-q35-7.2"), accel)
    assert portrait.own_load is not None
    assert portrait.own_load.loads, portrait.own_load.message


async def test_a_build_that_cannot_load_its_own_stream_is_found_out(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    """7.2 ends with an assertion when it loads a Cirrus card that it made on the ISA bus."""
    old = [build for version, build in builds.items() if version.startswith("7.2.")]
    if not old:
        pytest.skip("no build of 7.2 is registered")
    guest = parse(["-machine", "pc-q35-7.2", "-nodefaults", "-device", "isa-cirrus-vga"])
    portrait = await _take(old[0], guest, accel)
    assert portrait.stream is not None
    assert portrait.own_load is not None
    assert portrait.own_load.kind == "crashed"
    assert "Assertion" in portrait.own_load.message


async def test_a_guest_that_starts_only_to_await_a_migration_is_no_plain_refusal(
    newest: Build, accel: Accel
) -> None:
    more = "-drive if=none,id=ro,driver=null-co,read-only=on -device ide-hd,drive=ro"
    portrait = await _take(newest, _guest("pc-q35-7.2", more), accel)
    assert portrait.refusal is not None
    assert portrait.refusal.stage == "wait"
    assert "read-only" in portrait.refusal.message
