"""Guests with their real back ends against their twins: the same state, and the same loads."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.run.command import command
from qcompat.errors import CommandError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.take import take
from qcompat.qemu.incoming import receive
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save
from qcompat.qemu.supplies.names import zeros
from qcompat.stream.reader.whole import read
from qcompat.verdict.judge import judge

pytestmark = pytest.mark.lab

USER_NETWORKS = (
    *("-machine", "pc-q35-5.2", "-m", "64", "-nodefaults"),
    *("-netdev", "user,id=a,hostname=a", "-device", "e1000,netdev=a"),
    *("-nic", "user,model=rtl8139", "-net", "nic,model=pcnet", "-net", "user"),
)


def vhost_user(path: Path) -> tuple[str, ...]:
    """Two cards as DPDK's users have them."""
    return (
        *("-machine", "pc-q35-5.2", "-m", "64", "-nodefaults"),
        *("-chardev", f"socket,id=c,path={path}", "-chardev", f"socket,id=d,path={path}"),
        *("-netdev", "vhost-user,id=n,chardev=c,queues=2", "-netdev", "vhost-user,id=o,chardev=d"),
        *("-device", "virtio-net-pci,netdev=n,tx_queue_size=1024,rx_queue_size=1024,mq=on"),
        *("-device", "virtio-net-pci,netdev=o,tx_queue_size=512"),
    )


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Path]:
    """The socket of a real vhost-user process, with the features of DPDK's."""
    path = tmp_path / "socket"
    program = Path(__file__).with_name("vhost_user_process.py")
    with subprocess.Popen([sys.executable, program, path], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield path
        running.kill()


def with_tpm(path: Path, device: str = "tpm-crb") -> tuple[str, ...]:
    return (
        *("-machine", "pc-q35-5.2", "-m", "64", "-nodefaults"),
        *("-chardev", f"socket,id=chrtpm,path={path}"),
        *("-tpmdev", "emulator,id=tpm-tpm0,chardev=chrtpm"),
        *("-device", f"{device},tpmdev=tpm-tpm0,id=tpm0"),
    )


@contextlib.contextmanager
def emulated_tpm(place: Path) -> Iterator[Path]:
    """The socket of swtpm, with a state of its own; it ends when QEMU leaves it."""
    if shutil.which("swtpm") is None:
        pytest.skip("swtpm is not installed")
    with tempfile.TemporaryDirectory(dir=place) as state:
        path = Path(state, "socket")
        words = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}"]
        with subprocess.Popen([*words, "--ctrl", f"type=unixio,path={path}"]) as running:
            while not path.exists():
                assert running.poll() is None
                time.sleep(0.05)
            yield path
            running.kill()


async def saved(
    build: Build, arguments: Sequence[str], accel: Accel, place: Sequence[Path] = ()
) -> io.BytesIO:
    """What the build really sends of a guest with real back ends."""
    stream = io.BytesIO()
    async with launch(command(build, writable=place), ["-accel", accel, *arguments]) as qemu:
        await save(qemu, stream)
    return stream


def sections(stream: io.BytesIO) -> list[tuple[str, int]]:
    stream.seek(0)
    return [(section.idstr, section.instance_id) for section in read(stream).sections]


async def portrait(build: Build, guest: Guest, accel: Accel) -> Portrait:
    return await take(build, guest, learn(build, cache=cache_home()), accel=accel)


@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
async def test_a_twin_sends_the_sections_of_its_user_networks(
    builds: Mapping[str, Build], accel: Accel, version: str
) -> None:
    twin = parse(USER_NETWORKS)
    real = sections(await saved(builds[version], USER_NETWORKS, accel))
    assert real == sections(await saved(builds[version], twin.arguments, accel))
    assert len([name for name, _ in real if name == "slirp"]) == 3


@pytest.mark.parametrize(
    ("source", "target", "loads"),
    [("10.0.13", "7.2.22", False), ("7.2.22", "10.0.13", True), ("10.0.13", "11.1.3", True)],
)
async def test_several_user_networks_load_as_foretold(
    builds: Mapping[str, Build], accel: Accel, source: str, target: str, loads: bool
) -> None:
    stream = await saved(builds[source], USER_NETWORKS, accel)
    real = await receive(command(builds[target]), ["-accel", accel, *USER_NETWORKS], stream)
    assert real.loads is loads, real.message
    twin = parse(USER_NETWORKS)
    start = await portrait(builds[source], twin, accel)
    assert (
        judge(start, await portrait(builds[target], twin, accel)).forward.verdict != "blocked"
    ) is loads


