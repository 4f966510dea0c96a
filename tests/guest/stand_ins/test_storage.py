"""Disks: the stand-in keeps the size, the name, read-only and the write cache."""

from pathlib import Path

import pytest

from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    with path.open("wb") as file:
        file.truncate(3 * MIB)
    return path


def value(guest: Guest, option: str) -> str:
    return guest.arguments[guest.arguments.index(option) + 1]


def test_a_raw_drive_has_the_size_of_its_file(disk: Path) -> None:
    guest = parse(["-drive", f"file={disk},format=raw,if=none,id=d,aio=native,cache=none"])
    assert value(guest, "-drive") == (
        "if=none,id=d,format=raw,file.driver=null-co,file.size=3145728,file.read-zeroes=on"
    )
    assert guest.uncovered == ()


def test_what_lies_before_the_offset_of_a_raw_node_is_hidden(disk: Path) -> None:
    guest = parse(["-drive", f"file={disk},format=raw,offset=1M"])
    assert "file.size=2097152" in value(guest, "-drive")


def test_an_odd_size_is_rounded_up_to_a_sector_as_qemu_does(tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_bytes(b"x" * 1000)
    assert "file.size=1024," in value(parse(["-drive", f"file={path},format=raw"]), "-drive")


def test_a_file_that_may_not_be_read_still_has_a_size(disk: Path) -> None:
    disk.chmod(0)
    guest = parse(["-drive", f"file={disk},format=raw"])
    assert "file.size=3145728" in value(guest, "-drive")


def test_a_block_graph_collapses_to_the_node_that_the_device_uses(disk: Path) -> None:
    guest = parse(
        [
            *("-blockdev", f"driver=file,filename={disk},node-name=bottom"),
            *("-blockdev", '{"driver":"raw","node-name":"middle","file":"bottom"}'),
            *("-blockdev", "driver=throttle,throttle-group=g,node-name=top,file=middle"),
            *("-object", "throttle-group,id=g"),
            *("-device", "virtio-blk-pci,drive=top"),
        ]
    )
    assert guest.arguments[2:] == (
        *("-blockdev", "null-co,node-name=top,size=3145728,read-zeroes=on"),
        *("-device", "virtio-blk-pci,drive=top"),
    )


def test_a_node_inside_a_node_is_found(disk: Path) -> None:
    inner = f'{{"driver":"file","filename":"{disk}"}}'
    node = f'{{"driver":"raw","node-name":"n","read-only":true,"file":{inner}}}'
    guest = parse(["-blockdev", node, "-device", "ide-hd,drive=n"])
    assert value(guest, "-blockdev") == (
        "null-co,node-name=n,size=3145728,read-zeroes=on,read-only=on"
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("file=a.qcow2,format=qcow2", "a qcow2 image is not opened"),
        ("file=a.img", "no format is given"),
        ("file=nbd:host:10809,format=raw", "not a file of this machine"),
        ("file=gone.raw,format=raw", "gone.raw cannot be examined"),
    ],
)
def test_a_size_that_cannot_be_known_is_named(fields: str, reason: str) -> None:
    guest = parse(["-drive", fields])
    assert "file.size=1073741824" in value(guest, "-drive")
    assert guest.uncovered[0].subject == f"-drive {fields}"
    assert reason in guest.uncovered[0].reason


def test_a_user_may_say_the_size() -> None:
    guest = parse(["-drive", "file=a.qcow2,format=qcow2,size=20G"])
    assert "file.size=21474836480" in value(guest, "-drive")
    assert guest.uncovered == ()


def test_an_empty_drive_stays_empty() -> None:
    guest = parse(["-drive", "if=none,id=cd,media=cdrom,aio=io_uring"])
    assert value(guest, "-drive") == "if=none,id=cd,media=cdrom"


@pytest.mark.parametrize("cache", ["cache=writethrough", "cache=directsync", "cache.writeback=off"])
def test_a_write_cache_that_is_off_stays_off(cache: str) -> None:
    assert "cache.writeback=off" in value(parse(["-drive", f"id=d,{cache}"]), "-drive")


@pytest.mark.parametrize(
    ("name", "size"), [("OVMF_CODE_4M.qcow2", 3653632), ("x_VARS.qcow2", 540672)]
)
def test_flash_of_unknown_size_is_taken_for_ovmf(name: str, size: int) -> None:
    guest = parse(["-drive", f"if=pflash,format=qcow2,file=/firmware/{name}"])
    assert f"file.size={size}," in value(guest, "-drive")


@pytest.mark.parametrize(
    "named_by",
    [
        ["-chardev", "file,id=log,path=other"],
        ["-netdev", "tap,id=n,ifname=other", "-device", "e1000,netdev=n"],
        ["-audiodev", "wav,id=a,path=other"],
    ],
)
def test_a_node_that_only_a_backend_names_is_of_no_use(named_by: list[str]) -> None:
    nodes = ["-blockdev", "null-co,node-name=used", "-blockdev", "null-co,node-name=other"]
    guest = parse([*nodes, "-device", "virtio-blk-pci,drive=used", *named_by])
    assert "node-name=used" in value(guest, "-blockdev")
    assert not any("node-name=other" in word for word in guest.arguments)