@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
@pytest.mark.parametrize("machine", ["pc-q35-5.2", "pc-i440fx-5.2", "microvm"])
async def test_a_kernel_adds_no_state_and_no_memory(
    builds: Mapping[str, Build], accel: Accel, version: str, machine: str
) -> None:
    """So a twin without it stands for the guest, and the part counts as nothing lost."""
    boots = ("-kernel", zeros(1 << 16), "-append", "console=ttyS0")
    line = ("-machine", machine, "-m", "64", "-nodefaults")
    assert all(part.loses == "nothing" for part in parse([*line, *boots]).uncovered)
    kept: list[tuple[list[tuple[str, int]], str]] = []
    for arguments in (line, (*line, *boots)):
        async with launch(command(builds[version]), ["-accel", accel, *arguments]) as qemu:
            stream, blocks = io.BytesIO(), await qemu.monitor("info ramblock")
            await save(qemu, stream)
        kept.append((sections(stream), _names_and_sizes(blocks)))
    assert kept[0] == kept[1]


def _names_and_sizes(blocks: str) -> str:
    """Of `info ramblock`, without where each block lies."""
    return "\n".join(sorted(" ".join(line.split()[:6]) for line in blocks.splitlines()))


@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
async def test_a_twin_takes_the_queues_of_vhost_user(
    builds: Mapping[str, Build], accel: Accel, version: str, process: Path
) -> None:
    real = sections(await saved(builds[version], vhost_user(process), accel, [process.parent]))
    twin = parse(vhost_user(process))
    assert real == sections(await saved(builds[version], twin.arguments, accel))
    seen = await portrait(builds[version], twin, accel)
    assert seen.refusal is None
    assert 1024 in {size for device in seen.virtio for size in device.queue_sizes}


@pytest.mark.parametrize(
    ("source", "target"), [("5.2.0", "7.2.22"), ("10.0.13", "7.2.22"), ("7.2.22", "11.1.3")]
)
async def test_vhost_user_cards_load_as_foretold(
    builds: Mapping[str, Build], accel: Accel, source: str, target: str, process: Path
) -> None:
    arguments = vhost_user(process)
    stream = await saved(builds[source], arguments, accel, [process.parent])
    end = command(builds[target], writable=[process.parent])
    real = await receive(end, ["-accel", accel, *arguments], stream)
    twin = parse(arguments)
    start = await portrait(builds[source], twin, accel)
    foretold = judge(start, await portrait(builds[target], twin, accel)).forward.verdict
    assert (foretold != "blocked") is real.loads, real.message


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-bios {}", "Size mismatch: pc.bios"),
        ("-device e1000,romfile={}", "Size mismatch: 0000:00:01.0/e1000.rom"),
        ("-drive if=pflash,format=raw,file={}", "Size mismatch: system.flash0"),
    ],
)
async def test_a_file_of_another_size_is_refused_as_foretold(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, words: str, said: str
) -> None:
    guests = []
    for size in (2 << 20, 4 << 20):
        file = tmp_path / f"{size}"
        with file.open("wb") as made:
            made.truncate(size)
        given = words.format(file).split()
        guests.append(("-machine", "pc-q35-7.2", "-m", "64", "-nodefaults", *given))
    source, target = builds["7.2.22"], builds["10.0.13"]
    stream = await saved(source, guests[0], accel, [tmp_path])
    end = command(target, writable=[tmp_path])
    real = await receive(end, ["-accel", accel, *guests[1]], stream)
    assert said in real.message
    start = await portrait(source, parse(guests[0]), accel)
    finding = judge(start, await portrait(target, parse(guests[1]), accel)).forward.findings[0]
    assert (finding.rule, finding.certainty) == ("ram_block_size_changed", "certain")
    assert "/qcompat/" not in (finding.remedy or "")
    assert (
        judge(start, await portrait(target, parse(guests[0]), accel)).forward.verdict != "blocked"
    )


@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
@pytest.mark.parametrize("device", ["tpm-crb", "tpm-tis"])
async def test_a_twin_sends_the_sections_of_an_emulated_tpm(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, version: str, device: str
) -> None:
    with emulated_tpm(tmp_path) as path:
        real = sections(await saved(builds[version], with_tpm(path, device), accel, [tmp_path]))
    twin = parse(with_tpm(tmp_path / "gone", device))
    assert real == sections(await saved(builds[version], twin.arguments, accel))
    assert {"tpm-emulator", device} <= {name for name, _ in real}


@pytest.mark.parametrize(("source", "target"), [("10.0.13", "7.2.22"), ("7.2.22", "11.1.3")])
async def test_an_emulated_tpm_loads_as_foretold(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, source: str, target: str
) -> None:
    with emulated_tpm(tmp_path) as here:
        stream = await saved(builds[source], with_tpm(here), accel, [tmp_path])
    with emulated_tpm(tmp_path) as there:
        end = command(builds[target], writable=[tmp_path])
        real = await receive(end, ["-accel", accel, *with_tpm(there)], stream)
    twin = parse(with_tpm(tmp_path / "gone"))
    start = await portrait(builds[source], twin, accel)
    foretold = judge(start, await portrait(builds[target], twin, accel)).forward.verdict
    assert (foretold in ("ok", "drift")) is real.loads, real.message


@contextlib.contextmanager
def exported_disk(place: Path, build: Build) -> Iterator[Path]:
    """The socket of a real process that serves a disk by vhost-user, from a build's own root."""
    root = Path(build.root)
    program = root / "usr/bin/qemu-storage-daemon"
    loader = next(root.glob("usr/lib*/**/ld-linux-x86-64.so.2"), None)
    if loader is None or not program.exists():
        pytest.skip(f"{build.name} came without qemu-storage-daemon")
    libraries = root / "usr/lib/x86_64-linux-gnu"
    with tempfile.TemporaryDirectory(dir=place) as state:
        path = Path(state, "socket")
        disk = "driver=null-co,node-name=d,size=1073741824"
        export = f"type=vhost-user-blk,id=e,node-name=d,addr.type=unix,addr.path={path},writable=on"
        started = [str(loader), "--library-path", str(libraries), str(program)]
        words = [*started, "--blockdev", disk, "--export", f"{export},num-queues=2"]
        with subprocess.Popen(words) as running:
            while not path.exists():
                assert running.poll() is None
                time.sleep(0.05)
            yield path
            running.kill()


def with_disk(path: Path) -> tuple[str, ...]:
    return (
        *("-machine", "pc-q35-5.2", "-m", "64", "-nodefaults", "-chardev"),
        *(f"socket,id=c,path={path}", "-device", "vhost-user-blk-pci,chardev=c,num-queues=2"),
    )


@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
async def test_a_twin_sends_the_sections_of_a_vhost_user_disk(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, version: str
) -> None:
    twin = parse(with_disk(tmp_path / "gone"))
    ours = await saved(builds[version], twin.arguments, accel)
    with exported_disk(tmp_path, builds["7.2.22"]) as path:
        try:
            real = sections(await saved(builds[version], with_disk(path), accel, [tmp_path]))
        except CommandError as error:
            assert "VHOST_USER_PROTOCOL_F_LOG_SHMFD" in error.message, "it cannot migrate at all"
            return
    assert real == sections(ours)
    assert any(name.endswith("/vhost-user-blk") for name, _ in real)


@pytest.mark.parametrize(
    ("device", "version", "verdicts"),
    [
        ("vhost-user-fs-pci,tag=t", "7.2.22", ("blocked",)),
        ("vhost-user-fs-pci,tag=t", "10.0.13", ("unknown",)),  # its process may keep its state
        ("vhost-user-vsock-pci", "11.1.3", ("blocked",)),
        ("vhost-user-scsi-pci", "5.2.0", ("ok", "drift")),
    ],
)
async def test_a_build_says_itself_whether_a_vhost_user_device_migrates(
    builds: Mapping[str, Build],
    accel: Accel,
    device: str,
    version: str,
    verdicts: tuple[str, ...],
) -> None:
    base = ("-machine", "pc-q35-5.2", "-m", "64", "-nodefaults", "-chardev", "socket,id=c,path=x")
    seen = await portrait(builds[version], parse([*base, "-device", f"{device},chardev=c"]), accel)
    assert judge(seen, seen).forward.verdict in verdicts
    if verdicts == ("blocked",):
        assert seen.refusal is not None
        assert "non-migratable" in seen.refusal.message


@pytest.mark.parametrize(
    "line",
    [
        "-soundhw pcspk",
        "-soundhw hda,pcspk",
        "-audiodev none,id=a -audiodev none,id=b -device AC97,audiodev=a",
        "-device AC97 -device ES1370",
        "-vnc :9",
    ],
)
async def test_a_twin_on_5_2_sends_the_sections_of_its_sound(
    builds: Mapping[str, Build], accel: Accel, line: str
) -> None:
    arguments = ("-machine", "pc-q35-5.2", "-m", "64", "-nodefaults", *line.split())
    real = sections(await saved(builds["5.2.0"], arguments, accel))
    twin = sections(await saved(builds["5.2.0"], parse(arguments).arguments, accel))
    assert sorted(real) == sorted(twin)
